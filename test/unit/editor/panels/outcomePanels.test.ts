import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFromCompare } from '../../../../src/editor/compare/fromCompareSchema.ts';
import { fromCompareTarget } from '../../../../src/editor/compare/compareTarget.ts';
import { pairOf } from '../../../../src/editor/compare/pairOf.ts';
import { isStale } from '../../../../src/editor/panels/isStale.ts';
import { formatOutcomeSource, outcomeFile, parseOutcomeSource, runFolder, sourceOfFile, type OutcomeSource } from '../../../../src/editor/panels/outcomeSource.ts';
import { readExperiment, readSweep } from '../../../../src/editor/panels/readOutcome.ts';
import { readFromSweep } from '../../../../src/editor/sweep/fromSweepSchema.ts';
import { referenceOf, sweepContent } from '../../../../src/editor/sweep/sweepData.ts';
import type { Spec } from '../../../../src/spec/schema.ts';
import { askedHash } from '../../../../src/study/askedHash.ts';
import type { ExperimentOutcome, SweepOutcome } from '../../../../src/study/outcome.ts';
import { generateOutcome } from '../../../../webview/compare/generate.ts';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';
import { inEnglish as translate } from '../../../support/translate.ts';

const source: OutcomeSource = { kind: 'experiments', spec: '/ws/house.dmi.json', name: 'to the right' };
const outcome: ExperimentOutcome = { format: 1, name: 'to the right', specFile: '/ws/house.dmi.json', ...generateOutcome() };
const sweep: SweepOutcome = {
  format: 1, name: 'when', of: 'to the right', specFile: '/ws/house.dmi.json', axes: [{ pointer: '/edits/0/add', values: [2, 4] }],
  cells: [0, 1].map((at) => ({ at: [at], outcome })), cost: { unetCalls: 1, naiveUnetCalls: 2, seconds: 3 },
};
const key = '0123456789abcdef0123456789abcdef';

/** An outcome where its source looks for it. */
async function stored(kind: OutcomeSource['kind'], value: unknown): Promise<OutcomeSource> {
  const own = { kind, spec: join(await temporaryFolder(), 'house.dmi.json'), name: 'when' };
  await mkdir(dirname(outcomeFile(own)), { recursive: true });
  await writeFile(outcomeFile(own), typeof value === 'string' ? value : JSON.stringify(value));
  return own;
}

describe('what an outcome\'s panel shows', () => {
  it('is kept over a reload, and nothing else is taken for it', () => {
    for (const one of [source, { ...source, kind: 'sweeps' as const }, { ...source, kind: 'sweeps' as const, cell: 3 }]) expect(parseOutcomeSource(formatOutcomeSource(one))).toEqual(one);
    const wrong = ['', 'x', '[]', '{}', '["experiments","relative","a"]', '["experiments","/a","a",1]', '["sweeps","/a","a",-1]', '["sweeps","/a","a",1.5]', '["runs","/a","a"]', `["sweeps","/a","${'x'.repeat(20_000)}"]`, 7, null];
    for (const text of wrong) expect(parseOutcomeSource(text), String(text).slice(0, 40)).toBeUndefined();
  });

  it('is known by its file only where it lies there', () => {
    const file = outcomeFile(source);
    expect(sourceOfFile(file, '/elsewhere/house.dmi.json', 'to the right')).toEqual(source);
    expect(sourceOfFile(file, '/ws/other.dmi.json', 'to the right')).toBeUndefined();
    expect(sourceOfFile('/ws/evil/experiment.json', '/ws/house.dmi.json', 'to the right')).toBeUndefined();
  });

  it('looks for runs nowhere but beside the spec', () => {
    expect(runFolder(source, `/anywhere/.dmi/runs/${key}`)).toBe(`/ws/.dmi/runs/${key}`);
    expect(runFolder(source, `C:\\ws\\.dmi\\runs\\${key}`)).toBe(`/ws/.dmi/runs/${key}`);
    for (const folder of ['/etc', '/ws/.dmi/runs/..', `/ws/.dmi/runs/${key}/..`, '', key.toUpperCase()]) expect(runFolder(source, folder)).toBeUndefined();
  });

  it('is a cell only where that is one', () => {
    expect(fromCompareTarget({ kind: 'sweeps', spec: '/ws/a.dmi.json', name: 'when', cell: 2 })).toEqual({ kind: 'sweeps', spec: '/ws/a.dmi.json', name: 'when', cell: 2 });
    for (const target of [undefined, 'x', { cell: 1 }, { kind: 'sweeps', spec: 'a', name: 'when', cell: 2 }, { kind: 'experiments', spec: '/a', name: 'b', cell: 1 }]) expect(fromCompareTarget(target)).toBeUndefined();
  });
});

describe('a stored outcome', () => {
  it('is read, and the variants of a sweep', async () => {
    expect(await readExperiment(await stored('experiments', outcome), translate)).toEqual(outcome);
    const own = await stored('sweeps', sweep);
    expect(await readSweep(own, translate)).toEqual(sweep);
    expect(await readExperiment({ ...own, cell: 1 }, translate)).toEqual({ ...outcome, name: 'to the right · add 4' });
    await expect(readExperiment({ ...own, cell: 2 }, translate)).rejects.toThrow('this sweep has no variant 3 any more');
  });

  it('is refused where it is not what it claims to be', async () => {
    const wrong: unknown[] = ['{', '[]', { ...outcome, seeds: [] }, { ...outcome, edited: outcome.edited.slice(1) }, { ...outcome, t: [1] }, { ...outcome, seeds: ['0'] }];
    for (const value of wrong) await expect(readExperiment(await stored('experiments', value), translate)).rejects.toMatchObject({ name: 'InputError' });
    for (const value of [{ ...sweep, axes: [] }, { ...sweep, cells: [{ at: [5], outcome }] }, { ...sweep, cells: [{ at: [0, 0], outcome }] }]) {
      await expect(readSweep(await stored('sweeps', value), translate)).rejects.toMatchObject({ name: 'InputError' });
    }
  });

  it('names no folder of others: its pair says so and opens nothing', async () => {
    const opened: string[] = [];
    const reader = {
      folderOf: (reference: string) => runFolder(source, reference),
      find: (folder: string) => { opened.push(folder); return Promise.reject(new Error('opened')); },
      content: () => Promise.reject(new Error('read')), names: () => Promise.reject(new Error('named')),
    };
    const hostile = { ...outcome, baseline: outcome.baseline.map((run) => ({ ...run, folder: '/etc' })) };
    const pair = await pairOf(hostile, 0, { role: 'edited' }, reader, translate);
    expect([pair.baseline, pair.other, opened]).toEqual([null, null, []]);
    expect(pair.fault).toContain('no run of this spec');
    expect((await pairOf(outcome, 99, { role: 'edited' }, reader, translate)).fault).toBe('the outcome has no such run');
  });

  it('becomes what the sweep panel shows', () => {
    const content = sweepContent(sweep);
    expect(content?.cells.map(({ at, failed }) => [at, failed])).toEqual([[[0], []], [[1], []]]);
    expect(content?.cells[0].efficiencies.map(({ measure }) => measure)).toEqual(['presence:house', 'iou:house']);
    expect(JSON.stringify(content)).not.toContain('/ws/'); // no folder goes to the page
    expect([referenceOf(sweep, 1, null), referenceOf(sweep, 1, 1), referenceOf(sweep, 9, 1)]).toEqual(['/ws/.dmi/runs/baseline-1', '/ws/.dmi/runs/edited-1', null]);
  });
});

describe('staleness', () => {
  const edit = { site: 'mid_block.attentions.0', concept: 236, add: 6, where: 'left' as const };
  const spec: Spec = {
    dmi: 1, model: 'builtin:scenes', sample: { prompt: 'a house', seeds: [0, 1] },
    experiments: { 'to the right': { edits: [edit], expect: { 'presence:house': { min: 0.5 } } } }, sweeps: { when: { of: 'to the right', vary: { '/edits/0/add': [2, 4] } } },
  };
  const whenSource = { ...source, kind: 'sweeps' as const, name: 'when' };
  const bearing = (asked: string | undefined) => (asked === undefined ? {} : { asked });
  const [ofExperiment, ofSweep] = [bearing(askedHash(spec, 'experiments', 'to the right')), bearing(askedHash(spec, 'sweeps', 'when'))];
  const withExperiment = (change: object): Spec => ({ ...spec, experiments: { 'to the right': { ...spec.experiments?.['to the right'], ...change } as never } });

  it('is seen in everything that is asked, regions among it', () => {
    const changes: object[] = [
      { edits: [{ ...edit, where: 'right' }] }, { edits: [{ ...edit, where: { box: [0, 0, 0.5, 1] } }] }, { edits: [{ ...edit, where: { concept: 3 } }] }, { edits: [{ ...edit, during: 'early' }] },
      { edits: [{ ...edit, add: 7 }] }, { edits: [{ ...edit, unit: 'raw' }] }, { edits: [{ ...edit, branch: 'both' }] }, { edits: [{ ...edit, concept: 'house' }] }, { edits: [edit, edit] },
      { expect: { 'presence:house': { min: 0.6 } } }, { measure: ['mse'] }, { controls: [] }, { why: 'else' },
    ];
    for (const change of changes) {
      expect(isStale(withExperiment(change), source, ofExperiment), JSON.stringify(change)).toBe(true);
      if (!('why' in change)) expect(isStale(withExperiment(change), whenSource, ofSweep), JSON.stringify(change)).toBe(true);
    }
    for (const sample of [{ prompt: 'a ball', seeds: [0, 1] }, { prompt: 'a house', seeds: [0] }, { ...spec.sample, steps: 31 }, { ...spec.sample, guidanceScale: 3 }]) expect(isStale({ ...spec, sample }, source, ofExperiment)).toBe(true);
    expect(isStale({ ...spec, experiments: {}, sweeps: {} }, source, ofExperiment)).toBe(true);
    expect(isStale({ ...spec, sweeps: { when: { of: 'to the right', vary: { '/edits/0/add': [2, 5] } } } }, whenSource, ofSweep)).toBe(true);
    expect(isStale(spec, source, {})).toBe(true); // by an earlier version
  });

  it('is not seen where nothing has changed but how it is written', () => {
    expect(isStale(spec, source, ofExperiment)).toBe(false);
    expect(isStale(spec, whenSource, ofSweep)).toBe(false);
    expect(isStale(withExperiment({ edits: [{ branch: 'cond', during: 'all', elsewhere: 'keep', unit: 'mean', ...edit }], measure: [], why: '' }), source, ofExperiment)).toBe(false);
    expect(isStale({ ...spec, sample: { ...spec.sample, steps: 30, negativePrompt: '' }, trace: { branch: 'cond', concepts: { top: 3 } } }, source, ofExperiment)).toBe(false);
    expect(isStale({ ...spec, sweeps: { other: { of: 'to the right', vary: { '/edits/0/add': [1] } } } }, source, ofExperiment)).toBe(false);
  });

  it('is seen in a mask that was painted after the outcome was written', async () => {
    const masked = withExperiment({ edits: [{ ...edit, where: { mask: 'mask.png' } }] });
    const own = await stored('experiments', {});
    const ownSpec = { ...masked, experiments: { when: masked.experiments?.['to the right'] as never } };
    const bears = bearing(askedHash(ownSpec, 'experiments', 'when'));
    const mask = join(dirname(own.spec), 'mask.png');
    expect(isStale(ownSpec, own, bears)).toBe(true); // it is gone
    await writeFile(mask, 'painted');
    await utimes(outcomeFile(own), new Date(Date.now() + 5000), new Date(Date.now() + 5000));
    expect(isStale(ownSpec, own, bears)).toBe(false);
    await utimes(outcomeFile(own), new Date(Date.now() - 5000), new Date(Date.now() - 5000));
    expect(isStale(ownSpec, own, bears)).toBe(true);
  });
});

describe('messages of the panels', () => {
  it('are taken as they should be, and in no other shape', () => {
    for (const message of [{ type: 'ready' }, { type: 'copy', text: 'x' }, { type: 'pair', seed: 0, subject: { role: 'edited' } }, { type: 'pair', seed: 3, subject: { role: 'random-concept', draw: 2 } }]) expect(readFromCompare(message)).toEqual(message);
    for (const message of [null, 'ready', { type: 'eval' }, { type: 'ready', more: 1 }, { type: 'pair', seed: -1, subject: { role: 'edited' } }, { type: 'pair', seed: 0, subject: { role: 'edited', folder: '/etc' } }, { type: 'pair', seed: 0, subject: { role: 'identity' } }]) expect(readFromCompare(message)).toBeUndefined();
    for (const message of [{ type: 'run' }, { type: 'pictures', seed: 0 }, { type: 'compare', cell: 1, seed: 0 }]) expect(readFromSweep(message)).toEqual(message);
    for (const message of [{ type: 'copy', text: 'x' }, { type: 'compare', cell: -1, seed: 0 }, { type: 'pictures', seed: '0' }]) expect(readFromSweep(message)).toBeUndefined();
  });
});
