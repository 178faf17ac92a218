import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { command as saeEval } from '../../src/commands/saeEval.ts';
import { command as saeTrain } from '../../src/commands/saeTrain.ts';
import { CancelledError } from '../../src/base/errors.ts';
import { readSafetensors } from '../../src/base/safetensors.ts';
import type { Terminal } from '../../src/commands/command.ts';
import { scenesFolder } from '../support/scenes.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const sites = ['mid_block.attentions.0', 'up_blocks.1.attentions.0'];

interface Evaluation {
  sites: Record<string, { fvu: number; l0: number; cells: number; dead: object[]; recovered: { bySteps: number[] }; labels: null }>;
}

/** A terminal that keeps what it is told, and stops the command when stderr says `stopAt`. */
function terminal(stopAt?: string): Terminal & { readonly shown: string[] } {
  const controller = new AbortController();
  const shown: string[] = [];
  return {
    shown, interactive: true, signal: controller.signal,
    out: (text) => { shown.push(text); },
    err: (text) => { if (stopAt !== undefined && text.includes(stopAt)) controller.abort(); },
  };
}

async function trainArguments(out: string, prompts: string): Promise<string[]> {
  await writeFile(prompts, '# two\na red house, meadow\na blue tree and a green ball at night\n');
  return [
    scenesFolder, '--prompts', prompts, '--out', out, '--sites', sites.join(), '--steps', '3', '--cells', '8000', '--batch', '512',
    '--expansion', '2', '--k', '4', '--threads', '1', '--buffer-mb', '1',
  ];
}

test('train, stopped twice and repeated, equals train at once; eval measures it', { timeout: 300_000 }, async () => {
  const [folder, stopped] = [await temporaryFolder(), await temporaryFolder()];
  const prompts = join(folder, 'prompts.txt');
  const args = await trainArguments(join(folder, 'saes'), prompts);
  expect(await saeTrain.run(args, terminal())).toBe(0);
  expect((await readdir(join(folder, 'saes'))).sort()).toEqual(sites);

  const again = await trainArguments(join(stopped, 'saes'), prompts);
  // The line of progress is drawn ten times a second at most, and a fast machine trains a site in less: by this clock every step is told.
  let clock = 0;
  const now = vi.spyOn(performance, 'now').mockImplementation(() => clock += 1000);
  onTestFinished(() => { now.mockRestore(); });
  for (const stopAt of ['generation 1/2', 'up_blocks.1.attentions.0 (2 of 2)']) {
    await expect(saeTrain.run(again, terminal(stopAt))).rejects.toThrow(CancelledError);
    expect(await readdir(join(stopped, 'saes', '.work'))).toContain('activations');
  }
  now.mockRestore();
  const shown = terminal();
  expect(await saeTrain.run(again, shown)).toBe(0);
  expect(shown.shown.join('')).toContain('up_blocks.1.attentions.0');
  for (const site of sites) {
    for (const file of ['cfg.json', 'dmi-sae.json', 'sae_weights.safetensors']) {
      expect(await readFile(join(stopped, 'saes', site, file))).toEqual(await readFile(join(folder, 'saes', site, file)));
    }
  }
  const { tensors } = await readSafetensors(join(folder, 'saes', sites[0], 'sae_weights.safetensors'));
  const [n, d] = tensors.get('W_dec')?.shape ?? [];
  expect(n).toBe(2 * d);

  const asked = terminal();
  const evaluation = [join(folder, 'saes'), '--model', scenesFolder, '--prompts', prompts, '--steps', '3', '--recovered', '1', '--curve', '--threads', '1', '--json'];
  expect(await saeEval.run(evaluation, asked)).toBe(0);
  const { sites: measured } = JSON.parse(asked.shown.join('')) as Evaluation;
  for (const site of sites) {
    const { fvu, l0, dead, recovered, labels } = measured[site];
    expect(fvu).toBeGreaterThan(0);
    expect(fvu).toBeLessThan(1);
    expect(l0).toBeLessThanOrEqual(4);
    expect(dead).toHaveLength(3);
    expect(recovered.bySteps).toHaveLength(3);
    expect(recovered.bySteps.every((share) => share <= 1)).toBe(true);
    expect(labels).toBeNull();
  }
  expect(await readFile(join(folder, 'saes', 'fvu-over-k.svg'), 'utf8')).toContain(sites[1]);
});
