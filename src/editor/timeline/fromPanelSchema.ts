import * as Type from 'typebox';
import { hasShape } from '../../base/checkShape.ts';
import { Region, Window } from '../../spec/schema.ts';
import type { FromPanel } from '../../../webview/protocol.ts';

const strict = { additionalProperties: false } as const;

/** A painting is made at the size of the picture it lies on. */
const side = Type.Integer({ minimum: 1, maximum: 1024 });
const site = Type.String({ minLength: 1, maxLength: 200 });
const concept = Type.Integer({ minimum: 0, maximum: 1e7 });

const painting = Type.Object({ painted: Type.Object({ width: side, height: side, data: Type.Unknown() }, strict) }, strict);

const bare = (type: 'ready' | 'run' | 'cancel' | 'openSpec' | 'compare' | 'report') => Type.Object({ type: Type.Literal(type) }, strict);

const fromPanelSchema = Type.Union([
  bare('ready'), bare('run'), bare('cancel'), bare('openSpec'), bare('compare'), bare('report'),
  Type.Object({ type: Type.Literal('copy'), text: Type.String({ maxLength: 65_536 }) }, strict),
  Type.Object({ type: Type.Literal('select'), site, concept, step: Type.Integer({ minimum: 0, maximum: 999 }) }, strict),
  Type.Object({
    type: Type.Literal('insertEdit'),
    edit: Type.Object({
      site, concept, add: Type.Number({ minimum: -1e6, maximum: 1e6 }), during: Window, where: Type.Union([Region, painting]),
    }, strict),
  }, strict),
]);

/** A message from a panel, once it is known to be one; undefined for anything else. Nothing else of what a panel sends is ever looked at. */
export function readFromPanel(message: unknown): FromPanel | undefined {
  if (!hasShape(fromPanelSchema, message)) return undefined;
  if (message.type === 'insertEdit' && typeof message.edit.where === 'object') {
    const { where } = message.edit;
    if ('mask' in where) return undefined; // a panel names no files
    if ('painted' in where) {
      const { width, height, data } = where.painted;
      if (!(data instanceof Uint8Array) || data.length !== width * height) return undefined;
    }
  }
  return message as FromPanel;
}
