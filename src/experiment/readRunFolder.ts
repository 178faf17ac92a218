import { lstat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { hasShape } from '../base/checkShape.ts';
import { InputError } from '../base/errors.ts';
import { listFolder } from '../base/listFolder.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import { sha256Text } from '../base/sha256.ts';
import { canonicalJson } from '../spec/canonicalJson.ts';
import { callsOf } from '../spec/schedulerNames.ts';
import { RunManifest } from './runManifest.ts';

/** A finished run as lists need it: its manifest, without what is needed only to repeat or to check it. */
export interface RunSummary extends Pick<RunManifest, 'key' | 'definition' | 'sources' | 'timings' | 'computed'> {
  readonly kind: 'finished';
  /** Absolute path. */
  readonly folder: string;
  /** The same for runs that differ only in their seed. */
  readonly question: string;
  readonly finishedAt: Date;
  /** Size on disk: all its files. */
  readonly bytes: number;
}

/** A run folder whose manifest holds what it says. */
interface CheckedRun {
  readonly kind: 'checked';
  /** Absolute path. */
  readonly folder: string;
  readonly manifest: RunManifest;
  /** Size on disk: all its files. */
  readonly bytes: number;
}

/**
 * Why a folder is no run: there is no `run.json`; it is too long, not JSON or of another shape; its hashes are not those of what it says;
 * or a file that it lists is missing, cut, or not a plain file.
 */
export type Damage = 'no manifest' | 'malformed manifest' | 'altered manifest' | 'incomplete';

export interface DamagedRun {
  readonly kind: 'damaged';
  /** Absolute path. */
  readonly folder: string;
  readonly damage: Damage;
}

export type RunEntry = RunSummary | DamagedRun;

/** That of 1000 recorded steps has 200 KB; parsing this much takes a few milliseconds. */
const maxManifestBytes = 2 ** 20;

/** Nothing that a manifest lists may lie elsewhere. */
const ownFile = /^(?:previews\/)?[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** More files than any run writes. */
const mostFiles = 4096;

const previewFolder = 'previews';

const needed = ['image.png', 'trace.safetensors'];

/** What a run folder holds, for a list; a cut preview goes unnoticed. @returns undefined where there is no folder */
export async function readRunFolder(folder: string): Promise<RunEntry | undefined> {
  const run = await checkRunFolder(folder, { everySize: false });
  if (run?.kind !== 'checked') return run;
  const { manifest: { key, definition, sources, timings, computed, finishedAt }, bytes } = run;
  return { kind: 'finished', folder, key, question: questionOf(definition), definition, sources, timings, ...(computed !== undefined && { computed }), finishedAt: new Date(finishedAt), bytes };
}

/** The same for runs that differ only in their seed. */
export function questionOf({ sample, ...rest }: RunManifest['definition']): string {
  return sha256Text(canonicalJson({ ...rest, sample: { ...sample, seed: undefined } }));
}

/**
 * Check a run folder by its manifest and the sizes of its files. No content but `run.json` is read, and no link is followed, so that a folder from
 * others can be looked at safely; what the files hold is for their readers to check.
 * @param options whether previews, too, are asked for their size: a list of 1000 runs would ask for 30,000
 * @returns undefined where there is no folder
 */
export async function checkRunFolder(folder: string, { everySize = true }: { everySize?: boolean } = {}): Promise<CheckedRun | DamagedRun | undefined> {
  if ((await lstatOf(folder))?.isDirectory() !== true) return undefined;
  const damaged = (damage: Damage): DamagedRun => ({ kind: 'damaged', folder, damage });
  const path = join(folder, 'run.json');
  const own = await lstatOf(path);
  if (own?.isFile() !== true) return damaged('no manifest'); // also because opening a named pipe would wait for ever
  const manifest = await readManifestOf(path);
  if (manifest === undefined || !isConsistent(manifest)) return damaged('malformed manifest');
  const { key, definition, files } = manifest;
  if (keyOf(definition) !== key || basename(folder) !== key.slice(0, 32)) return damaged('altered manifest');
  if (!await holdsAll(folder, files, everySize)) return damaged('incomplete');
  return { kind: 'checked', folder, manifest, bytes: Object.values(files).reduce((sum, file) => sum + file.bytes, own.size) };
}

async function readManifestOf(path: string): Promise<RunManifest | undefined> {
  try {
    const manifest = await readJsonFile(path, { maxBytes: maxManifestBytes });
    return hasShape(RunManifest, manifest) ? manifest : undefined;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** The key that a definition gives; undefined where what others added to it nests too deeply to be written down. */
function keyOf(definition: RunManifest['definition']): string | undefined {
  try {
    return sha256Text(canonicalJson(definition));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What the shape alone cannot say. */
function isConsistent({ definition: { sample, trace }, timesteps, files, finishedAt }: RunManifest): boolean {
  const [, mostCalls] = callsOf(sample.scheduler, sample.steps);
  return timesteps.length > 0 && timesteps.length <= mostCalls
    && trace.steps.length > 0
    && trace.steps.every((step, index) => step < timesteps.length && (index === 0 || step > trace.steps[index - 1]))
    && Number.isFinite(Date.parse(finishedAt))
    && Object.keys(files).every((name) => ownFile.test(name))
    && needed.every((name) => Object.hasOwn(files, name));
}

async function holdsAll(folder: string, files: RunManifest['files'], everySize: boolean): Promise<boolean> {
  const [previews, others] = partition(Object.keys(files), (name) => name.startsWith(`${previewFolder}/`));
  const present = previews.length === 0 ? new Set<string>() : await plainFilesOf(join(folder, previewFolder));
  if (!previews.every((name) => present.has(basename(name)))) return false;
  const whole = await Promise.all((everySize ? [...others, ...previews] : others).map(async (name) => {
    const status = await lstatOf(join(folder, name));
    return status?.isFile() === true && status.size === files[name].bytes;
  }));
  return whole.every(Boolean);
}

/** Names of the plain files in a folder; none where it is a link or no folder. */
async function plainFilesOf(folder: string): Promise<Set<string>> {
  if ((await lstatOf(folder))?.isDirectory() !== true) return new Set();
  const entries = await listFolder(folder, mostFiles);
  return new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name));
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

async function lstatOf(path: string) {
  return await lstat(path).catch(() => undefined);
}
