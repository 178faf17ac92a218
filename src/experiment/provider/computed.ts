import * as Type from 'typebox';
import type { Static } from 'typebox';
import { recordOf } from '../../base/recordOf.ts';
import { Placement } from '../../onnx/placement.ts';
import { Agreement } from './agreement.ts';

/** One provider's trial. */
export const Trial = Type.Object({
  provider: Type.String(),
  /** Milliseconds of a U-Net step; null where none was timed. */
  stepMs: Type.Union([Type.Number(), Type.Null()]),
  /** Absent of the CPU, with which the others are compared, and where it could not be used. */
  agreement: Type.Optional(Agreement),
  placement: Type.Optional(Placement),
  /** Why it cannot be used. */
  fault: Type.Optional(Type.String()),
  /** What took part beside the networks; edits with concepts. Absent: nothing. */
  with: Type.Optional(Type.Union([Type.Literal('concepts'), Type.Literal('edits')])),
  /** It took a process along that computed with it, whatever its trial said. */
  crashed: Type.Optional(Type.Literal(true)),
  /** A process that computed with it was gone before it came to its end; nobody knows why. */
  unfinished: Type.Optional(Type.Literal(true)),
});
export type Trial = Static<typeof Trial>;

/** What computed a run, and how that was decided. */
export const Computed = Type.Object({
  /** `auto`, or a provider. */
  asked: Type.String(),
  /** Provider of each network of the pipeline. */
  networks: recordOf(Type.String()),
  onnxRuntime: Type.String(),
  /** The processor; ONNX Runtime does not tell the name of another device. */
  device: Type.Optional(Type.String()),
  /** Of another provider than the CPU: its trial on this machine. Under `auto` every provider's. */
  trials: Type.Optional(Type.Array(Trial)),
});
export type Computed = Static<typeof Computed>;
