import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InputError } from '../base/errors.ts';
import { listFolder } from '../base/listFolder.ts';
import { labelsFile } from '../concepts/labels.ts';
import { componentFiles, modelHash } from '../diffusion/pipelineFolder.ts';
import { ownSchedulerOf } from '../diffusion/schedulers/ownScheduler.ts';
import { defaultProvider } from '../onnx/provider.ts';
import { hashSae, saeFolders } from '../sae/loadSaes.ts';
import { canonicalJson } from '../spec/canonicalJson.ts';
import type { ParsedSpec } from '../spec/parseSpec.ts';
import { resolveFolders } from '../spec/resolveFolders.ts';
import { callsOf } from '../spec/schedulerNames.ts';
import { sampleDefaults } from '../spec/schema.ts';
import type { Spec } from '../spec/schema.ts';
import type { ContentHashes } from './contentHashes.ts';
import { engineVersion } from './engineVersion.ts';
import { storedChoice } from './provider/trialStore.ts';
import type { RunDefinition } from './plan.ts';
import type { RunSummary } from './readRunFolder.ts';
import { newestFirst } from './runCatalogue.ts';
import type { RunCatalogue } from './runCatalogue.ts';

/** A seed of a spec and the run that answers it, where there is one. */
export interface SeedRun {
  readonly seed: number;
  readonly run: RunSummary | undefined;
  /** By site: where the SAEs of the run lie now. */
  readonly saes?: Readonly<Record<string, string>>;
}

/** Where runs and hashes are looked up. */
export interface RunSources {
  readonly catalogue: RunCatalogue;
  readonly hashes: ContentHashes;
  /** What computes, or `auto`: what was measured for the model, the CPU as long as nothing was. */
  readonly provider: string;
}

/** What lies in an SAE's folder: a handful of files. */
const mostSaeFiles = 256;

/**
 * The stored runs that carrying out a spec would find: made by this version of the engine, by what computes now, of what the spec asks for, with a model and SAEs of the
 * same hashes. No weight is read while somebody waits: a run of the very folders that the spec names, in which nothing has changed since, tells their hashes; else they are
 * taken in the background (as after a model was moved), and those runs are found once they are known.
 * @param specFolder absolute: where the spec lies
 * @returns one per seed of the spec, in its order; none where the spec has errors, or names what is not there
 */
export async function runsOfSpec(parsed: ParsedSpec, specFolder: string, { catalogue, hashes, provider }: RunSources): Promise<SeedRun[]> {
  const { spec } = parsed;
  if (spec === undefined) return [];
  const seeds = spec.sample.seeds ?? sampleDefaults.seeds;
  const stored = (await catalogue.list(specFolder)).filter((run) => run.kind === 'finished');
  const wanted = stored.filter(({ definition }) => definition.engine === engineVersion && asksFor(spec, definition));
  const parts = wanted.length === 0 ? undefined : await partsOf(parsed, specFolder);
  const model = parts && await hashOfModel(parts.model, stored, hashes);
  const computes = provider !== 'auto' ? provider : (model && await storedChoice(join(specFolder, '.dmi', 'cache'), model)) ?? defaultProvider;
  const scheduler = spec.sample.scheduler ?? (parts && await ownSchedulerOf(parts.model.folder));
  const ofModel = wanted.filter(({ definition }) => definition.model === model && (scheduler === undefined || definition.sample.scheduler === scheduler) && (definition.provider ?? defaultProvider) === computes);
  const saes = parts === undefined || ofModel.length === 0 ? [] : await Promise.all(parts.saes.map((sae) => knownSae(sae, stored, hashes)));
  const runs = ofModel.filter(({ definition }) => isMadeWith(definition, saes, spec)).sort(newestFirst);
  return seeds.map((seed) => {
    const run = runs.find(({ definition }) => definition.sample.seed === seed);
    return { seed, run, ...(run !== undefined && { saes: placesOf(run, saes) }) };
  });
}

/** Whether a run is one of those that a spec asks for, whatever made it, of whatever model and SAEs; sites and a scheduler that the spec leaves out are not compared. */
export function asksFor({ sample: asked, trace = {} }: Spec, { sample, trace: made, saes }: RunDefinition): boolean {
  const { seeds, guidanceRescale = 0, ...wanted } = { ...sampleDefaults, scheduler: sample.scheduler, ...asked };
  const [leastCalls] = callsOf(sample.scheduler, sample.steps);
  const { steps: recorded = 'all' } = trace;
  const steps = recorded === 'all' ? Array.from({ length: Math.max(leastCalls, made.steps.length) }, (_, step) => step) : [...recorded].sort((a, b) => a - b);
  return seeds.includes(sample.seed)
    && canonicalJson({ ...wanted, ...(guidanceRescale > 0 && { guidanceRescale }) }) === canonicalJson({ ...sample, seed: undefined })
    && (trace.branch ?? 'cond') === made.branch
    && steps.length === made.steps.length && steps.every((step, index) => step === made.steps[index])
    && (trace.sites === undefined || sameMembers(trace.sites, Object.keys(saes)));
}

/** A model or one SAE, as it lies on the disk. */
interface Part {
  readonly folder: string;
  /** All that its hash is taken of. */
  readonly files: readonly string[];
  /** When one of them was last written or put in its place: milliseconds since the epoch. */
  readonly changed: number;
}

/** What a spec's results are made from. */
interface Parts {
  readonly model: Part;
  readonly saes: readonly Part[];
}

/** An SAE and its hash, where that is known. */
interface KnownSae {
  readonly folder: string;
  readonly hash: string | undefined;
}

async function partsOf(parsed: ParsedSpec, specFolder: string): Promise<Parts | undefined> {
  try {
    const folders = await resolveFolders({ ...parsed, file: join(specFolder, basename(parsed.file)) });
    const saes = (await Promise.all(folders.saes.map(saeFolders))).flat();
    return {
      model: await partOf(folders.model, await componentFiles(folders.model)),
      saes: await Promise.all(saes.map(async (folder) => {
        // Labels may come later: they name what a run has found, and change nothing in it.
        const files = (await listFolder(folder, mostSaeFiles)).filter(({ name }) => name !== labelsFile);
        return partOf(folder, files.map(({ name }) => name));
      })),
    };
  } catch (error) {
    if (error instanceof InputError || (error as NodeJS.ErrnoException).code !== undefined) return undefined;
    throw error;
  }
}

async function partOf(folder: string, names: readonly string[]): Promise<Part> {
  const files = names.map((name) => join(folder, name)).sort();
  const times = await Promise.all(files.map(async (path) => {
    const { mtimeMs, ctimeMs } = await stat(path);
    return Math.max(mtimeMs, ctimeMs); // a file moved over another keeps the time of its content
  }));
  return { folder, files, changed: times.reduce((latest, time) => Math.max(latest, time), 0) };
}

/** @param stored runs of any question */
async function hashOfModel(model: Part, stored: readonly RunSummary[], hashes: ContentHashes): Promise<string | undefined> {
  return witness(model, stored, ({ sources, definition }) => (sources.model === model.folder ? definition.model : undefined))
    ?? await hashes.of(model.files, () => modelHash(model.folder));
}

/** @param stored runs of any question */
async function knownSae(sae: Part, stored: readonly RunSummary[], hashes: ContentHashes): Promise<KnownSae> {
  const { folder, files } = sae;
  const told = witness(sae, stored, ({ sources, definition }) => {
    const site = Object.keys(sources.saes).find((each) => sources.saes[each] === folder);
    return site === undefined ? undefined : definition.saes[site];
  });
  return { folder, hash: told ?? await hashes.of(files, () => hashSae(folder)) };
}

/** What the newest run tells that was made with a part as it is now. @param hashOf of a run: the part's hash, where it was made with that */
function witness({ changed }: Part, stored: readonly RunSummary[], hashOf: (run: RunSummary) => string | undefined): string | undefined {
  return stored.filter(({ finishedAt }) => finishedAt.getTime() >= changed).sort(newestFirst).map(hashOf).find((hash) => hash !== undefined);
}

/** Whether a run was made with the SAEs of a spec: all of them, where it names no sites. */
function isMadeWith({ saes: made }: RunDefinition, saes: readonly KnownSae[], { trace }: Spec): boolean {
  const used = Object.values(made);
  const known = saes.flatMap(({ hash }) => hash ?? []);
  return trace?.sites === undefined ? known.length === saes.length && sameMembers(used, known) : used.every((hash) => known.includes(hash));
}

function placesOf({ definition }: RunSummary, saes: readonly KnownSae[]): Record<string, string> {
  return Object.fromEntries(Object.entries(definition.saes).flatMap(([site, hash]) => {
    const sae = saes.find((each) => each.hash === hash);
    return sae === undefined ? [] : [[site, sae.folder]];
  }));
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  return canonicalJson([...a].sort()) === canonicalJson([...b].sort());
}
