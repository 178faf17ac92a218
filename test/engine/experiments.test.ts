import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkShape } from '../../src/base/checkShape.ts';
import type { Command } from '../../src/commands/command.ts';
import { runCommandLine } from '../../src/commands/commandLine.ts';
import { command as runCommand } from '../../src/commands/run.ts';
import { command as testCommand } from '../../src/commands/test.ts';
import type { ResultJson } from '../../src/report/resultJson.ts';
import { ExperimentOutcome, SweepOutcome } from '../../src/study/outcome.ts';
import { scenesFolder } from '../support/scenes.ts';
import { recordTerminal } from '../support/terminal.ts';

const site = 'up_blocks.0.attentions.1';
const edit = { site, concept: 'house', scale: 0, where: 'left', during: { steps: [1, 4] } };
const measure = ['presence:house', 'iou:house', 'centre:house', 'clip', 'perceptual', 'inside.perceptual', 'outside.perceptual', 'ssim', 'mse', 'inside.mse', 'outside.mse', 'ood'];

let folder: string;
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'dmi-experiments-')); });
afterAll(async () => { await rm(folder, { recursive: true }); });

async function dmi(command: Command, parts: object, ...args: string[]) {
  const path = join(folder, 'a.dmi.json');
  await writeFile(path, JSON.stringify({ dmi: 1, model: 'builtin:scenes', sample: { prompt: 'a red house, meadow', seeds: [0, 1], steps: 5 }, trace: { sites: [site] }, ...parts }));
  const terminal = recordTerminal();
  const code = await runCommandLine([command], [command.name, path, ...args], terminal);
  return { code, stdout: terminal.stdout, stderr: terminal.stderr, json: () => JSON.parse(terminal.stdout) as ResultJson };
}

async function outcomeIn(dir: string): Promise<ExperimentOutcome> {
  const file = join(dir, 'experiment.json');
  return checkShape(ExperimentOutcome, JSON.parse(await readFile(file, 'utf8')), file, '');
}

const pixelsOf = async (run: { folder: string | null }): Promise<Uint8Array> => decode(await readFile(join(run.folder ?? '', 'image.png'))).data as Uint8Array;

describe('an experiment on Scenes', () => {
  const experiments = { 'no house': { why: 'is it what draws the house?', edits: [edit], measure } };

  it('runs with its controls, and what it says follows from the stored pictures', async () => {
    const { code, json, stderr } = await dmi(runCommand, { experiments }, '--json');
    expect(code, stderr).toBe(0);
    const { experiments: [{ name, dir, measures }], sweeps, runs, timings } = json();
    expect([name, sweeps, runs.length]).toEqual(['no house', [], 2]);
    expect(timings.unetMs).toBeGreaterThan(0);
    const outcome = await outcomeIn(dir);
    expect(Object.keys(outcome.measures)).toEqual(measure);
    const report = await readFile(json().report, 'utf8');
    expect(report).toContain('<h3>no house</h3>');
    expect(report).toContain('house (#');
    expect(report.match(/href="#run-[0-9a-f]{32}"/g)).toHaveLength(4); // two pairs
    expect(report).not.toContain('asks something else by now');
    expect(measures.mse).toEqual({ value: outcome.measures.mse.value, low: outcome.measures.mse.low, high: outcome.measures.mse.high, n: 2, controls: measures.mse.controls });
    expect(Object.keys(measures.mse.controls)).toEqual(['identity', 'random-concept', 'shuffled-region']);
    expect(measures.mse.controls['random-concept'].n).toBe(6);

    // Nothing is measured that the files do not show.
    for (const [seed, edited] of outcome.edited.entries()) {
      const [after, before] = [await pixelsOf(edited), await pixelsOf(outcome.baseline[seed])];
      const [whole, left] = [0, 64].map((width) => {
        let [sum, count] = [0, 0];
        for (let at = 0; at < after.length; at++) {
          if (width > 0 && Math.floor(at / 3) % 128 >= width) continue;
          sum += ((after[at] - before[at]) / 255) ** 2;
          count += 1;
        }
        return sum / count;
      });
      expect(outcome.measures.mse.perSeed[seed]).toBeCloseTo(whole, 9);
      expect(outcome.measures['inside.mse'].perSeed[seed]).toBeCloseTo(left, 9);
      expect(outcome.measures['outside.mse'].perSeed[seed]).toBeCloseTo(2 * whole - left, 9);
      expect(whole).toBeGreaterThan(0);
    }
    expect(outcome.edits).toMatchObject([{ operation: 'scale', amount: 0, where: 'left', steps: [1, 2, 3, 4] }]);
    expect(new Set([...outcome.edited, ...outcome.controls.filter(({ control }) => control !== 'identity').flatMap((control) => control.runs)].map((run) => run.folder)).size).toBe(14);
  }, 180_000);

  it('has an identity that changes nothing at all, and says which text and network it used', async () => {
    const { experiments: [{ dir }] } = (await dmi(runCommand, { experiments }, '--json')).json();
    const { identityHolds, measures, cost } = await outcomeIn(dir);
    expect(identityHolds).toBe(true);
    for (const name of ['clip', 'perceptual', 'mse', 'inside.mse', 'outside.mse']) expect(measures[name].controls.identity.value, name).toBeCloseTo(0, 6);
    expect(measures.mse.controls.identity).toMatchObject({ value: 0, low: 0, high: 0 });
    expect(measures.ssim.controls.identity.value).toBeCloseTo(1, 12);
    expect(measures['presence:house'].controls.identity.value).toBe(measures['presence:house'].baseline?.value);
    expect(measures.ood.value).toBeGreaterThan(0);
    expect(measures.ood.controls.identity.value).toBe(measures.ood.baseline?.value);
    expect(measures.ood.baseline?.value).toBeLessThan(0.02);
    expect(measures.clip.definition).toContain('the labels of the edits: "house"');
    expect(measures.perceptual.definition).toContain('Scenes features');
    // Of 5 steps the first is shared: 2 seeds x (5 + 7 x 4), against 2 x 9 x 5 with the identity as a run of its own. The identity is asked for twice, and each of the
    // four edited steps once more, of 16 runs.
    expect(cost).toMatchObject({ unetCalls: 66 + 66, naiveUnetCalls: 90 + 66, inspectionCalls: 2 + 4 * 16 });
  }, 180_000);

  it('is answered a second time without the U-Net, in the same words', async () => {
    const again = await dmi(runCommand, { experiments }, '--json');
    expect(again.json().timings.unetMs).toBe(0);
    const first = await outcomeIn(again.json().experiments[0].dir);
    const table = await dmi(runCommand, { experiments });
    expect(await outcomeIn(again.json().experiments[0].dir)).toEqual(first);
    expect(table.stdout).toContain('experiment no house: is it what draws the house?\n');
    expect(table.stdout).toContain('bit for bit');
  }, 180_000);

  it('is measured again where a stored finding, the judge, or what is measured has changed, and then only', async () => {
    const measured = async (parts: object): Promise<{ outcome: ExperimentOutcome; files: number }> => {
      const { json, stderr } = await dmi(runCommand, parts, '--json');
      expect(stderr).toContain('experiment no house: done');
      return { outcome: await outcomeIn(json().experiments[0].dir), files: (await readdir(join(folder, '.dmi/cache/findings'))).length };
    };
    const first = await measured({ experiments });
    for (const name of await readdir(join(folder, '.dmi/cache/findings'))) {
      const path = join(folder, '.dmi/cache/findings', name);
      await writeFile(path, (await readFile(path, 'utf8')).replaceAll('house', 'hause'));
    }
    expect(await measured({ experiments })).toEqual(first);

    // A judge that takes no notice of small things; its networks are those of Scenes.
    const judge = join(folder, 'judge');
    await cp(join(scenesFolder, 'judge'), judge, { recursive: true });
    await cp(join(scenesFolder, 'tokenizer'), join(folder, 'tokenizer'), { recursive: true });
    const config = JSON.parse(await readFile(join(judge, 'judge.json'), 'utf8')) as { image: { range: number[] }; segmenter: object };
    await writeFile(join(judge, 'judge.json'), JSON.stringify({ ...config, image: { ...config.image, range: [1, -1] } })); // sees negatives
    const other = await measured({ experiments, judge: 'judge' });
    expect(other.files).toBe(first.files + 1);
    expect(other.outcome.inputs).not.toBe(first.outcome.inputs);
    expect(other.outcome.measures.mse).toEqual(first.outcome.measures.mse);
    expect(other.outcome.measures.perceptual.value).not.toBe(first.outcome.measures.perceptual.value);
    const back = await measured({ experiments });
    expect([back.files, back.outcome]).toEqual([other.files, first.outcome]);
  }, 180_000);
});

describe('a sweep on Scenes', () => {
  it('leaves a table for every reader, and tells what the effects cost', async () => {
    const parts = {
      experiments: { a: { edits: [edit], measure: ['clip', 'outside.perceptual'], controls: ['random-concept'] } },
      sweeps: { 'When?': { of: 'a', vary: { '/edits/0/during': [{ steps: [0, 1] }, { steps: [4, 4] }], '/edits/0/scale': [0, 2] } } },
    };
    const { experiments, sweeps: [{ dir, cells }] } = (await dmi(runCommand, parts, '--json', '--only', 'When?')).json();
    expect(experiments).toEqual([]);
    expect(cells.map(({ at }) => at)).toEqual([[0, 0], [0, 1], [1, 0], [1, 1]]);
    const sweep = checkShape(SweepOutcome, JSON.parse(await readFile(join(dir, 'sweep.json'), 'utf8')), dir, '');
    expect(sweep.cells.map(({ outcome }) => outcome.edits[0].amount)).toEqual([0, 2, 0, 2]);
    // What both strengths of a window share is computed once, the last step's edit costs one step.
    expect(sweep.cost.unetCalls).toBe(2 * (5 + 8 * 5 + 8 * 1));
    expect(sweep.cells[0].outcome.measures.clip.value).not.toBe(sweep.cells[2].outcome.measures.clip.value);
    const rows = JSON.parse(await readFile(join(dir, 'table.json'), 'utf8')) as Record<string, unknown>[];
    expect(rows).toHaveLength(8);
    expect(rows.filter(({ measure: name }) => name === 'clip').map(({ added_calls: calls }) => calls)).toEqual([5, 5, 1, 1]);
    expect(await readFile(join(dir, 'table.md'), 'utf8')).toContain('## Efficiency');
    expect((await readFile(join(dir, 'table.parquet'))).subarray(0, 4).toString()).toBe('PAR1');
  }, 180_000);
});

describe('dmi test', () => {
  const tested = (min: number): object => ({
    experiments: {
      a: { edits: [edit], controls: ['identity'], expect: { mse: { min } } },
      b: { edits: [edit], controls: [], measure: ['mse'] },
    },
  });

  it('passes where every expectation holds, and runs nothing that has none', async () => {
    const { code, stdout } = await dmi(testCommand, tested(1e-9));
    expect(code).toBe(0);
    expect(stdout).toContain('passed mse:');
    expect(stdout).toContain('1 of 1 expectations hold\n');
    expect(stdout).not.toContain('experiment b');
  }, 120_000);

  it('fails with 1 where one does not, with the value and the reason, also as JUnit XML', async () => {
    const file = join(folder, 'reports/junit.xml');
    const { code, stdout } = await dmi(testCommand, tested(0.9), '--json', '--junit', file);
    expect(code).toBe(1);
    const { passed, experiments: [{ name, expectations: [{ measure: by, value, reason }] }] } = JSON.parse(stdout) as { passed: boolean; experiments: Pick<ExperimentOutcome, 'name' | 'expectations'>[] };
    expect([passed, name, by]).toEqual([false, 'a', 'mse']);
    expect(value).toBeLessThan(0.9);
    expect(reason).toContain('is below 0.9');
    const xml = await readFile(file, 'utf8');
    expect(xml).toContain('tests="2" failures="1"');
    expect(xml).toContain('is below 0.9</failure>');
  }, 120_000);

  it('without expectations there is nothing to test', async () => {
    const none = await dmi(testCommand, { experiments: { b: { edits: [edit] } } });
    expect([none.code, none.stderr.includes('no experiment says what to expect')]).toEqual([2, true]);
    const other = await dmi(testCommand, tested(0), '--only', 'b');
    expect([other.code, other.stderr.includes('These do: a.')]).toEqual([2, true]);
  });

  it('a measure that the judge cannot give stops before anything is computed', async () => {
    const { code, stderr } = await dmi(testCommand, { experiments: { a: { edits: [edit], expect: { 'presence:castle': { min: 1 } } } } });
    expect(code).toBe(2);
    expect(stderr).toContain('the judge does not know "castle"');
    expect(stderr).toContain('$.experiments.a.expect');
  });
});
