import * as Type from 'typebox';
import { hasShape } from '../../base/checkShape.ts';
import type { FromSweep } from '../../../webview/sweepProtocol.ts';

const strict = { additionalProperties: false } as const;
const bare = (type: 'ready' | 'run' | 'cancel' | 'openSpec') => Type.Object({ type: Type.Literal(type) }, strict);
const seed = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

const fromSweepSchema = Type.Union([
  bare('ready'), bare('run'), bare('cancel'), bare('openSpec'),
  Type.Object({ type: Type.Literal('pictures'), seed }, strict),
  Type.Object({ type: Type.Literal('compare'), cell: Type.Integer({ minimum: 0, maximum: 1e6 }), seed }, strict),
]);

/** A message from a sweep panel, once it is known to be one; undefined for anything else. Nothing else of what a panel sends is ever looked at. */
export function readFromSweep(message: unknown): FromSweep | undefined {
  return hasShape(fromSweepSchema, message) ? message : undefined;
}
