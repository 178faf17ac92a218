import type { EditDefinition } from '../../src/experiment/editDefinition.ts';
import type { ControlName, ExperimentOutcome, Interval, MeasureOutcome } from '../../src/study/outcome.ts';
import type { CompareData, LivePair, PairData, Subject } from '../compareProtocol.ts';
import { generateRun, largeSites, panelSite } from '../timeline/generate.ts';

/** What invented experiments look like; for tests and screenshots, and no part of the panel. */
export interface GenerateOptions {
  readonly steps?: number;
  readonly seeds?: number;
  /** First step in which the edit acts. */
  readonly from?: number;
  readonly where?: EditDefinition['where'];
  /** Seeds whose edited run failed. */
  readonly failed?: readonly number[];
  /** It is being carried out: how many steps of the edited run are done. */
  readonly live?: number;
  /** Its edited run is done, and so many steps of a control. */
  readonly control?: number;
  /** With 5 sites of 5120 concepts. */
  readonly large?: boolean;
  readonly overrides?: Partial<CompareData>;
}

type Outcome = NonNullable<CompareData['outcome']>;

const site = 'mid_block.attentions.0';
const sites = [{ site: 'down_blocks.1.attentions.0', side: 16, n: 768, k: 8 }, { site, side: 8, n: 896, k: 8 }].map(panelSite);
const controls: readonly ControlName[] = ['identity', 'random-concept', 'shuffled-region'];
const pixels = 64;

/** An experiment that moves the house to the right, as it would be told of. */
export function generate({ overrides = {}, live, ...options }: GenerateOptions = {}): CompareData {
  return {
    title: 'house-to-the-right', specName: 'house.dmi.json', outcome: generateOutcome(options),
    state: live === undefined ? { kind: 'done', seconds: 41, cached: false } : { kind: 'running', seed: 1, step: 0, done: 150 + live, total: 620, secondsLeft: 34, part: { phase: 'runs', role: 'house-to-the-right' } },
    stale: false, canRun: true, language: 'en', ...overrides,
  };
}

/** Its outcome, with numbers of the size that such an edit gives. */
export function generateOutcome({ steps = 30, seeds = 4, from = 0, where = 'right', failed = [] }: GenerateOptions = {}): Outcome {
  const all = Array.from({ length: seeds }, (_, seed) => seed);
  const house = Number(Object.entries(sites[1].labels).find(([, label]) => label === 'red house')?.[0]);
  const run = (role: string, seed: number): { seed: number; folder: string | null; fault?: string } =>
    (role === 'edited' && failed.includes(seed) ? { seed, folder: null, fault: 'the U-Net answered NaN at step 7' } : { seed, folder: `/ws/.dmi/runs/${role}-${seed}` });
  const late = Math.min(from / 20, 1);
  const measure = (edit: number, spread: number, control: Readonly<Record<ControlName, number>>, baseline?: number): MeasureOutcome => {
    const perSeed = all.map((seed) => (failed.includes(seed) ? null : edit + spread * Math.sin(7 * seed + 1)));
    return {
      ...interval(edit, spread, perSeed.filter((value) => value !== null).length), perSeed,
      ...(baseline === undefined ? {} : { baseline: interval(baseline, spread / 2, seeds) }),
      gain: interval(edit - (baseline ?? 0), spread, seeds),
      controls: Object.fromEntries(controls.map((name) => [name, { ...interval(control[name], name === 'identity' ? 0 : spread, 3 * seeds), draws: name === 'identity' ? 1 : 3, perSeed: all.map((seed) => control[name] + spread * Math.cos(5 * seed)), gain: interval(control[name] - (baseline ?? 0), spread, 3 * seeds) }])),
      definition: 'as invented for tests',
    };
  };
  const measures: ExperimentOutcome['measures'] = {
    'presence:house': measure(0.92 - 0.5 * late, 0.07, { identity: 0.5, 'random-concept': 0.48, 'shuffled-region': 0.61 }, 0.5),
    'iou:house': measure(0.63 - 0.5 * late, 0.12, { identity: 0.04, 'random-concept': 0.06, 'shuffled-region': 0.21 }, 0.04),
    'inside.perceptual': measure(0.41 - 0.3 * late, 0.05, { identity: 0, 'random-concept': 0.13, 'shuffled-region': 0.27 }),
    'outside.perceptual': measure(0.12 - 0.1 * late, 0.03, { identity: 0, 'random-concept': 0.11, 'shuffled-region': 0.2 }),
    'outside.ssim': measure(0.81 + 0.15 * late, 0.04, { identity: 1, 'random-concept': 0.87, 'shuffled-region': 0.72 }),
    ood: measure(0.021, 0.004, { identity: 0.0006, 'random-concept': 0.019, 'shuffled-region': 0.024 }, 0.0006),
  };
  return {
    why: 'does the early mid block decide where things stand?', prompt: 'a red house left and a blue tree right, meadow', totalSteps: steps,
    t: Array.from({ length: steps }, (_, step) => 1 - step / steps), seeds: all,
    edits: [{ site, concepts: [house], operation: 'add', amount: 6, unit: 'mean', where, elsewhere: 'ablate', branch: 'cond', steps: Array.from({ length: 12 }, (_, step) => from + step).filter((step) => step < steps) }],
    baseline: all.map((seed) => run('baseline', seed)), edited: all.map((seed) => run('edited', seed)),
    controls: [
      { control: 'identity', draw: 0, runs: all.map((seed) => run('identity', seed)) },
      ...[0, 1, 2].map((draw) => ({ control: 'random-concept' as const, draw, runs: all.map((seed) => run(`random-${draw}`, seed)) })),
      ...[0, 1, 2].map((draw) => ({ control: 'shuffled-region' as const, draw, runs: all.map((seed) => run(`shuffled-${draw}`, seed)) })),
    ],
    without: [], identityHolds: true, measures,
    expectations: [
      { measure: 'presence:house', min: 0.5, value: measures['presence:house'].value, passed: true, reason: 'the mean 0.92 is at least 0.5' },
      { measure: 'outside.ssim', min: 0.85, value: measures['outside.ssim'].value, passed: false, reason: 'the mean 0.81 is less than 0.85' },
    ],
    cost: { unetCalls: 620, naiveUnetCalls: 1080, seconds: 41 },
  };
}

/** The runs of one seed. */
export function generatePair(seed: number, subject: Subject, { steps = 30, from = 0, failed = [], large = false }: GenerateOptions = {}): PairData {
  const panelSites = large ? largeSites.map(panelSite) : sites;
  const columns = Array.from({ length: steps }, (_, step) => step);
  const by = subject.role === 'edited' ? 0.46 : subject.role === 'identity' ? 0 : subject.role === 'random-concept' ? 0.04 * (1 + subject.draw) : 0.14;
  const gone = subject.role === 'edited' && failed.includes(seed);
  return {
    seed, subject, steps: columns, t: columns.map((step) => 1 - step / steps), sites: panelSites,
    baseline: generateRun(seed, panelSites, { steps, filled: steps, side: pixels }),
    other: gone ? null : generateRun(seed, panelSites, { steps, filled: steps, side: pixels, edit: { from, by } }),
    fault: gone ? 'the U-Net answered NaN at step 7' : '',
  };
}

/** The second seed in the making: its unedited run is done. */
export function generateLive({ live = 0, control, ...options }: GenerateOptions): LivePair {
  const { steps, t, baseline, other } = generatePair(1, { role: 'edited' }, options);
  const { edits, seeds, totalSteps } = generateOutcome(options);
  const upTo = (column: number, run: PairData['other']): (Uint8Array | null)[] => (run?.previews ?? []).map((preview, at) => (at < column ? preview : null));
  return { seed: 1, index: 1, seeds: seeds.length, totalSteps, steps, t, edits, baseline: baseline?.previews ?? [], edited: upTo(control === undefined ? live : totalSteps, other), control: control === undefined ? null : { role: 'random-concept', draw: 1, previews: upTo(control, generatePair(1, { role: 'random-concept', draw: 1 }, options).other) } };
}

function interval(value: number, spread: number, n: number): Interval {
  return { value, low: value - spread, high: value + spread, n };
}
