import { describe, expect, it } from 'vitest';
import type { EditDefinition } from '../../../src/experiment/editDefinition.ts';
import { planRuns, withEdits } from '../../../src/experiment/plan.ts';
import type { RunPlan } from '../../../src/experiment/plan.ts';
import { commonSteps, prefixTree, runsOf } from '../../../src/experiment/prefixTree.ts';
import type { AskedRun, PrefixNode } from '../../../src/experiment/prefixTree.ts';

const hashes = new Map([['mid', 'sae'], ['up', 'other']]);

function baselines(steps: number, seeds: number[]): RunPlan[] {
  return planRuns({
    sample: { prompt: 'a house', negativePrompt: '', seeds, scheduler: 'ddim', steps, guidanceScale: 5 },
    trace: { sites: ['mid'], branch: 'cond', steps: [0], top: 24, always: {} }, calls: steps,
  }, 'model', hashes, 'cpu');
}

function edit(steps: readonly number[], parts: Partial<EditDefinition> = {}): EditDefinition {
  return { site: 'mid', concepts: [3], operation: 'add', amount: 2, unit: 'mean', where: 'right', elsewhere: 'keep', branch: 'cond', steps: [...steps], ...parts };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

/** `from-to role` per node, indented by depth. */
function drawn(nodes: readonly PrefixNode[], depth = 0): string[] {
  return nodes.flatMap(({ from, to, run, children }) => [`${' '.repeat(depth)}${from}-${to}${run === undefined ? '' : ` ${run.roles.join(' = ')}`}`, ...drawn(children, depth + 1)]);
}

describe('a tree of runs', () => {
  const [plain] = baselines(10, [0]);
  const late = withEdits(plain, [edit(range(7, 10))], hashes);
  const stronger = withEdits(plain, [edit(range(7, 10), { amount: 4 })], hashes);
  const early = withEdits(plain, [edit(range(0, 4))], hashes);
  const earlyAndLate = withEdits(plain, [edit(range(7, 10), { site: 'up' }), edit(range(0, 4))], hashes);
  const asked: AskedRun[] = [
    { plan: late, role: 'late' }, { plan: plain, role: 'baseline' }, { plan: early, role: 'early' }, { plan: stronger, role: 'stronger' },
    { plan: earlyAndLate, role: 'both' }, { plan: plain, role: 'identity' },
  ];

  it('parts runs at the first step at which other edits are in force, the unedited one first; equal runs are one', () => {
    const tree = prefixTree(asked);
    expect(drawn(tree.roots)).toEqual([
      '0-0',
      ' 0-7', '  7-10 baseline = identity', '  7-10 late', '  7-10 stronger',
      ' 0-7', '  7-10 early', '  7-10 both',
    ]);
    expect(tree.unetCalls).toBe(7 + 3 * 3 + 7 + 2 * 3);
    expect(tree.naiveUnetCalls).toBe(60);
    expect(runsOf(tree).map(({ roles }) => roles[0])).toEqual(['baseline', 'late', 'stronger', 'early', 'both']);
  });

  it('costs nothing where a stored run went', () => {
    const calls = (...stored: RunPlan[]): number => prefixTree(asked, new Set(stored.map(({ key }) => key))).unetCalls;
    expect(calls(plain)).toBe(2 * 3 + 7 + 2 * 3);
    expect(calls(stronger)).toBe(2 * 3 + 7 + 2 * 3);
    expect(calls(plain, late, stronger, early, earlyAndLate)).toBe(0);
    expect(prefixTree(asked, new Set([plain.key])).naiveUnetCalls).toBe(60);
  });

  it('shares between runs of one sample only, whatever else is the same', () => {
    const [other] = baselines(10, [1]);
    expect(commonSteps(plain, plain)).toBe(10);
    expect(commonSteps(late, stronger)).toBe(7);
    expect(commonSteps(early, earlyAndLate)).toBe(7);
    expect(commonSteps(early, plain)).toBe(0);
    expect(commonSteps(plain, other)).toBe(0);
    expect(commonSteps(plain, baselines(11, [0])[0])).toBe(0);
  });

  it('does not share where the same edit reads another SAE', () => {
    const untraced = (sae: string): RunPlan => withEdits(plain, [edit(range(0, 10), { site: 'up' })], new Map([['up', sae]]));
    expect(untraced('one').definition.editors).toEqual({ up: 'one' });
    expect(commonSteps(untraced('one'), untraced('two'))).toBe(0);
    expect(commonSteps(untraced('one'), untraced('one'))).toBe(10);
  });

  it('shares when the same edit ends earlier in one of them', () => {
    const shorter = withEdits(plain, [edit(range(2, 5))], hashes);
    const longer = withEdits(plain, [edit(range(2, 8))], hashes);
    expect(commonSteps(shorter, longer)).toBe(5);
  });

  it('needs at most 0.6 of the calls of a naive loop for 3 windows x 4 strengths x 4 seeds with their controls', () => {
    // diffusers' DDIM with 30 steps: timesteps 957, 924, ..., 0; windows over t = timestep / 1000, closed at both ends.
    const t = range(0, 30).map((step) => (29 - step) * 33 / 1000);
    const windows = [[0.6, 1], [0.2, 0.6], [0, 0.2]].map(([low, high]) => range(0, 30).filter((step) => t[step] >= low && t[step] <= high));
    const sweep = baselines(30, [0, 1, 2, 3]).flatMap((seed): AskedRun[] => [
      { plan: seed, role: 'baseline' },
      ...windows.flatMap((steps, window) => [1, 2, 4, 8].flatMap((amount) => [
        { plan: seed, role: 'baseline' },
        { plan: withEdits(seed, [edit(steps, { amount })], hashes), role: 'edited' },
        { plan: seed, role: `identity ${window} ${amount}` },
        ...[0, 1, 2].map((draw) => ({ plan: withEdits(seed, [edit(steps, { amount, writes: [10 + draw] })], hashes), role: 'random-concept' })),
        ...[0, 1, 2].map((draw) => ({ plan: withEdits(seed, [edit(steps, { amount, shuffle: draw })], hashes), role: 'shuffled-region' })),
      ])),
    ]);
    const { unetCalls, naiveUnetCalls } = prefixTree(sweep);
    expect(naiveUnetCalls).toBe(4 * (1 + 12 * 8) * 30);
    expect(unetCalls / naiveUnetCalls).toBeLessThanOrEqual(0.6);
  });
});

describe('a run with edits', () => {
  const [plain] = baselines(10, [0]);

  it('is the run itself without any', () => {
    expect(withEdits(plain, [], hashes)).toBe(plain);
  });

  it('has one key, in whatever order its edits stand, and keeps them in an order that does not hang on their steps', () => {
    const [a, b] = [edit([1, 2]), edit([0, 3], { unit: 'raw' })];
    expect(withEdits(plain, [a, b], hashes)).toEqual(withEdits(plain, [b, a], hashes));
    const turned = withEdits(plain, [{ ...a, steps: [0, 3] }, { ...b, steps: [1, 2] }], hashes);
    expect(turned.definition.edits?.map(({ unit }) => unit)).toEqual(withEdits(plain, [a, b], hashes).definition.edits?.map(({ unit }) => unit));
    expect(turned.key).not.toBe(withEdits(plain, [a, b], hashes).key);
  });
});
