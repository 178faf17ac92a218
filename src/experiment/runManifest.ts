import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import Value from 'typebox/value';
import { readJsonFile } from '../base/jsonFile.ts';
import { RunDefinition } from './plan.ts';

/** `run.json`: what defines a run, what it made, and what that took; enough to repeat it and to check every file. */
export const RunManifest = Type.Object({
  format: Type.Literal(1),
  /** SHA-256 of the definition as JSON; the folder is named by its first half. */
  key: Type.String(),
  definition: RunDefinition,
  /** The model and SAE folders as this machine knew them; what counts are the hashes in the definition. */
  sources: Type.Object({ model: Type.String(), saes: Type.Record(Type.String(), Type.String()) }),
  /** Scheduler timesteps of every step of the run, recorded or not. */
  timesteps: Type.Array(Type.Number()),
  /** Latents [channels, height, width]. */
  latents: Type.Array(Type.Integer()),
  /** How previews were made: `vae`, or `linear` from latents to colours. */
  previews: Type.Union([Type.Literal('vae'), Type.Literal('linear')]),
  timings: Type.Object({ unetMs: Type.Number(), sessionMs: Type.Number(), totalMs: Type.Number() }),
  versions: Type.Record(Type.String(), Type.String()),
  finishedAt: Type.String(),
  files: Type.Record(Type.String(), Type.Object({ bytes: Type.Integer(), sha256: Type.String() })),
});
export type RunManifest = Static<typeof RunManifest>;

/** The manifest in `folder` when it is that of `key` and every file it lists is there in full; else undefined. */
export async function readManifest(folder: string, key: string): Promise<RunManifest | undefined> {
  const manifest = await readJsonFile(join(folder, 'run.json')).catch(() => undefined);
  if (!Value.Check(RunManifest, manifest) || manifest.key !== key) return undefined;
  const sizes = await Promise.all(Object.entries(manifest.files).map(async ([name, { bytes }]) => {
    const status = await stat(join(folder, name)).catch(() => undefined);
    return status?.size === bytes;
  }));
  return sizes.every(Boolean) ? manifest : undefined;
}
