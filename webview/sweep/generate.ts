import type { Interval } from '../../src/study/outcome.ts';
import type { SweepCell, SweepData } from '../sweepProtocol.ts';
import { generateRun, panelSite } from '../timeline/generate.ts';

/** What invented sweeps look like; for tests and screenshots, and no part of the panel. */
export interface GenerateOptions {
  readonly strengths?: readonly number[];
  readonly regions?: readonly string[];
  /** Measures that there are. */
  readonly measures?: readonly string[];
  readonly overrides?: Partial<SweepData>;
}

const windows = ['early', 'middle', 'late'] as const;
/** How much of the edit a window lets through. */
const reach: Readonly<Record<(typeof windows)[number], number>> = { early: 1, middle: 0.45, late: 0.06 };
const seeds = [0, 1, 2, 3];
/** Measures of a sweep where nothing else is asked for. */
const usual = ['presence:house', 'iou:house', 'outside.perceptual', 'outside.ssim'];
const sites = [panelSite({ site: 'mid_block.attentions.0', side: 8, n: 64, k: 4 })];

/** A sweep over windows and strengths, as it would be told of. */
export function generate({ strengths = [2, 4, 8, 16], regions = [], measures, overrides = {} }: GenerateOptions = {}): SweepData {
  const axes = [
    { pointer: '/edits/0/during', values: [...windows] }, { pointer: '/edits/0/add', values: [...strengths] },
    ...(regions.length > 0 ? [{ pointer: '/edits/0/where', values: [...regions] }] : []),
  ];
  const cells = windows.flatMap((_, window) => strengths.flatMap((_, strength) => (regions.length > 0 ? regions : ['']).map((_, region): SweepCell => cell([window, strength, ...(regions.length > 0 ? [region] : [])], strengths[strength], measures))));
  return {
    title: 'when', of: 'house-to-the-right', specName: 'house.dmi.json',
    sweep: { prompt: 'a red house left and a blue tree right, meadow', axes, seeds, cells, cost: { unetCalls: 2920, naiveUnetCalls: 5760, seconds: 212 } },
    state: { kind: 'done', seconds: 212, cached: false }, stale: false, canRun: true, language: 'en', ...overrides,
  };
}

function cell(at: readonly number[], strength: number, wanted: readonly string[] | undefined): SweepCell {
  const push = reach[windows[at[0]]] * (1 - Math.exp(-strength / 4)) * (at.at(2) === 1 ? 0.8 : 1);
  const harm = 0.004 * strength ** 1.4 * (0.35 + reach[windows[at[0]]]);
  const measure = (value: number, spread: number): SweepCell['measures'][string] => ({ ...interval(value, spread), gain: interval(value, spread) });
  const first = [0, 12, 24][at[0]];
  const cost = (name: string, gain: number): SweepCell['efficiencies'][number] => ({ measure: name, gain, addedCalls: 30 - first, gainPerCall: gain / (30 - first), harmMeasure: 'outside.perceptual', harm, gainPerHarm: gain / harm });
  return {
    at, efficiencies: [cost('presence:house', 0.48 * push), cost('iou:house', 0.7 * push)], failed: strength >= 16 && at[0] === 0 ? [3] : [],
    measures: Object.fromEntries(Object.entries({
      'presence:house': { ...interval(0.5 + 0.48 * push, 0.06), gain: interval(0.48 * push, 0.06), baseline: interval(0.5, 0.06) }, 'iou:house': { ...measure(0.7 * push, 0.08), baseline: interval(0, 0) },
      'outside.perceptual': measure(harm, 0.2 * harm + 0.004), 'outside.ssim': measure(1 - 1.6 * harm, 0.03), 'inside.perceptual': measure(2 * harm, 0.02), perceptual: measure(1.5 * harm, 0.02), ood: { ...measure(0.1 * harm, 0.001), baseline: interval(0.001, 0.001) },
    } satisfies SweepCell['measures']).filter(([name]) => (wanted ?? usual).includes(name))),
  };
}

/** The finished picture of a variant. */
export function generatePicture(data: SweepData, seed: number, index: number | null): Uint8Array | null {
  if (index !== null && data.sweep?.cells[index].failed.includes(seed) === true) return null;
  const at = index === null ? null : data.sweep?.cells[index].at ?? null;
  const strength = at === null ? 0 : Number(data.sweep?.axes[1].values[at[1]]);
  const by = at === null ? 0 : 0.46 * reach[windows[at[0]]] * (1 - Math.exp(-strength / 4));
  return generateRun(seed, sites, { steps: 1, filled: 1, side: 32, edit: { from: -4, by } }).image;
}

function interval(value: number, spread: number): Interval {
  return { value, low: value - spread, high: value + spread, n: seeds.length };
}
