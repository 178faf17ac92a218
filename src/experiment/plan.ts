import * as Type from 'typebox';
import type { Static } from 'typebox';
import { recordOf } from '../base/recordOf.ts';
import { sha256Text } from '../base/sha256.ts';
import { defaultProvider } from '../onnx/provider.ts';
import { canonicalJson } from '../spec/canonicalJson.ts';
import type { ResolvedSpec } from '../spec/resolveSpec.ts';
import { schedulerNames } from '../spec/schedulerNames.ts';
import { EditDefinition } from './editDefinition.ts';
import { engineVersion } from './engineVersion.ts';

/** Everything that decides what a run computes, and nothing else: no paths, and not what is shown of it. */
export const RunDefinition = Type.Object({
  engine: Type.String(),
  /** Hash of the pipeline. */
  model: Type.String(),
  sample: Type.Object({
    prompt: Type.String(), negativePrompt: Type.String(), seed: Type.Integer(),
    scheduler: Type.Enum([...schedulerNames]), steps: Type.Integer({ minimum: 1 }), guidanceScale: Type.Number(),
    /** Left out where it is 0. */
    guidanceRescale: Type.Optional(Type.Number()),
  }),
  trace: Type.Object({
    branch: Type.Union([Type.Literal('cond'), Type.Literal('uncond'), Type.Literal('both')]),
    /** Recorded steps, ascending. */
    steps: Type.Array(Type.Integer({ minimum: 0 })),
  }),
  /** Hash of the SAE of each traced site, in the order of the network. */
  saes: recordOf(Type.String()),
  /** What computes, as ONNX Runtime calls it: its arithmetic shows in the last digits of all results. Left out for the CPU. */
  provider: Type.Optional(Type.String()),
  /** What is changed on the way, in the order in which the edits of a site are summed up; absent where nothing is. */
  edits: Type.Optional(Type.Array(EditDefinition, { minItems: 1 })),
  /** Hash of the SAE of each edited site that is not traced; absent where there is none. */
  editors: Type.Optional(recordOf(Type.String())),
});
export type RunDefinition = Static<typeof RunDefinition>;

/** One generation to come. */
export interface RunPlan {
  /** SHA-256 of the definition in canonical JSON. */
  readonly key: string;
  readonly definition: RunDefinition;
  /** How often the U-Net is asked: steps are counted in these. */
  readonly calls: number;
}

/**
 * The runs of a spec: one per seed.
 * @param model hash of the pipeline. @param saeHashes by site. @param provider what is to compute them
 */
export function planRuns({ sample: { seeds, ...sample }, trace, calls }: Pick<ResolvedSpec, 'sample' | 'trace' | 'calls'>, model: string, saeHashes: ReadonlyMap<string, string>, provider: string): RunPlan[] {
  const saes = Object.fromEntries(trace.sites.flatMap((site) => {
    const hash = saeHashes.get(site);
    return hash === undefined ? [] : [[site, hash] as const];
  }));
  return seeds.map((seed) => {
    const definition: RunDefinition = {
      engine: engineVersion, model, sample: { ...sample, seed }, trace: { branch: trace.branch, steps: [...trace.steps] }, saes,
      ...(provider !== defaultProvider && { provider }),
    };
    return { key: sha256Text(canonicalJson(definition)), definition, calls };
  });
}

/**
 * The same generation with edits.
 * @param edits none that changes nothing. @param saeHashes by site; of every edited site
 * @returns `plan` itself where there are no edits
 */
export function withEdits(plan: RunPlan, edits: readonly EditDefinition[], saeHashes: ReadonlyMap<string, string>): RunPlan {
  if (edits.length === 0) return plan;
  const { saes } = plan.definition;
  const editors = Object.fromEntries(edits.flatMap(({ site }) => {
    const hash = saeHashes.get(site);
    return hash === undefined || site in saes ? [] : [[site, hash] as const];
  }));
  // The order in which they were written changes nothing. That of two edits must not hang on their steps either: where both are in force they are summed up in it.
  const sorted = edits.map((edit) => [canonicalJson({ ...edit, steps: undefined }) + canonicalJson(edit.steps), edit] as const).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, edit]) => edit);
  const definition: RunDefinition = { ...plan.definition, edits: sorted, ...(Object.keys(editors).length > 0 && { editors }) };
  return { key: sha256Text(canonicalJson(definition)), definition, calls: plan.calls };
}
