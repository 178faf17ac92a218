import { english, phrase, type Phrase } from '../base/phrase.ts';
import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import type { StoredRun } from '../experiment/runStore.ts';
import type { Judge } from '../judge/judge.ts';
import { unionOf } from './askedRegion.ts';
import { captionOf } from './captionOf.ts';
import type { ExperimentPlan, RunGroup } from './experimentPlan.ts';
import { crossedInterval, meanInterval } from './interval.ts';
import { createMeasures } from './measures/createMeasures.ts';
import type { Measure, RegionAt, Trial } from './measures/measure.ts';
import { needsRegion } from './measures/measureName.ts';
import type { ControlName, ExperimentOutcome, MeasureOutcome } from './outcome.ts';
import type { RunHealth } from './runHealth.ts';
import type { RunPictures } from './runPictures.ts';

/** What became of the run with a key: it is finished, or why it failed. */
export type RunLookup = (key: string) => { readonly run: StoredRun } | { readonly fault: Phrase };

/** What measuring needs beside the runs. */
export interface MeasureContext {
  readonly judge: Judge | undefined;
  readonly prompt: string;
  readonly pictures: RunPictures;
  /** By key of the edited run; none where `ood` is not measured. */
  readonly health: ReadonlyMap<string, RunHealth>;
  readonly signal: AbortSignal;
}

/**
 * Measure the edited runs and those of every control, each beside the unedited run of its seed.
 * @throws InputError when a run is damaged or the judge cannot read its picture; CancelledError
 */
export async function measureExperiment(plan: ExperimentPlan, lookup: RunLookup, context: MeasureContext): Promise<ExperimentOutcome['measures']> {
  const [baseline, edited] = plan.groups;
  const measures = createMeasures(plan.measures, captionOf(plan, context.prompt), context.judge);
  const regions = await Promise.all(edited.plans.map(async ({ key }) => {
    const found = lookup(key);
    return 'run' in found ? await unionOf(plan.regions, found.run) : undefined;
  }));
  const unsure = Math.max(0, ...regions.map((region) => region?.unsure ?? 0));
  const sampler = new Sampler([baseline, edited], regions.map((region) => region?.at), measures, lookup, context);
  const own = await sampler.sample(edited);
  const drawn: { control: ControlName; draw: number; group: RunGroup; samples: Samples }[] = [];
  for (const entry of controlGroups(plan)) drawn.push({ ...entry, samples: await sampler.sample(entry.group) });

  const outcomes = [...measures].map(([name, measure]): [string, MeasureOutcome] => {
    const values = own.of(name);
    const byControl = new Map<ControlName, Samples[]>();
    for (const { control, samples } of drawn) byControl.set(control, [...byControl.get(control) ?? [], samples]);
    const definition = unsure > 0 && needsRegion(name) ? inUnsureRegion(measure.definition, unsure) : measure.definition;
    return [name, {
      ...meanInterval(values.value), perSeed: values.value, gain: meanInterval(values.gain),
      ...(!measure.comparison && { baseline: meanInterval(values.unedited) }),
      ...(name === 'ood' && { normRatio: meanInterval(own.normRatios) }),
      controls: Object.fromEntries([...byControl].map(([control, draws]) => {
        const rows = draws.map((samples) => samples.of(name));
        return [control, {
          ...crossedInterval(rows.map(({ value }) => value)), draws: draws.length, gain: crossedInterval(rows.map(({ gain }) => gain)),
          perSeed: baseline.plans.map((_, seed) => meanInterval(rows.map(({ value }) => value[seed])).value),
        }];
      })),
      definition: english(definition), definitionPhrase: definition,
    }];
  });
  return Object.fromEntries(outcomes);
}

function inUnsureRegion(definition: Phrase, share: number): Phrase {
  return phrase`${definition}. The region follows a concept, and a trace holds only the greatest latents of a cell: of up to ${Math.ceil(100 * share)} % of its cells it does not tell whether they belong to the region. A greater k in dmi-sae.json tells it`;
}

/** Which runs an outcome tells of, and where they lie. */
export function referencesOf(plan: ExperimentPlan, lookup: RunLookup): Pick<ExperimentOutcome, 'baseline' | 'edited' | 'controls'> {
  const references = (group: RunGroup): ExperimentOutcome['baseline'] => group.plans.map(({ key, definition: { sample: { seed } } }) => {
    const found = lookup(key);
    return 'run' in found ? { seed, folder: found.run.folder } : { seed, folder: null, fault: english(found.fault), faultPhrase: found.fault };
  });
  const [baseline, edited] = plan.groups;
  return { baseline: references(baseline), edited: references(edited), controls: controlGroups(plan).map(({ control, draw, group }) => ({ control, draw, runs: references(group) })) };
}

/** The runs of every control. Nothing is done to those of the identity: they are the unedited ones. */
function controlGroups({ groups: [baseline, , ...controls], identity }: ExperimentPlan): { control: ControlName; draw: number; group: RunGroup }[] {
  return [
    ...(identity ? [{ control: 'identity' as const, draw: 0, group: baseline }] : []),
    ...controls.flatMap((group) => (group.role.kind === 'control' ? [{ control: group.role.control, draw: group.role.draw, group }] : [])),
  ];
}

/** Per seed; null where a run failed or there was nothing to measure. */
interface SeedValues {
  readonly value: (number | null)[];
  readonly unedited: (number | null)[];
  readonly gain: (number | null)[];
}

interface Samples {
  of(measure: string): SeedValues;
  readonly normRatios: (number | null)[];
}

/** Holds runs against the unedited ones of their seeds. */
class Sampler {
  readonly #baseline: RunGroup;
  readonly #edited: RunGroup;
  /** Per seed; undefined where the edited run failed. */
  readonly #regions: readonly (RegionAt | undefined)[];
  readonly #measures: ReadonlyMap<string, Measure>;
  readonly #lookup: RunLookup;
  readonly #context: MeasureContext;

  constructor(
    [baseline, edited]: readonly [RunGroup, RunGroup], regions: readonly (RegionAt | undefined)[], measures: ReadonlyMap<string, Measure>, lookup: RunLookup, context: MeasureContext,
  ) {
    this.#baseline = baseline;
    this.#edited = edited;
    this.#regions = regions;
    this.#measures = measures;
    this.#lookup = lookup;
    this.#context = context;
  }

  async sample(group: RunGroup): Promise<Samples> {
    const values = new Map([...this.#measures.keys()].map((name): [string, SeedValues] => [name, { value: [], unedited: [], gain: [] }]));
    const normRatios: (number | null)[] = [];
    for (const [seed, { key }] of group.plans.entries()) {
      throwIfCancelled(this.#context.signal);
      const trial = await this.#trial(key, seed);
      normRatios.push(trial?.health?.norm ?? null);
      for (const [name, measure] of this.#measures) {
        const { value, unedited, gain } = values.get(name) ?? { value: [], unedited: [], gain: [] };
        const own = trial === undefined ? null : await measure.of(trial);
        const before = trial === undefined || measure.comparison ? null : await this.#unedited(name, measure, trial, seed);
        value.push(own);
        unedited.push(before);
        gain.push(measure.comparison ? own : own === null || before === null ? null : own - before);
      }
    }
    return { of: (measure) => values.get(measure) ?? { value: [], unedited: [], gain: [] }, normRatios };
  }

  async #trial(key: string, seed: number): Promise<Trial | undefined> {
    const { pictures } = this.#context;
    const [found, before, region] = [this.#lookup(key), this.#lookup(this.#baseline.plans[seed].key), this.#regions[seed]];
    if (!('run' in found) || !('run' in before) || region === undefined) return undefined;
    const baseline = await pictures.kept(before.run);
    return { picture: await pictures.once(found.run), baseline, region, health: this.#healthOf(key, seed) };
  }

  /** An unedited run was looked at beside the edited one of its seed. */
  #healthOf(key: string, seed: number): RunHealth | undefined {
    const { health } = this.#context;
    if (key !== this.#baseline.plans[seed].key) return health.get(key);
    const beside = health.get(this.#edited.plans[seed].key);
    return beside && { norm: 1, beyond: beside.unedited, unedited: beside.unedited };
  }

  readonly #known = new Map<string, Promise<number | null>>();

  /** The same for every group: asked once. */
  async #unedited(name: string, measure: Measure, trial: Trial, seed: number): Promise<number | null> {
    if (measure.unedited !== undefined) return measure.unedited(trial);
    const key = `${seed} ${name}`;
    const known = this.#known.get(key) ?? Promise.resolve(measure.of({ ...trial, picture: trial.baseline, health: undefined }));
    this.#known.set(key, known);
    return await known;
  }
}
