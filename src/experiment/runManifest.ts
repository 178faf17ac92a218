import * as Type from 'typebox';
import type { Static } from 'typebox';
import { recordOf } from '../base/recordOf.ts';
import { RunDefinition } from './plan.ts';
import { Computed } from './provider/computed.ts';

/** `run.json`: what defines a run, what it made, and what that took; enough to repeat it and to check every file. */
export const RunManifest = Type.Object({
  format: Type.Literal(1),
  /** SHA-256 of the definition as JSON; the folder is named by its first half. */
  key: Type.String(),
  definition: RunDefinition,
  /** The model and SAE folders as this machine knew them; what counts are the hashes in the definition. */
  sources: Type.Object({ model: Type.String(), saes: recordOf(Type.String()) }),
  /** Scheduler timesteps of every step of the run, recorded or not. */
  timesteps: Type.Array(Type.Number()),
  /** What they count to: t = timestep / trainTimesteps; absent where that is 1000, as it nearly always is. */
  trainTimesteps: Type.Optional(Type.Integer({ minimum: 1 })),
  /** Latents [channels, height, width]. */
  latents: Type.Array(Type.Integer()),
  /** How previews were made: `vae`, or `linear` from latents to colours. */
  previews: Type.Union([Type.Literal('vae'), Type.Literal('linear')]),
  /** The first steps were not computed for this run but taken over from another, which was the same up to there; absent where all were. */
  shared: Type.Optional(Type.Object({ run: Type.String(), steps: Type.Integer({ minimum: 1 }) })),
  /** Of the steps that were computed for this run. */
  timings: Type.Object({ unetMs: Type.Number(), sessionMs: Type.Number(), totalMs: Type.Number() }),
  versions: recordOf(Type.String()),
  /** What computed it; absent in runs of earlier versions. */
  computed: Type.Optional(Computed),
  finishedAt: Type.String(),
  files: recordOf(Type.Object({ bytes: Type.Integer(), sha256: Type.String() })),
});
export type RunManifest = Static<typeof RunManifest>;

/** Diffusion time of some timesteps of a run. */
export function timeOf({ trainTimesteps = 1000 }: Pick<RunManifest, 'trainTimesteps'>, timesteps: Iterable<number>): number[] {
  return Array.from(timesteps, (timestep) => timestep / trainTimesteps);
}
