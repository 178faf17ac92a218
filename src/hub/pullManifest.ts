import { join } from 'node:path';
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { hasShape } from '../base/checkShape.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import type { PullPlan } from './planPull.ts';

/** Stands in every folder that was pulled. */
export const manifestName = 'dmi-pull.json';

const PullManifest = Type.Object({
  dmiPull: Type.Literal(1),
  /** `owner/name`. */
  id: Type.String(),
  /** Address of the hub. */
  hub: Type.String(),
  /** As asked for. */
  revision: Type.String(),
  /** What all files are of. */
  commit: Type.String(),
  kind: Type.Union([Type.Literal('pipeline'), Type.Literal('sae')]),
  /** Of the repository, where only that was pulled. */
  folder: Type.Optional(Type.String()),
  files: Type.Array(Type.Object({ path: Type.String(), size: Type.Integer(), sha256: Type.Optional(Type.String()), gitSha1: Type.Optional(Type.String()) })),
});
/** Twenty thousand files with their paths and checksums. */
const maxBytes = 16 * 2 ** 20;

/** What was pulled: enough to pull the same again, and to check every file. */
export type PullManifest = Static<typeof PullManifest>;

export function manifestOf({ id, revision, commit, kind, folder, files }: PullPlan, endpoint: URL): PullManifest {
  return {
    dmiPull: 1, id, hub: endpoint.href, revision, commit, kind, ...(folder !== '' && { folder }),
    files: files.map(({ to, size, checksum }) => ({ path: to, size, [checksum.kind === 'sha256' ? 'sha256' : 'gitSha1']: checksum.hex })),
  };
}

/** What a folder says was pulled into it; undefined where it says nothing. */
export async function readManifest(folder: string): Promise<PullManifest | undefined> {
  try {
    const value = await readJsonFile(join(folder, manifestName), { maxBytes });
    return hasShape(PullManifest, value) ? value : undefined;
  } catch {
    return undefined;
  }
}
