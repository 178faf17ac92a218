import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { JudgeFolder } from '../../../src/judge/judgeFolder.ts';
import type { ExperimentPlan } from '../../../src/study/experimentPlan.ts';
import { FindingsStore } from '../../../src/study/findings.ts';
import { inspectionCalls } from '../../../src/study/inspectionCalls.ts';
import { measureKey } from '../../../src/study/measureKey.ts';
import { fakeEdit, fakeMeasure } from '../../support/fakeOutcome.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const run = (key: string) => ({ key }) as ExperimentPlan['groups'][number]['plans'][number];

function planOf(changed: Partial<ExperimentPlan> = {}): ExperimentPlan {
  return {
    name: 'a', why: '', edits: [fakeEdit([0, 1])], without: [], identity: true, regions: [{ fixed: 'left' }], labels: ['house'], measures: ['mse', 'clip', 'perceptual'], expect: {},
    groups: [
      { role: { kind: 'baseline' }, plans: [run('b0'), run('b1')] }, { role: { kind: 'edited' }, plans: [run('e0'), run('e1')] },
      { role: { kind: 'control', control: 'random-concept', draw: 0 }, plans: [run('c0'), run('c1')] },
    ],
    ...changed,
  };
}

const judge = { hash: 'h', wordsHash: 'w', perceptualHash: 'p' } as JudgeFolder;
const keyOf = (changed: Partial<ExperimentPlan> = {}, { prompt = 'a house', by = judge, fault }: { prompt?: string; by?: JudgeFolder; fault?: string } = {}): string => (
  measureKey(planOf(changed), prompt, by, (key) => (key === 'e1' ? fault : undefined)));

describe('what was measured is known again', () => {
  test('as long as runs, measures, place, words and networks are the same', () => {
    const mask = (value: number): Partial<ExperimentPlan> => ({ regions: [{ fixed: { mask: { width: 2, height: 1, data: Float32Array.of(1, value) } } }] });
    const { groups } = planOf();
    const keys = [
      keyOf(), keyOf({ regions: [{ fixed: 'right' }] }), keyOf({ regions: [{ fixed: { box: [0, 0, 1, 0.5] } }] }), keyOf(mask(0)), keyOf(mask(0.5)),
      keyOf({ regions: [{ site: 'mid', branch: 'cond', concepts: [3], above: 0.1, step: 1 }] }), keyOf({ regions: [{ site: 'mid', branch: 'cond', concepts: [3], above: 0.2, step: 1 }] }),
      keyOf({ measures: ['mse', 'clip'] }), keyOf({ measures: ['mse'] }), keyOf({ identity: false }), keyOf({ labels: ['tree'] }), keyOf({ labels: [] }), keyOf({}, { fault: 'NaN' }),
      keyOf({ groups: groups.slice(0, 2) }), keyOf({ groups: [groups[0], groups[2], groups[1]] }),
      keyOf({}, { by: { ...judge, hash: 'other' } }), keyOf({}, { by: { ...judge, wordsHash: 'other' } }), keyOf({}, { by: { ...judge, perceptualHash: 'other' } }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('whatever else changes', () => {
    expect(keyOf({ name: 'b', why: 'else', expect: { mse: { min: 1 } } })).toBe(keyOf());
    expect(keyOf({}, { prompt: 'a tree' })).toBe(keyOf()); // the runs are others then; the words compared with are the labels
    expect(keyOf({ measures: ['mse'] }, { by: { ...judge, hash: 'other', perceptualHash: 'other' } })).toBe(keyOf({ measures: ['mse'] })); // no network measures that
    expect(keyOf({ labels: [] }, { prompt: 'a tree' })).not.toBe(keyOf({ labels: [] }));
  });
});

describe('the store of findings', () => {
  let dmi: string;
  beforeEach(async () => { dmi = await temporaryFolder(); });
  const findings = { identityHolds: true, measures: { mse: fakeMeasure(0.5, 0.25, 0.1) } };

  test('gives back what it was given, under its own key alone', async () => {
    const store = new FindingsStore(dmi);
    expect(await store.get('a'.repeat(64))).toBeUndefined();
    await store.set('a'.repeat(64), findings);
    expect(await store.get('a'.repeat(64))).toEqual(findings);
    expect(await store.get(`${'a'.repeat(32)}${'b'.repeat(32)}`)).toBeUndefined(); // the same file, other inputs
  });

  test('believes no file that was changed', async () => {
    const store = new FindingsStore(dmi);
    const key = 'c'.repeat(64);
    await store.set(key, findings);
    const folder = join(dmi, 'cache', 'findings');
    const [name] = await readdir(folder);
    const text = await readFile(join(folder, name), 'utf8');
    for (const damaged of ['', '{', '[]', 'null', text.slice(0, -20), text.replace('0.5', '0.6'), text.replace('true', 'false')]) {
      expect(damaged).not.toBe(text);
      await writeFile(join(folder, name), damaged);
      expect(await store.get(key), damaged.slice(0, 40)).toBeUndefined();
    }
    await writeFile(join(folder, name), text);
    expect(await store.get(key)).toEqual(findings);
  });
});

test('calls beyond the runs: two for an identity, and every looked-at step of every run for ood, each asked once', () => {
  const plan = planOf({ measures: ['ood'] });
  expect(inspectionCalls([planOf()])).toEqual({ calls: 2, naiveCalls: 2 });
  expect(inspectionCalls([plan])).toEqual({ calls: 2 + 2 * 6, naiveCalls: 2 + 2 * 6 });
  expect(inspectionCalls([plan, plan])).toEqual({ calls: 14, naiveCalls: 28 });
  expect(inspectionCalls([planOf({ measures: ['ood'], edits: [fakeEdit([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])] })]).calls).toBe(2 + 5 * 6); // five of the steps at most
  expect(inspectionCalls([planOf({ edits: [] }), planOf({ identity: false })])).toEqual({ calls: 0, naiveCalls: 0 });
});
