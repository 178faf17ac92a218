import * as Type from 'typebox';
import { hasShape } from '../../base/checkShape.ts';
import type { FromCompare } from '../../../webview/compareProtocol.ts';

const strict = { additionalProperties: false } as const;
const bare = (type: 'ready' | 'run' | 'cancel' | 'openSpec') => Type.Object({ type: Type.Literal(type) }, strict);

const fromCompareSchema = Type.Union([
  bare('ready'), bare('run'), bare('cancel'), bare('openSpec'),
  Type.Object({ type: Type.Literal('copy'), text: Type.String({ maxLength: 65_536 }) }, strict),
  Type.Object({
    type: Type.Literal('pair'), seed: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    subject: Type.Union([
      Type.Object({ role: Type.Literal('edited') }, strict),
      Type.Object({ role: Type.Union([Type.Literal('identity'), Type.Literal('random-concept'), Type.Literal('shuffled-region')]), draw: Type.Integer({ minimum: 0, maximum: 1000 }) }, strict),
    ]),
  }, strict),
]);

/** A message from a compare panel, once it is known to be one; undefined for anything else. Nothing else of what a panel sends is ever looked at. */
export function readFromCompare(message: unknown): FromCompare | undefined {
  return hasShape(fromCompareSchema, message) ? message : undefined;
}
