import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InputError } from '../base/errors.ts';
import { listFolder } from '../base/listFolder.ts';
import { labelsFile } from '../concepts/labels.ts';
import { componentFiles } from '../diffusion/pipelineFolder.ts';
import { saeFolders } from '../sae/loadSaes.ts';
import { canonicalJson } from '../spec/canonicalJson.ts';
import type { ParsedSpec } from '../spec/parseSpec.ts';
import { resolveFolders } from '../spec/resolveFolders.ts';
import { sampleDefaults } from '../spec/schema.ts';
import type { Spec } from '../spec/schema.ts';
import { engineVersion } from './engineVersion.ts';
import type { RunDefinition } from './plan.ts';
import type { RunSummary } from './readRunFolder.ts';
import { newestFirst } from './runCatalogue.ts';
import type { RunCatalogue } from './runCatalogue.ts';

/** A seed of a spec and the run that answers it, where there is one. */
export interface SeedRun {
  readonly seed: number;
  readonly run: RunSummary | undefined;
}

/** What lies in an SAE's folder: a handful of files. */
const mostSaeFiles = 256;

/**
 * The stored runs that carrying out a spec would find, as far as that can be told without reading a weight: made by this version of the engine, of what the
 * spec asks for, with the very folders that it names, in which nothing has changed since. A moved model is not recognised; the engine, which hashes, is.
 * @param specFolder absolute: where the spec lies
 * @returns one per seed of the spec, in its order; none where the spec has errors, or names what is not there
 */
export async function runsOfSpec(parsed: ParsedSpec, specFolder: string, catalogue: RunCatalogue): Promise<SeedRun[]> {
  const { spec } = parsed;
  if (spec === undefined) return [];
  const seeds = spec.sample.seeds ?? sampleDefaults.seeds;
  const candidates = (await catalogue.list(specFolder)).filter((run): run is RunSummary =>
    run.kind === 'finished' && run.definition.engine === engineVersion && asksFor(spec, run.definition));
  const sources = candidates.length === 0 ? undefined : await sourcesOf(parsed, specFolder);
  const runs = candidates.filter((run) => sources !== undefined && isMadeFrom(run, sources, spec)).sort(newestFirst);
  return seeds.map((seed) => ({ seed, run: runs.find(({ definition }) => definition.sample.seed === seed) }));
}

/** Whether a run is one of those that a spec asks for, whatever made it, of whatever model and SAEs; sites that the spec leaves out are not compared. */
export function asksFor({ sample: asked, trace = {} }: Spec, { sample, trace: made, saes }: RunDefinition): boolean {
  const { seeds, ...wanted } = { ...sampleDefaults, ...asked };
  const steps = trace.steps === undefined || trace.steps === 'all' ? Array.from({ length: wanted.steps }, (_, step) => step) : [...trace.steps].sort((a, b) => a - b);
  return seeds.includes(sample.seed)
    && canonicalJson(wanted) === canonicalJson({ ...sample, seed: undefined })
    && (trace.branch ?? 'cond') === made.branch
    && steps.length === made.steps.length && steps.every((step, index) => step === made.steps[index])
    && (trace.sites === undefined || sameMembers(trace.sites, Object.keys(saes)));
}

/** What a spec's results are made from. */
interface Sources {
  readonly model: string;
  /** Folders of single SAEs. */
  readonly saes: readonly string[];
  /** When a file of the model or of one of these SAEs was last written or put in its place: milliseconds since the epoch. */
  readonly changed: number;
}

async function sourcesOf(parsed: ParsedSpec, specFolder: string): Promise<Sources | undefined> {
  try {
    const folders = await resolveFolders({ ...parsed, file: join(specFolder, basename(parsed.file)) });
    const saes = (await Promise.all(folders.saes.map(saeFolders))).flat();
    const model = (await componentFiles(folders.model)).map((name) => join(folders.model, name));
    const beside = await Promise.all(saes.map(async (folder) => {
      // Labels may come later: they name what a run has found, and change nothing in it.
      const files = (await listFolder(folder, mostSaeFiles)).filter(({ name }) => name !== labelsFile);
      return files.map(({ name }) => join(folder, name));
    }));
    const times = await Promise.all([...model, ...beside.flat()].map(async (path) => {
      const { mtimeMs, ctimeMs } = await stat(path);
      return Math.max(mtimeMs, ctimeMs); // a file moved over another keeps the time of its content
    }));
    return { model: folders.model, saes, changed: times.reduce((latest, time) => Math.max(latest, time), 0) };
  } catch (error) {
    if (error instanceof InputError || (error as NodeJS.ErrnoException).code !== undefined) return undefined;
    throw error;
  }
}

function isMadeFrom({ sources: made, finishedAt }: RunSummary, { model, saes, changed }: Sources, { trace }: Spec): boolean {
  const used = Object.values(made.saes);
  return made.model === model
    && (trace?.sites === undefined ? sameMembers(used, saes) : used.every((folder) => saes.includes(folder)))
    && finishedAt.getTime() >= changed;
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}
