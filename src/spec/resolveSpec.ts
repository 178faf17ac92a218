import { closest } from '../base/closest.ts';
import { InputError } from '../base/errors.ts';
import { listed, phrase, type Phrase } from '../base/phrase.ts';
import type { JsonPath } from './jsonPath.ts';
import { requireSpec, type ParsedSpec } from './parseSpec.ts';
import { stepBeyond } from './remark.ts';
import type { SchedulerName } from './schedulerNames.ts';
import { sampleDefaults, type Edit, type Experiment, type Region, type Spec, type Window } from './schema.ts';

/** What the SAEs at hand know; made by whoever loads them. */
export interface ConceptDirectory {
  /** Every site that has an SAE, in the order of the network. */
  readonly sites: readonly string[];
  /** Number of concepts of a site's SAE: ids run from 0 to one less. */
  size(site: string): number;
  /** Ids of the concepts that bear a label, ascending; none where the label is unknown. */
  idsOf(site: string, label: string): readonly number[];
  /** Every label at a site, for suggestions. */
  labels(site: string): readonly string[];
}

/** A spec with every default filled in and every label turned into ids. No paths: equal questions resolve to equal values anywhere. */
export interface ResolvedSpec {
  readonly sample: Readonly<Required<Omit<Spec['sample'], 'guidanceRescale'>>> & { /** Left out where it is 0. */ readonly guidanceRescale?: number };
  /** How often a run asks the U-Net: steps are counted in these. */
  readonly calls: number;
  readonly trace: ResolvedTrace;
  readonly experiments: Readonly<Record<string, ResolvedExperiment>>;
}

export interface ResolvedTrace {
  readonly sites: readonly string[];
  readonly branch: 'cond' | 'uncond' | 'both';
  /** Ascending. */
  readonly steps: readonly number[];
  /** How many of the strongest concepts are reported per site. */
  readonly top: number;
  /** Ids that are reported in any case, per site, ascending. */
  readonly always: Readonly<Record<string, readonly number[]>>;
}

export interface ResolvedExperiment extends Readonly<Required<Omit<Experiment, 'edits' | 'why'>>> {
  readonly edits: readonly ResolvedEdit[];
}

export interface ResolvedEdit {
  readonly site: string;
  /** Ids, ascending. */
  readonly concepts: readonly number[];
  /** `ablate: true` is `scale` by 0. */
  readonly operation: 'add' | 'scale' | 'set';
  readonly amount: number;
  /** Of `amount`; `raw` for `scale`, which has none. */
  readonly unit: 'raw' | 'mean' | 'norm' | 'share';
  readonly where: Exclude<Region, { concept: unknown }> | { readonly concepts: readonly number[]; readonly above: number };
  readonly elsewhere: 'keep' | 'ablate';
  readonly during: Window;
  readonly branch: 'cond' | 'uncond' | 'both' | 'contrast';
}

/** What a pipeline makes of what a spec says, or does not say, of sampling. @throws InputError */
export type ResolveSampler = (asked: { readonly scheduler?: SchedulerName | undefined; readonly steps: number }) => { readonly scheduler: SchedulerName; readonly calls: number };

/**
 * Fill in defaults and turn labels into concept ids.
 * @throws InputError when the spec has errors, or names a site, a label or a concept number that the SAEs do not have
 */
export function resolveSpec(parsed: ParsedSpec, directory: ConceptDirectory, resolveSampler: ResolveSampler): ResolvedSpec {
  const spec = requireSpec(parsed);
  const finder = new ConceptFinder(parsed, directory);
  const { guidanceRescale = 0, ...asked } = { ...sampleDefaults, ...spec.sample };
  const { scheduler, calls } = resolveSampler(asked);
  const experiments = Object.entries(spec.experiments ?? {}).map(([name, experiment]) => [name, resolveWith(experiment, ['experiments', name], finder)] as const);
  return { sample: { ...asked, scheduler, ...(guidanceRescale > 0 && { guidanceRescale }) }, calls, trace: resolveTrace(spec.trace ?? {}, calls, finder), experiments: Object.fromEntries(experiments) };
}

/**
 * Fill in the defaults of one experiment, as it stands or varied, and turn its labels into concept ids.
 * @param path of the experiment, for errors. @throws InputError when it names a site, a label or a concept number that the SAEs do not have
 */
export function resolveExperiment(experiment: Experiment, path: JsonPath, parsed: ParsedSpec, directory: ConceptDirectory): ResolvedExperiment {
  return resolveWith(experiment, path, new ConceptFinder(parsed, directory));
}

/** Controls that an experiment has without asking. */
const defaultControls: ResolvedExperiment['controls'] = ['identity', 'random-concept', 'shuffled-region'];

function resolveWith({ edits, controls = defaultControls, measure = [], expect = {} }: Experiment, path: JsonPath, finder: ConceptFinder): ResolvedExperiment {
  return { edits: edits.map((edit, index) => resolveEdit(edit, [...path, 'edits', index], finder)), controls, measure, expect };
}

function resolveTrace(trace: NonNullable<Spec['trace']>, stepCount: number, finder: ConceptFinder): ResolvedTrace {
  const { branch = 'cond', steps = 'all', concepts = {} } = trace;
  if (steps !== 'all') steps.forEach((step, index) => { finder.requireStep(step, stepCount, ['trace', 'steps', index]); });
  trace.sites?.forEach((site, index) => { finder.requireSite(site, ['trace', 'sites', index]); });
  const sites = finder.directory.sites.filter((site) => trace.sites?.includes(site) ?? true);
  const always = new Map(sites.map((site) => [site, new Set<number>()]));
  concepts.always?.forEach((concept, index) => {
    for (const [site, ids] of finder.findAnywhere(concept, sites, ['trace', 'concepts', 'always', index])) {
      for (const id of ids) always.get(site)?.add(id);
    }
  });
  return {
    sites, branch,
    steps: steps === 'all' ? Array.from({ length: stepCount }, (_, step) => step) : ascending(steps),
    top: concepts.top ?? 24,
    always: Object.fromEntries([...always].map(([site, ids]) => [site, ascending(ids)])),
  };
}

function resolveEdit(edit: Edit, path: JsonPath, finder: ConceptFinder): ResolvedEdit {
  const { site, unit = 'mean', where = 'everywhere', elsewhere = 'keep', during = 'all', branch = 'cond' } = edit;
  finder.requireSite(site, [...path, 'site']);
  const concepts = Array.isArray(edit.concept)
    ? edit.concept.flatMap((concept, index) => finder.find(concept, site, [...path, 'concept', index]))
    : finder.find(edit.concept, site, [...path, 'concept']);
  const common = {
    site, concepts: ascending(new Set(concepts)),
    where: typeof where === 'object' && 'concept' in where
      ? { concepts: finder.find(where.concept, site, [...path, 'where', 'concept']), above: where.above ?? 0.1 }
      : where,
    elsewhere, during, branch,
  };
  if (edit.add !== undefined) return { ...common, operation: 'add', amount: edit.add, unit };
  if (edit.set !== undefined) return { ...common, operation: 'set', amount: edit.set, unit };
  return { ...common, operation: 'scale', amount: edit.scale ?? 0, unit: 'raw' };
}

function ascending(numbers: Iterable<number>): number[] {
  return [...numbers].sort((a, b) => a - b);
}

/** Looks concepts up, and says where in the spec it failed. */
class ConceptFinder {
  readonly directory: ConceptDirectory;
  readonly #parsed: ParsedSpec;

  constructor(parsed: ParsedSpec, directory: ConceptDirectory) {
    this.#parsed = parsed;
    this.directory = directory;
  }

  requireSite(site: string, path: JsonPath): void {
    const { sites } = this.directory;
    if (!sites.includes(site)) throw this.#fault(hinted(phrase`no SAE for the site "${site}"`, site, sites), path, phrase`Sites with an SAE: ${some(sites)}.`);
  }

  requireStep(step: number, count: number, path: JsonPath): void {
    const { message, remedy } = stepBeyond(step, count);
    if (step >= count) throw this.#fault(message, path, remedy);
  }

  /** Ids of a concept at one site. */
  find(concept: number | string, site: string, path: JsonPath): readonly number[] {
    return [...this.findAnywhere(concept, [site], path).values()].flat();
  }

  /** Ids of a concept at every site that has it; it is an error when none has. */
  findAnywhere(concept: number | string, sites: readonly string[], path: JsonPath): Map<string, readonly number[]> {
    const found = new Map<string, readonly number[]>();
    for (const site of sites) {
      const ids = typeof concept === 'string' ? this.directory.idsOf(site, concept) : [concept].filter((id) => id < this.directory.size(site));
      if (ids.length > 0) found.set(site, ids);
    }
    if (found.size > 0) return found;
    if (typeof concept === 'number') {
      const ranges = sites.map((site) => `0 to ${this.directory.size(site) - 1} at ${site}`);
      throw this.#fault(phrase`concept ${concept} does not exist`, path, phrase`Concept numbers: ${listed(ranges)}.`);
    }
    const labels = [...new Set(sites.flatMap((site) => this.directory.labels(site)))].sort();
    throw this.#fault(hinted(phrase`no concept is labelled "${concept}"`, concept, labels), path, phrase`Labels: ${some(labels)}.`);
  }

  #fault(message: Phrase, path: JsonPath, remedy: Phrase): InputError {
    return new InputError(message, { file: this.#parsed.file, place: this.#parsed.placeOf(path), remedy });
  }
}

/** What is wrong with a word, and what was most likely meant by it. */
function hinted(message: Phrase, word: string, known: readonly string[]): Phrase {
  const near = closest(word, known);
  return near === undefined ? message : phrase`${message}; did you mean "${near}"?`;
}

function some(names: readonly string[]): Phrase {
  return names.length === 0 ? phrase`none` : listed(names);
}
