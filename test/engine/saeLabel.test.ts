import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Terminal } from '../../src/commands/command.ts';
import { command } from '../../src/commands/saeLabel.ts';
import { loadLabels, type LabelTable } from '../../src/concepts/labels.ts';
import { loadSaeFolder } from '../../src/sae/loadSaes.ts';
import { scenesFolder } from '../support/scenes.ts';

const site = 'mid_block.attentions.0';
let folder: string;
let saes: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dmi-label-'));
  saes = join(folder, 'saes');
  await mkdir(saes);
  await cp(join(scenesFolder, 'saes', site), join(saes, site), { recursive: true });
  await rm(join(saes, site, 'dmi-labels.json'), { force: true });
});
afterAll(async () => { await rm(folder, { recursive: true }); });

async function label(args: readonly string[], signal = new AbortController().signal): Promise<string> {
  let out = '';
  const terminal: Terminal = { out: (text) => { out += text; }, err: () => undefined, interactive: false, signal };
  expect(await command.run([saes, ...args], terminal)).toBe(0);
  return out;
}

async function labelsWritten(): Promise<LabelTable | undefined> {
  const [sae] = await loadSaeFolder(saes);
  return loadLabels(sae);
}

const labelsPath = () => join(saes, site, 'dmi-labels.json');
const small = ['--images', '10', '--steps', '3', '--json'];

describe('dmi sae label', () => {
  test('an interrupted run writes nothing', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(label(['--model', scenesFolder, ...small], controller.signal)).rejects.toMatchObject({ name: 'CancelledError' });
    expect(await readdir(join(saes, site))).not.toContain('dmi-labels.json');
  });

  test('writes labels beside the SAE, the same ones every time', async () => {
    const { sites } = JSON.parse(await label(['--model', scenesFolder, ...small])) as { sites: { site: string; file: string; labelled: number }[] };
    expect(sites).toMatchObject([{ site, file: labelsPath() }]);
    const first = await readFile(labelsPath(), 'utf8');
    const labels = await labelsWritten();
    expect(labels?.file).toMatchObject({ site, images: 10, sample: { scheduler: 'ddim', steps: 3, guidanceScale: 5, seeds: [0, 9] } });
    expect(labels?.file.prompts).toHaveLength(10);
    expect(Object.values(labels?.file.concepts ?? {}).filter(({ label: best }) => best !== null)).toHaveLength(sites[0].labelled);
    await label(['--model', scenesFolder, ...small]);
    expect(await readFile(labelsPath(), 'utf8')).toBe(first);
  });

  test('the card comes from the labels that are there', async () => {
    const card = await label(['--card']);
    expect(card).toContain('### Things');
    expect(card).toContain('| house |');
  });

  test('prompts come from a file', async () => {
    await writeFile(join(folder, 'prompts.txt'), '# two\na red house\n\na blue tree, snow\n');
    await label(['--model', scenesFolder, ...small, '--prompts', join(folder, 'prompts.txt')]);
    expect(new Set((await labelsWritten())?.file.prompts)).toEqual(new Set(['a red house', 'a blue tree, snow']));
  });

  test.each([
    ['no model', [], '--model is missing'],
    ['too few pictures', ['--model', scenesFolder, '--images', '3'], '--images takes'],
    ['no judge', ['--model', scenesFolder, '--judge', tmpdir()], 'no such file'],
    ['no prompts', ['--model', scenesFolder, '--prompts', join(tmpdir(), 'none.txt')], 'no such file'],
  ])('%s is an error', async (_, args, message) => {
    await expect(label(args)).rejects.toThrow(message);
  });
});
