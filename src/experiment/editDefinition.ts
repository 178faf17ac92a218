import * as Type from 'typebox';
import type { Static } from 'typebox';

const unitInterval = Type.Number({ minimum: 0, maximum: 1 });
const point = Type.Tuple([unitInterval, unitInterval]);

/** Where an edit acts, free of paths: a mask is known by the hash of its pixels, a concept by its number. */
const regionDefinition = Type.Union([
  Type.String(),
  Type.Object({ box: Type.Tuple([unitInterval, unitInterval, unitInterval, unitInterval]) }),
  Type.Object({ polygon: Type.Array(point) }),
  Type.Object({ mask: Type.String() }),
  /** Where the summed map of these concepts, min-max normalised, reaches `above` at that step. */
  Type.Object({ concepts: Type.Array(Type.Integer({ minimum: 0 })), above: unitInterval }),
]);

/** One edit of a run as far as it decides what is computed: no labels, no defaults, no window but the steps that fall into it. */
export const EditDefinition = Type.Object({
  site: Type.String(),
  /** Concepts whose activations are read, ascending. */
  concepts: Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1 }),
  operation: Type.Union([Type.Literal('add'), Type.Literal('scale'), Type.Literal('set')]),
  amount: Type.Number(),
  /** Of `amount`; `raw` for `scale`. */
  unit: Type.Union([Type.Literal('raw'), Type.Literal('mean'), Type.Literal('norm'), Type.Literal('share')]),
  where: regionDefinition,
  elsewhere: Type.Union([Type.Literal('keep'), Type.Literal('ablate')]),
  branch: Type.Union([Type.Literal('cond'), Type.Literal('uncond'), Type.Literal('both'), Type.Literal('contrast')]),
  /** Steps in force, ascending, never empty. */
  steps: Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1 }),
  /** Control: concepts along whose directions is written instead, one for each of `concepts`; the sum keeps the norm that it would have had, cell by cell. */
  writes: Type.Optional(Type.Array(Type.Integer({ minimum: 0 }))),
  /** Control: seed of the order into which the cells of the region are shuffled. */
  shuffle: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type EditDefinition = Static<typeof EditDefinition>;
export type RegionDefinition = Static<typeof regionDefinition>;
