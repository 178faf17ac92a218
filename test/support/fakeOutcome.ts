import type { EditDefinition } from '../../src/experiment/editDefinition.ts';
import type { ExperimentOutcome, Interval, MeasureOutcome, SweepOutcome } from '../../src/study/outcome.ts';

/** An edit of one concept in the steps given. */
export function fakeEdit(steps: readonly number[], changed: Partial<EditDefinition> = {}): EditDefinition {
  return { site: 'mid', concepts: [7], operation: 'add', amount: 2, unit: 'mean', where: 'left', elsewhere: 'keep', branch: 'cond', steps: [...steps], ...changed };
}

/** An interval around a value. */
function around(value: number | null, n = 2): Interval {
  return value === null ? { value, low: null, high: null, n: 0 } : { value, low: value - 0.125, high: value + 0.125, n };
}

/** A measured value with an unedited one, its gain and one control. */
export function fakeMeasure(value: number | null, unedited?: number, random?: number): MeasureOutcome {
  return {
    ...around(value), perSeed: [value, value], definition: 'made up',
    ...(unedited !== undefined && { baseline: around(unedited) }),
    gain: around(value === null ? null : value - (unedited ?? 0)),
    controls: random === undefined ? {} : { 'random-concept': { ...around(random, 6), draws: 3, perSeed: [random, random], gain: around(random - (unedited ?? 0), 6) } },
  };
}

/** An experiment of two seeds over ten steps. */
export function fakeOutcome(changed: Partial<ExperimentOutcome> = {}): ExperimentOutcome {
  const runs = [{ seed: 0, folder: '/runs/a' }, { seed: 1, folder: '/runs/b' }];
  return {
    format: 1, name: 'move', why: '', specFile: 'house.dmi.json', prompt: 'a house', totalSteps: 10, t: Array.from({ length: 10 }, (_, step) => 1 - step / 10), seeds: [0, 1],
    edits: [fakeEdit([0, 1, 2])], baseline: runs, edited: runs, controls: [], without: [], identityHolds: true,
    measures: { 'presence:house': fakeMeasure(0.75, 0.25, 0.5), 'outside.perceptual': fakeMeasure(0.2) }, expectations: [],
    cost: { unetCalls: 40, naiveUnetCalls: 80, seconds: 3 }, ...changed,
  };
}

/** A sweep over windows and strengths. */
export function fakeSweep(changed: Partial<SweepOutcome> = {}): SweepOutcome {
  return {
    format: 1, name: 'when', of: 'move', specFile: 'house.dmi.json',
    axes: [{ pointer: '/edits/0/during', values: ['early', { from: 0.4, to: 0.2 }] }, { pointer: '/edits/0/add', values: [2, 4] }],
    cells: [0, 1].flatMap((during) => [0, 1].map((add) => ({
      at: [during, add],
      outcome: fakeOutcome({
        edits: [fakeEdit(during === 0 ? [0, 1, 2] : [6, 7], { amount: [2, 4][add] })],
        measures: { 'presence:house': fakeMeasure(0.25 * (1 + during + add), 0.25, 0.5), 'outside.perceptual': fakeMeasure(0.1 * (1 + add)) },
      }),
    }))),
    cost: { unetCalls: 100, naiveUnetCalls: 200, seconds: 9 }, ...changed,
  };
}
