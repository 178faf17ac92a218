import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileError } from '../../src/base/fileBytes.ts';
import { parseSafetensors } from '../../src/base/safetensors.ts';
import { float32 } from '../../src/base/tensor.ts';
import { runCommandLine } from '../../src/commands/commandLine.ts';
import { runCommand } from '../../src/commands/run.ts';
import { loadPipeline } from '../../src/diffusion/loadPipeline.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import { encodePng } from '../../src/diffusion/png.ts';
import { sample } from '../../src/diffusion/sample.ts';
import { writeDurably } from '../../src/experiment/fileBatch.ts';
import type { WriteFile } from '../../src/experiment/fileBatch.ts';
import { indexModel } from '../../src/onnx/modelIndex.ts';
import type { ResultJson } from '../../src/report/resultJson.ts';
import { writeRandomSaes } from '../support/randomSaes.ts';
import { scenesFolder } from '../support/scenes.ts';
import { recordTerminal } from '../support/terminal.ts';

const request = { prompt: 'a red house left and a blue tree right, meadow', seeds: [0, 1], steps: 4, guidanceScale: 5 };
const n = 64;
const k = 4;
let folder: string;
let sites: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dmi-run-'));
  await cp(scenesFolder, join(folder, 'model'), { recursive: true, filter: (path) => !path.startsWith(join(scenesFolder, 'saes')) });
  sites = await writeRandomSaes(join(folder, 'saes'), join(folder, 'model'), { n, k });
});
afterAll(async () => { await rm(folder, { recursive: true }); });

/** Write a spec and run it as the command line does. */
async function run(parts: object, { args = [], write, signal, onError }: { args?: string[]; write?: WriteFile; signal?: AbortSignal; onError?: (text: string) => void } = {}) {
  const path = join(folder, 'test.dmi.json');
  await writeFile(path, JSON.stringify({ dmi: 1, model: 'model', saes: ['saes'], sample: request, ...parts }));
  const terminal = recordTerminal({ interactive: onError !== undefined, ...(signal !== undefined && { signal }) });
  const err = terminal.err.bind(terminal);
  terminal.err = (text) => { err(text); onError?.(text); };
  const code = await runCommandLine([runCommand(write)], ['run', path, ...args], terminal);
  return { code, stdout: terminal.stdout, stderr: terminal.stderr, json: () => JSON.parse(terminal.stdout) as ResultJson };
}

/** What stands in the store: finished runs only. */
async function stored(): Promise<string[]> {
  return await readdir(join(folder, '.dmi/runs')).catch(() => []);
}

describe('dmi run', () => {
  it('generates the pictures of an untraced run, and traces every site', async () => {
    const { code, json } = await run({}, { args: ['--json'] });
    expect(code).toBe(0);
    const { runs, timings, report } = json();
    expect(runs.map(({ seed, cached, steps }) => [seed, cached, steps])).toEqual([[0, false, [0, 1, 2, 3]], [1, false, [0, 1, 2, 3]]]);
    expect(Object.keys(runs[0].sites).sort()).toEqual([...sites].sort());
    expect(timings.unetMs).toBeGreaterThan(0);
    expect(timings.unetMs).toBeLessThan(timings.sessionMs);
    expect(timings.sessionMs).toBeLessThan(timings.totalMs);
    expect((await stat(report)).size).toBeGreaterThan(10_000);

    const pipeline = await loadPipeline(await openPipelineFolder(join(folder, 'model')));
    for await (const { step, latents } of sample(pipeline, await pipeline.denoiser(), { ...request, negativePrompt: '', scheduler: 'ddim', seed: 0 })) {
      if (step < request.steps - 1) continue;
      const [image] = await pipeline.vaeDecoder.decode(float32(latents, pipeline.latentShape));
      expect(Buffer.compare(await encodePng(image), await readFile(runs[0].image))).toBe(0);
    }
    await pipeline.close();
  });

  it('reports timelines that follow from the stored trace', async () => {
    const { runs: [{ dir, sites: bySite }] } = (await run({}, { args: ['--json'] })).json();
    const { tensors } = parseSafetensors(await readFile(join(dir, 'trace.safetensors')), 'trace');
    for (const site of sites) {
      const ids = tensors.get(`${site}/cond/indices`);
      const values = tensors.get(`${site}/cond/values`);
      const cells = ids?.shape[1] ?? 0;
      expect(ids?.shape).toEqual([4, cells, k]);
      expect(bySite[site].concepts).toHaveLength(24);
      for (const { id, label, gamma, onset, peak } of bySite[site].concepts) {
        const sums = [0, 0, 0, 0];
        ids?.data.forEach((concept: number | bigint, entry: number) => {
          if (Number(concept) === id) sums[Math.floor(entry / cells / k)] += Number(values?.data[entry]);
        });
        sums.forEach((sum, step) => { expect(gamma[step]).toBeCloseTo(sum / cells, 4); });
        const max = Math.max(...gamma);
        expect(label).toBeNull();
        expect(peak).toBe(gamma.indexOf(max));
        expect(onset).toBe(gamma.findIndex((value) => value >= 0.1 * max));
      }
    }
  });

  it('computes nothing twice: not the same spec, not with other concepts shown, and only the new one of more seeds', async () => {
    const before = await stored();
    const again = (await run({}, { args: ['--json'] })).json();
    expect(again.runs.map(({ cached }) => cached)).toEqual([true, true]);
    expect(again.runs[1].computed).toMatchObject({ asked: 'cpu', networks: { unet: 'cpu', textEncoder: 'cpu', vaeDecoder: 'cpu' } });
    expect(again.timings).toMatchObject({ unetMs: 0, sessionMs: 0, runMs: 0 });
    const shown = (await run({ trace: { concepts: { top: 1, always: [63] } } }, { args: ['--json'] })).json();
    expect(shown.runs.every(({ cached }) => cached)).toBe(true);
    const ids = shown.runs[0].sites[sites[0]].concepts.map(({ id }) => id);
    expect(ids).toContain(63);
    expect(ids.length).toBeLessThanOrEqual(2);
    expect(await stored()).toEqual(before);

    const more = (await run({ sample: { ...request, seeds: [0, 1, 2] } }, { args: ['--json'] })).json();
    expect(more.runs.map(({ cached }) => cached)).toEqual([true, true, false]);
    expect(await stored()).toHaveLength(3);
  });

  it('records the steps and branches asked for', async () => {
    const { runs: [{ dir, sites: bySite, steps }] } = (await run({ sample: { ...request, seeds: [0] }, trace: { sites: [sites[0]], branch: 'both', steps: [3, 1] } }, { args: ['--json'] })).json();
    expect(steps).toEqual([1, 3]);
    expect(new Set(bySite[sites[0]].concepts.map(({ branch }) => branch))).toEqual(new Set(['cond', 'uncond']));
    expect((await readdir(join(dir, 'previews'))).sort()).toEqual(['step-001.png', 'step-003.png']);
  });

  it('prints a table for people, and names what it does not do yet', async () => {
    const experiments = { now: { edits: [{ site: sites[0], concept: 1, add: 2 }], controls: [] } };
    const searches = { later: { of: 'now', over: { '/edits/0/add': { from: 1, to: 2 } }, maximize: 'mse' } };
    const { code, stdout, stderr } = await run({ experiments, searches });
    expect(code).toBe(0);
    expect(stderr).toContain('not yet: searches "later"');
    expect(stdout).toContain('experiment now\n');
    for (const site of sites) expect(stdout).toContain(site);
    expect(stdout).toMatch(/ {2}[ ▁▂▃▄▅▆▇█]{4} /);
    expect(stdout).toContain('(computed before)');
    expect(stdout).toMatch(/\ncomputed by cpu, ONNX Runtime \d+\.\d+\.\d+, \S.*\nreport /);
  });

  it('leaves files that Python reads with well-known libraries', async (context) => {
    const python = process.env.DMI_PYTHON ?? 'python3';
    if (spawnSync(python, ['-c', 'import safetensors, PIL, numpy']).status !== 0) context.skip();
    const { runs: [{ dir, sites: bySite }] } = (await run({}, { args: ['--json'] })).json();
    const { stdout, stderr } = spawnSync(python, [fileURLToPath(new URL('../reference/readRun.py', import.meta.url)), dir], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const read = JSON.parse(stdout) as { seed: number; image: number[]; previews: number; latents: number[]; sites: Record<string, Record<string, number[]>> };
    expect(read).toMatchObject({ seed: 0, image: [128, 128], previews: 4, latents: [4, 4, 16, 16] });
    for (const { id, gamma } of bySite[sites[0]].concepts) {
      gamma.forEach((value, step) => { expect(read.sites[`${sites[0]}/cond`][id][step]).toBeCloseTo(value, 4); });
    }
  });
});

describe('bad input to dmi run', () => {
  /** It is refused in words with file, place and remedy, and nothing is left. */
  async function refused(parts: object, words: readonly (string | RegExp)[], write?: WriteFile): Promise<void> {
    const before = await stored();
    const { code, stdout, stderr } = await run({ sample: { ...request, seeds: [99] }, ...parts }, write === undefined ? {} : { write });
    for (const word of words) expect(stderr).toMatch(word);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(await stored()).toEqual(before);
  }

  it('a concept number beyond the SAE', async () => {
    await refused({ trace: { concepts: { always: [n] } } }, ['test.dmi.json', `concept ${n} does not exist`, `0 to ${n - 1}`]);
  });

  it('a site without an SAE', async () => {
    await refused({ trace: { sites: ['mid_block.attentions.7'] } }, ['no SAE for the site "mid_block.attentions.7"', 'Sites with an SAE']);
  });

  it('an SAE of the wrong width', async () => {
    const [first, second] = [sites[0], 'mid_block.attentions.0'];
    const wrong = join(folder, 'wrong');
    await writeRandomSaes(wrong, join(folder, 'model'), { n, k, sites: [first] });
    const sidecar = join(wrong, first, 'dmi-sae.json');
    await writeFile(sidecar, (await readFile(sidecar, 'utf8')).replace(`"${first}"`, `"${second}"`));
    await refused({ saes: ['wrong'] }, ['sae_weights.safetensors', /is \d+ wide; mid_block\.attentions\.0 of this model has \d+ channels/, 'dmi sae train']);
  });

  it('an SAE for another model', async () => {
    const other = join(folder, 'other');
    await writeRandomSaes(other, join(folder, 'model'), { n, k, sites: ['mid_block.attentions.0'] });
    const sidecar = join(other, 'mid_block.attentions.0/dmi-sae.json');
    await writeFile(sidecar, (await readFile(sidecar, 'utf8')).replace(/"modelHash": ?"[0-9a-f]*"/, `"modelHash":"${'0'.repeat(64)}"`));
    await refused({ saes: ['other'] }, ['dmi-sae.json: /modelHash', 'another model']);
  });

  it('missing files', async () => {
    await refused({ model: 'nowhere' }, ['test.dmi.json', 'nowhere', 'no such file']);
    const config = join(folder, 'model/scheduler/scheduler_config.json');
    await rename(config, `${config}.away`);
    await refused({}, ['scheduler/scheduler_config.json', 'no such file']);
    await rename(`${config}.away`, config);
    const terminal = recordTerminal();
    expect(await runCommandLine([runCommand()], ['run', join(folder, 'absent.dmi.json')], terminal)).toBe(2);
    expect(terminal.stderr).toContain('absent.dmi.json: no such file');
  });

  it('no guidance, and yet its uncond half', async () => {
    await refused({ sample: { ...request, guidanceScale: 1 }, trace: { branch: 'uncond' } }, ['without guidance there is no uncond branch', '"guidanceScale" above 1']);
  });

  it('a full disk', async () => {
    const files: string[] = [];
    const write: WriteFile = async (path, content) => {
      files.push(path);
      if (files.length > 3) throw fileError(Object.assign(new Error(), { code: 'ENOSPC' }), path);
      await writeDurably(path, content);
    };
    await refused({}, [/\.dmi\/runs\/.*: disk full/, 'Free space'], write);
    expect(files.length).toBeGreaterThan(3);
  });

  it('NaN in activations, with site and step', async () => {
    const site = 'mid_block.attentions.0';
    const unet = join(folder, 'model/unet/model.onnx');
    const weight = [...(await indexModel(unet)).weights].find(([name, { data }]) => name.startsWith(`${site}.`) && !(data instanceof Uint8Array));
    const place = weight?.[1].data;
    if (place === undefined || place instanceof Uint8Array) throw new Error(`no large weight of ${site}`);
    const file = await open(place.path, 'r+');
    const { buffer } = await file.read({ buffer: Buffer.alloc(4), position: place.offset });
    try {
      await file.write(new Uint8Array(new Float32Array([NaN]).buffer), 0, 4, place.offset);
      await rm(join(folder, 'nan'), { recursive: true, force: true });
      await writeRandomSaes(join(folder, 'nan'), join(folder, 'model'), { n, k });
      await refused({ saes: ['nan'] }, ['unet/model.onnx: mid_block.attentions.0, step 0', 'NaN or infinity in the activations', 'Check the export']);
    } finally {
      await file.write(buffer, 0, 4, place.offset);
      await file.close();
    }
  });

  it('Ctrl-C in the middle', async () => {
    const before = await stored();
    const controller = new AbortController();
    const { code, stdout } = await run({ sample: { ...request, seeds: [77], steps: 30 } }, {
      signal: controller.signal, onError: (text) => { if (/step \d+\/30/.test(text)) controller.abort(); },
    });
    expect(code).toBe(130);
    expect(stdout).toBe('');
    expect(await stored()).toEqual(before);
  });
});
