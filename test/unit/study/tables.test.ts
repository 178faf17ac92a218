import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { hasShape } from '../../../src/base/checkShape.ts';
import { sweepText } from '../../../src/report/outcomeText.ts';
import { efficienciesOf } from '../../../src/study/efficiency.ts';
import { ExperimentOutcome, SweepOutcome } from '../../../src/study/outcome.ts';
import { experimentFolder, folderNameOf, sweepFolder } from '../../../src/study/outcomeFolders.ts';
import { storeExperiment, storeSweep } from '../../../src/study/storeOutcomes.ts';
import { sweepMarkdown } from '../../../src/study/sweepMarkdown.ts';
import { sweepTable, tableParquet, tableRows } from '../../../src/study/sweepTable.ts';
import { fakeEdit, fakeMeasure, fakeOutcome, fakeSweep } from '../../support/fakeOutcome.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

async function readBack(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  return await parquetReadObjects({ file: bytes.slice().buffer });
}

describe('efficiency', () => {
  test('gain per added U-Net call and per harm, by hand', () => {
    expect(efficienciesOf(fakeOutcome())).toEqual([{
      measure: 'presence:house', gain: 0.5, addedCalls: 10, gainPerCall: 0.05, harmMeasure: 'outside.perceptual', harm: 0.2, gainPerHarm: 2.5,
    }]);
    // From step 6 of 10 on; harm by what SSIM lacks to 1.
    const [late] = efficienciesOf(fakeOutcome({ edits: [fakeEdit([6, 7])], measures: { clip: fakeMeasure(0.1), ssim: fakeMeasure(0.75) } }));
    expect(late).toMatchObject({ addedCalls: 4, gainPerCall: 0.025, harmMeasure: 'ssim', harm: 0.25, gainPerHarm: 0.4 });
  });

  test('of nothing, none; without harm, none per harm', () => {
    expect(efficienciesOf(fakeOutcome({ edits: [] }))).toEqual([]);
    expect(efficienciesOf(fakeOutcome({ measures: { clip: fakeMeasure(null) } }))).toEqual([]);
    expect(efficienciesOf(fakeOutcome({ measures: { clip: fakeMeasure(0.5) } }))[0]).toMatchObject({ harmMeasure: null, harm: null, gainPerHarm: null });
    expect(efficienciesOf(fakeOutcome({ measures: { clip: fakeMeasure(0.5), mse: fakeMeasure(0) } }))[0]).toMatchObject({ harm: 0, gainPerHarm: null });
    expect(efficienciesOf(fakeOutcome({ measures: { clip: fakeMeasure(0.5), 'outside.perceptual': fakeMeasure(null), ssim: fakeMeasure(0.75) } }))[0]).toMatchObject({ harmMeasure: 'ssim', harm: 0.25 });
  });
});

describe('the table of a sweep', () => {
  test('has a row for each variant and measure', () => {
    const rows = tableRows(sweepTable(fakeSweep()));
    expect(rows).toHaveLength(8);
    expect(rows[2]).toMatchObject({
      variant: 1, '/edits/0/during': 'early', '/edits/0/add': 4, concepts: 'mid: 7', measure: 'presence:house', value: 0.5, value_low: 0.375, value_high: 0.625, n: 2,
      unedited: 0.25, gain: 0.25, random_concept: 0.5, identity: null, added_calls: 10, gain_per_call: 0.025, harm: 0.2, harm_measure: 'outside.perceptual', gain_per_harm: 1.25, failed: 0,
    });
    expect(rows[5]).toMatchObject({ variant: 2, '/edits/0/during': '{"from":0.4,"to":0.2}', measure: 'outside.perceptual', unedited: null, added_calls: null });
  });

  test('is the same read back from Parquet', async () => {
    const columns = sweepTable(fakeSweep());
    expect(await readBack(await tableParquet(columns))).toEqual(tableRows(columns));
  });

  test('as Markdown holds every value, and nothing of a name is markup', () => {
    const text = sweepMarkdown(fakeSweep({ name: 'a|b <script>\n# c' }));
    expect(text).toContain('# a\\|b \\<script\\> \\# c\n');
    expect(text).toContain('| early | 4 | 0.5 (95 %: 0.375 to 0.625, n = 2) | 0.25 (95 %: 0.125 to 0.375, n = 2) | 0.25 (95 %: 0.125 to 0.375, n = 2) | 0.5 (95 %: 0.375 to 0.625, n = 6) |');
    expect(text).toContain('| early | 2 | mid: 7 | presence:house | 0 | 10 | 0 | 0.1 | 0 |');
    expect(text).toContain('per harm (outside.perceptual)');
    expect(sweepMarkdown(fakeSweep({ axes: [{ pointer: '/edits/0/add', values: [2, 4] }] }))).not.toContain('Efficiency');
  });
});

test('a sweep that varies what is measured has a dash where a variant does not measure it', () => {
  const sweep = fakeSweep();
  sweep.cells[0].outcome.measures = { clip: fakeMeasure(0.125) };
  const text = sweepMarkdown(sweep);
  expect(text).toMatch(/## clip[^#]*\| early \| 2 \| 0\.125 [^|]*\|\n\| early \| 4 \| – \|\n/);
  expect(text).toMatch(/## presence:house[^#]*\| early \| 2 \| – \| – \| – \| – \|\n\| early \| 4 \| 0\.5 /);
  expect(sweepText(sweep)).toMatch(/\n {2}early +2 +0\.125 \(0 to 0\.25\) +–/);
  expect(tableRows(sweepTable(sweep)).map(({ variant, measure }) => `${variant} ${measure}`).slice(0, 3)).toEqual(['0 clip', '1 presence:house', '1 outside.perceptual']);
});

describe('outcomes on the disk', () => {
  test('stand where their folder functions say, as their schemas say', async () => {
    const dmi = join(await temporaryFolder(), '.dmi');
    const experiment = await storeExperiment(dmi, fakeOutcome());
    const sweep = await storeSweep(dmi, fakeSweep());
    expect(experiment.folder).toBe(experimentFolder(dmi, 'house.dmi.json', 'move'));
    expect(sweep.folder).toBe(sweepFolder(dmi, '/elsewhere/house.dmi.json', 'when'));
    expect(hasShape(ExperimentOutcome, JSON.parse(await readFile(join(experiment.folder, 'experiment.json'), 'utf8')))).toBe(true);
    expect(hasShape(SweepOutcome, JSON.parse(await readFile(join(sweep.folder, 'sweep.json'), 'utf8')))).toBe(true);
    expect(await readBack(await readFile(join(sweep.folder, 'table.parquet')))).toEqual(JSON.parse(await readFile(join(sweep.folder, 'table.json'), 'utf8')));
    expect(await readFile(join(sweep.folder, 'table.md'), 'utf8')).toBe(sweepMarkdown(fakeSweep()));
  });

  test.each([
    ['house-to-the-right', 'house-to-the-right'], ['House', /^House\.[0-9a-f]{10}$/], ['..', /^[0-9a-f]{10}$/], ['a/../../b', /^a-b\.[0-9a-f]{10}$/], ['con', /^con\.[0-9a-f]{10}$/],
    ['nul.txt', /^nul-txt\.[0-9a-f]{10}$/], ['右へ', /^[0-9a-f]{10}$/], ['a'.repeat(80), /^a{40}\.[0-9a-f]{10}$/], ['a\u0000b', /^a-b\.[0-9a-f]{10}$/], ['trailing.', /^trailing\.[0-9a-f]{10}$/],
  ])('the folder of %j is safe', (name, expected) => {
    expect(folderNameOf(name)).toMatch(expected);
    expect(folderNameOf(name)).not.toMatch(/[/\\:]|^\.|\.$/);
  });

  test('names that differ in capitals alone have folders that do too, and more', () => {
    const names = ['house', 'House', 'HOUSE', 'house ', 'house.'].map((name) => folderNameOf(name).toLowerCase());
    expect(new Set(names).size).toBe(5);
  });
});
