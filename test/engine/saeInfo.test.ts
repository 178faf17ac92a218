import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/commands/commandLine.ts';
import { runCommand } from '../../src/commands/run.ts';
import { command as saeInfo } from '../../src/commands/saeInfo.ts';
import { float32 } from '../../src/base/tensor.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import type { ResultJson } from '../../src/report/resultJson.ts';
import { activationsOf } from '../../src/sae/activationsOf.ts';
import { loadSaeFolder } from '../../src/sae/loadSaes.ts';
import { SaeCoder } from '../../src/sae/saeCoder.ts';
import { encodeSidecar } from '../../src/sae/sidecar.ts';
import { trainSae } from '../../src/sae/trainSae.ts';
import { writeSaelens } from '../../src/sae/writeSaelens.ts';
import { golden, scenesFolder } from '../support/scenes.ts';
import { recordTerminal } from '../support/terminal.ts';

const site = 'mid_block.attentions.0';
const prompt = 'a red house left and a blue tree right, meadow';
let folder: string;
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'dmi-info-')); });
afterAll(async () => { await rm(folder, { recursive: true }); });

async function info(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const terminal = recordTerminal();
  const code = await runCommandLine([saeInfo], ['sae', 'info', ...args], terminal);
  return { code, stdout: terminal.stdout, stderr: terminal.stderr };
}

/** A checkpoint that somebody published: nothing says what it was trained on. */
async function published(name: string): Promise<string> {
  const copy = join(folder, name);
  await cp(join(scenesFolder, 'saes', name), copy, { recursive: true, filter: (path) => !path.includes('dmi-') || path === copy });
  return copy;
}

interface Told { scores: { site: string; activation: string; fvu: Record<string, number> }[]; guess: { site: string; activation: string; branch: string; plausible: boolean } }

describe('dmi sae info', () => {
  it('tells what a checkpoint is, and what is missing', async () => {
    const { code, stdout } = await info(join(golden('checkpoints'), 'saelens-batchtopk'));
    expect(code).toBe(0);
    expect(stdout).toContain('a trace holds the 64 greatest of a cell');
    expect(stdout).toContain('BatchTopK');
    expect(stdout).toMatch(/find out +dmi sae info .* --model MODEL --write/);
  });

  it('finds the site by rebuilding its activations, and writes the answer, with which the SAE loads', async () => {
    const copy = await published(site);
    await expect(loadSaeFolder(copy)).rejects.toThrow('which activation of which site');
    const { code, stdout, stderr } = await info(copy, '--model', scenesFolder, '--steps', '4', '--write', '--json');
    expect(code).toBe(0);
    const [{ scores, guess }] = JSON.parse(stdout) as [Told];
    expect(guess).toEqual({ site, activation: 'update', branch: 'both', plausible: true });
    expect(scores[0].fvu.cond).toBeLessThan(0.2);
    expect(scores[1].fvu.cond).toBeGreaterThan(0.5);
    expect(stderr).toContain(`wrote ${join(copy, 'dmi-sae.json')}`);
    const [sae] = await loadSaeFolder(copy);
    expect(sae).toMatchObject({ site, k: 8, sidecar: { activation: 'update', modelHash: await (await openPipelineFolder(scenesFolder)).hash() } });
    // of a few thousand cells, much as of those it was trained on
    const [trained] = await loadSaeFolder(join(scenesFolder, 'saes', site));
    const common = trained.sidecar.statistics.density.flatMap((density, at) => (density > 0.02 ? [at] : []));
    const ratios = common.map((at) => sae.sidecar.statistics.mean[at] / trained.sidecar.statistics.mean[at]).sort((a, b) => a - b);
    expect(ratios[Math.floor(ratios.length / 2)]).toBeGreaterThan(0.7);
    expect(ratios[Math.floor(ratios.length / 2)]).toBeLessThan(1.4);
  });

  it('finds the site of every SAE of Scenes from one prompt and two steps', async () => {
    const names = (await readdir(join(scenesFolder, 'saes'), { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
    expect(names).toHaveLength(7);
    for (const [at, name] of names.entries()) { // nothing in the path or the configuration names the site
      const copy = join(folder, 'nameless', `sae${at}`);
      await mkdir(copy, { recursive: true });
      await cp(join(scenesFolder, 'saes', name, 'sae_weights.safetensors'), join(copy, 'sae_weights.safetensors'));
      const config = JSON.parse(await readFile(join(scenesFolder, 'saes', name, 'cfg.json'), 'utf8')) as object;
      await writeFile(join(copy, 'cfg.json'), JSON.stringify({ ...config, metadata: {} }));
    }
    await writeFile(join(folder, 'one.txt'), 'a house\n');
    const { stdout } = await info(join(folder, 'nameless'), '--model', scenesFolder, '--steps', '2', '--prompts', join(folder, 'one.txt'), '--json');
    const found = JSON.parse(stdout) as Told[];
    expect(found.map(({ guess: { site: of, activation } }) => `${activation} of ${of}`)).toEqual(names.map((name) => `update of ${name}`));
    for (const { scores: [best, next] } of found) expect(next.fvu.cond).toBeGreaterThan(2 * best.fvu.cond);
  }, 120_000);

  it('tells how well each time is rebuilt, and writes the times that somebody knows', async () => {
    const copy = await published('mid_block.attentions.0');
    const { stdout } = await info(copy, '--model', scenesFolder, '--steps', '5', '--times', '1-0.6', '--write');
    expect(stdout).toMatch(/FVU by time: early 0\.\d+, middle 0\.\d+, late 0\.\d+\./);
    const [sae] = await loadSaeFolder(copy);
    expect(sae.sidecar.tRange).toEqual([0.6, 1]);
    expect((await info(copy)).stdout).toContain('t from 1 to 0.6');
    for (const times of ['1-1', '0.6', 'a-b', '2-0']) expect((await info(copy, '--model', scenesFolder, `--times=${times}`)).stderr).toContain('between 0 and 1');
  });

  it('says so where the model has no such width, or rebuilds nothing', async () => {
    const wrong = await info(join(golden('checkpoints'), 'openai-relu'), '--model', scenesFolder);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('no site of the model is 16 wide')]);
    const noise = join(folder, 'noise');
    const random = (...shape: number[]) => float32(Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => Math.sin(at * at)), shape);
    await writeSaelens(noise, { wEnc: random(112, 64), bEnc: random(64), wDec: random(64, 112), bDec: random(112) }, { k: 4, site: '?', model: '?' });
    const lost = await info(noise, '--model', scenesFolder, '--steps', '2', '--write');
    expect([lost.code, lost.stdout, lost.stderr]).toEqual([2, expect.stringContaining('none of them is rebuilt'), expect.stringContaining('rebuilds none of the activations')]);
    await expect(stat(join(noise, 'dmi-sae.json'))).rejects.toThrow('ENOENT');
    const known = await info(noise, '--model', scenesFolder, '--steps', '2', '--write', '--site', site, '--activation', 'input', '--branch', 'cond');
    expect(known.code).toBe(0);
    expect(await loadSaeFolder(noise)).toMatchObject([{ site, sidecar: { activation: 'input', branch: 'cond' } }]);
    for (const args of [['--write'], ['--activation', 'delta'], ['--branch', 'all']]) expect((await info(noise, ...args)).code).toBe(2);
  });
});

describe('an SAE of another activation and another nonlinearity', () => {
  it('is recognised, traced and edited in whole runs', async () => {
    const model = await openPipelineFolder(scenesFolder);
    const generations = [prompt, 'a green ball and a yellow star at night', 'a blue boat on the sea', 'a red tree, snow'].map((text, seed) => ({ prompt: text, seed }));
    const sampling = { negativePrompt: '', steps: 6, guidanceScale: 5 };
    const { buffer, key } = await activationsOf({ model, sites: [site], activations: { [site]: 'output' }, generations, sampling, seed: 0, limit: { bytes: 1e8 }, folder: join(folder, 'activations') });
    const { weights } = await trainSae({
      buffer, bufferKey: key, site, recipe: { expansion: 2, k: 8, cells: 200_000, batch: 512, learningRate: 0.002, seed: 0 }, checkpoint: join(folder, 'training.safetensors'),
    });
    const saes = join(folder, 'saes', 'published');
    // The mean of the least values that TopK keeps, made a threshold: as BatchTopK SAEs are saved.
    const [, n] = weights.wEnc.shape;
    const coder = await SaeCoder.open(weights);
    const { values } = await coder.encode(await buffer.readShard(site, 0), 8).finally(() => coder.close());
    const least = values.filter((_, at) => at % 8 === 7);
    const threshold = least.reduce((sum, value) => sum + value, 0) / least.length;
    await writeSaelens(saes, { ...weights, threshold: float32(new Float32Array(n).fill(threshold), [n]) }, { k: 8, site: '?', model: '?', nonlinearity: 'threshold' });
    const found = await info(saes, '--model', scenesFolder, '--steps', '6', '--write', '--json');
    const [{ guess, scores }] = JSON.parse(found.stdout) as [Told];
    expect(guess, JSON.stringify(scores)).toMatchObject({ site, activation: 'output', plausible: true });

    const [sae] = await loadSaeFolder(saes);
    await writeFile(join(saes, 'dmi-sae.json'), encodeSidecar({ ...sae.sidecar, k: 12 })); // fewer than are active
    const concept = sae.sidecar.statistics.density.indexOf(Math.max(...sae.sidecar.statistics.density));
    const spec = join(folder, 'test.dmi.json');
    await writeFile(spec, JSON.stringify({
      dmi: 1, model: 'builtin:scenes', saes: ['saes'], sample: { prompt, seeds: [0], steps: 3, guidanceScale: 5 },
      experiments: { less: { edits: [{ site, concept, scale: 0, where: 'everywhere', during: 'all', branch: 'cond' }], controls: ['identity'], measure: ['mse'] } },
    }));
    const terminal = recordTerminal();
    expect(await runCommandLine([runCommand()], ['run', spec, '--json'], terminal), terminal.stderr).toBe(0);
    const { runs, experiments } = JSON.parse(terminal.stdout) as ResultJson & { experiments: { measures: Record<string, { value: number; controls: Record<string, { value: number }> }> }[] };
    expect(Object.keys(runs[0].sites)).toEqual([site]);
    expect(experiments[0].measures.mse.value).toBeGreaterThan(0);
    expect(experiments[0].measures.mse.controls.identity.value).toBe(0);
    expect(await readdir(join(folder, '.dmi/runs'))).not.toHaveLength(0);
    expect(JSON.parse(await readFile(join(saes, 'dmi-sae.json'), 'utf8'))).toMatchObject({ k: 12, activation: 'output' });
  }, 240_000);
});
