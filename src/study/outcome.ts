import * as Type from 'typebox';
import type { Static } from 'typebox';
import { recordOf } from '../base/recordOf.ts';
import type { Phrase } from '../base/phrase.ts';
import { EditDefinition } from '../experiment/editDefinition.ts';

const orNull = <T extends Type.TSchema>(schema: T): Type.TUnion<[T, Type.TNull]> => Type.Union([schema, Type.Null()]);

/** A sentence for translation, three phrases deep; each stands beside its English text, which is what other programs read. */
const Said = [0, 1].reduce<Type.TSchema>((inner) => sentenceOf([inner]), sentenceOf([])) as Type.TUnsafe<Phrase>;

function sentenceOf(inner: readonly Type.TSchema[]): Type.TSchema {
  return Type.Object({ text: Type.String(), values: Type.Array(Type.Union([Type.String(), Type.Number(), ...inner])) });
}

/** A mean with its bootstrap interval (95 %) over `n` samples; nulls where there is nothing to average. */
const Interval = Type.Object({ value: orNull(Type.Number()), low: orNull(Type.Number()), high: orNull(Type.Number()), n: Type.Integer({ minimum: 0 }) });
export type Interval = Static<typeof Interval>;

const controlName = Type.Union([Type.Literal('identity'), Type.Literal('random-concept'), Type.Literal('shuffled-region')]);
export type ControlName = Static<typeof controlName>;

const MeasureOutcome = Type.Object({
  ...Interval.properties,
  /** Of each seed, in the order of the outcome's seeds; null where that run failed. */
  perSeed: Type.Array(orNull(Type.Number())),
  /** The same measure of the unedited runs, where it is not itself a comparison with them. */
  baseline: Type.Optional(Interval),
  /** Edited minus unedited, paired by seed; of a comparison, the comparison itself. */
  gain: Interval,
  /** The same measure of each control, over its draws and seeds. */
  controls: recordOf(Type.Object({
    ...Interval.properties, draws: Type.Integer({ minimum: 0 }), gain: Interval,
    /** Of each seed, the mean over the draws that have a value; null where none has. */
    perSeed: Type.Array(orNull(Type.Number())),
  })),
  /** Of `ood`: ‖Δ'‖ / ‖Δ‖, mean over the edited sites and the steps in force. */
  normRatio: Type.Optional(Interval),
  /** How the number is defined and which network gave it. */
  definition: Type.String(),
  definitionPhrase: Type.Optional(Said),
});
export type MeasureOutcome = Static<typeof MeasureOutcome>;

const RunReference = Type.Object({
  seed: Type.Integer(),
  /** Absolute folder of the stored run; null where it failed. */
  folder: orNull(Type.String()),
  /** Why it failed: NaN with its step, for example. */
  fault: Type.Optional(Type.String()),
  faultPhrase: Type.Optional(Said),
});

const Expectation = Type.Object({
  measure: Type.String(), min: Type.Optional(Type.Number()), max: Type.Optional(Type.Number()),
  value: orNull(Type.Number()), passed: Type.Boolean(), reason: Type.String(), reasonPhrase: Type.Optional(Said),
});

/** What it takes where nothing is stored. */
const Cost = Type.Object({
  /** What runs share made once. */
  unetCalls: Type.Integer(),
  /** Were each run made alone, from its first step on. */
  naiveUnetCalls: Type.Integer(),
  /** Of both: how often the U-Net is asked beyond the steps of runs, for the identity and for `ood`. */
  inspectionCalls: Type.Optional(Type.Integer()),
  /** What computing the runs took. */
  seconds: Type.Number(),
});

/** `experiment.json`: what the edits of one experiment caused, and how that is known. */
export const ExperimentOutcome = Type.Object({
  format: Type.Literal(1),
  name: Type.String(),
  why: Type.String(),
  /** The spec as the user knows it. */
  specFile: Type.String(),
  prompt: Type.String(),
  totalSteps: Type.Integer(),
  /** [steps]: diffusion time of every step. */
  t: Type.Array(Type.Number()),
  seeds: Type.Array(Type.Integer()),
  edits: Type.Array(EditDefinition),
  /** In the order of the seeds. */
  baseline: Type.Array(RunReference),
  edited: Type.Array(RunReference),
  controls: Type.Array(Type.Object({ control: controlName, draw: Type.Integer({ minimum: 0 }), runs: Type.Array(RunReference) })),
  /** Controls that were asked for and do not apply, with the reason. */
  without: Type.Array(Type.Object({ control: controlName, reason: Type.String(), reasonPhrase: Type.Optional(Said) })),
  /** Whether the splice with nothing to do left the prediction as it was, bit for bit; null where it was not asked for. */
  identityHolds: orNull(Type.Boolean()),
  measures: recordOf(MeasureOutcome),
  expectations: Type.Array(Expectation),
  cost: Cost,
  /** Hash of all that the numbers come from (see `measureKey`). */
  inputs: Type.Optional(Type.String()),
  /** Hash of the part of the spec that was carried out (see `askedHash`). */
  asked: Type.Optional(Type.String()),
});
export type ExperimentOutcome = Static<typeof ExperimentOutcome>;

/** `sweep.json`: one experiment over a grid of values. */
export const SweepOutcome = Type.Object({
  format: Type.Literal(1),
  name: Type.String(),
  of: Type.String(),
  specFile: Type.String(),
  /** JSON pointers into the experiment, each with its values as written. */
  axes: Type.Array(Type.Object({ pointer: Type.String(), values: Type.Array(Type.Unknown()) })),
  /** Row-major over the axes. `at`: which value of each axis. */
  cells: Type.Array(Type.Object({ at: Type.Array(Type.Integer({ minimum: 0 })), outcome: ExperimentOutcome })),
  cost: Cost,
  /** Hash of the part of the spec that was carried out (see `askedHash`). */
  asked: Type.Optional(Type.String()),
});
export type SweepOutcome = Static<typeof SweepOutcome>;
