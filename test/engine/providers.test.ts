import { execFile } from 'node:child_process';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { english } from '../../src/base/phrase.ts';
import type { Tensor } from '../../src/base/tensor.ts';
import { Generation } from '../../src/diffusion/generation.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import type { JobState } from '../../src/engine/job.ts';
import type { EditDefinition } from '../../src/experiment/editDefinition.ts';
import { agreementOf, tolerances } from '../../src/experiment/provider/agreement.ts';
import { probe } from '../../src/experiment/provider/probe.ts';
import type { RunManifest } from '../../src/experiment/runManifest.ts';
import { TracingModel } from '../../src/experiment/tracingModel.ts';
import { openInstrumentedUnet } from '../../src/instrument/instrumentUnet.ts';
import type { Provider } from '../../src/onnx/provider.ts';
import { loadSaeFolder } from '../../src/sae/loadSaes.ts';
import { cells, d, edited, rowsOfSlots, sample, text, tinyEditor } from '../support/editsByHand.ts';
import { exportFolder, withRestOfPipeline } from '../support/exports.ts';
import { scenesFolder } from '../support/scenes.ts';
import { ended, engineQueue, stateOf, stepOf } from '../support/engine.ts';
import { softwareVulkan } from '../support/softwareVulkan.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { tinySite, writeTinyUnet } from '../support/tinyUnet.ts';

let driver: Record<string, string> | undefined;
beforeAll(async () => { driver = await softwareVulkan(); }, 300_000); // on a bare Debian, Chromium is installed first
/** A test on WebGPU is skipped where its driver cannot be had. */
function needsDriver({ skip }: TestContext): void {
  skip(driver === undefined, 'no software driver for Vulkan');
}
/** A software driver is slow, and other tests share the cores. */
const patience = 600_000;

const folder = await openPipelineFolder(scenesFolder);
const saes = await loadSaeFolder(`${scenesFolder}/saes`);
const [middle, late] = ['mid_block.attentions.0', 'up_blocks.1.attentions.0'];
const edits: readonly EditDefinition[] = [
  { site: middle, concepts: [3, 50], operation: 'add', amount: 4, unit: 'mean', where: 'left', elsewhere: 'keep', branch: 'cond', steps: [0, 1] },
  { site: middle, concepts: [7], operation: 'scale', amount: 3, unit: 'mean', where: 'everywhere', elsewhere: 'keep', branch: 'both', steps: [0, 1] },
  { site: late, concepts: [1, 5, 9], operation: 'add', amount: 0.2, unit: 'norm', where: { concepts: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], above: 0.1 }, elsewhere: 'ablate', branch: 'cond', steps: [1] },
];

const opened: { close(): Promise<unknown> }[] = [];
afterAll(async () => { await Promise.all(opened.map((one) => one.close())); });

/** Every number of each step of a run on Scenes: latents, the prediction, codes, and Δ before and after its edits. */
async function numbersOf(provider: Provider, inForce: readonly EditDefinition[]): Promise<Map<string, Tensor>> {
  const model = models.get(provider) ?? await TracingModel.load(folder, saes, 'cond', await temporaryFolder(), { provider }, saes.filter(({ site }) => site === middle || site === late));
  if (!models.has(provider)) opened.push(model);
  models.set(provider, model);
  const inputs = await model.editInputs({ masks: new Map(), guided: true });
  const generation = await Generation.begin(model.pipeline, { prompt: 'a red house left and a blue tree right', negativePrompt: '', seed: 11, steps: 2, guidanceScale: 5 });
  const numbers = new Map<string, Tensor>();
  while (!generation.done) {
    const { step } = generation;
    const prediction = await model.predict(generation.input(), generation.timestep, generation.conditioning, inputs.at([inForce], step), { updates: true });
    for (const [name, tensor] of Object.entries(prediction.taps)) numbers.set(`${step} ${name}`, tensor);
    numbers.set(`${step} prediction`, prediction.noise);
    const { latents } = generation.accept(prediction);
    numbers.set(`${step} latents`, { dtype: 'float32', shape: [latents.length], data: latents.slice() });
  }
  return numbers;
}
const models = new Map<Provider, TracingModel>();

/** Greatest differences; of codes only in cells in which the same concepts are active, and the share of those cells. */
function compare(expected: ReadonlyMap<string, Tensor>, found: ReadonlyMap<string, Tensor>) {
  const worst = { latents: 0, prediction: 0, updates: 0, values: 0 };
  let [same, whole] = [0, 0];
  for (const [name, { data, shape }] of expected) {
    const other = found.get(name)?.data as Float32Array;
    if (name.endsWith('/indices')) continue;
    const kind = name.endsWith(' latents') ? 'latents' : name.endsWith(' prediction') ? 'prediction' : name.endsWith('/values') ? 'values' : 'updates';
    const k = name.endsWith('/values') ? shape[shape.length - 1] : 1;
    const indices = [expected, found].map((numbers) => (k > 1 ? numbers.get(name.replace('/values', '/indices'))?.data : undefined));
    for (let cell = 0; cell * k < data.length; cell++) {
      const agrees = indices.map((all) => (all === undefined ? '' : [...all.slice(cell * k, (cell + 1) * k)].map(String).sort().join())).every((set, _, [first]) => set === first);
      if (k > 1) [same, whole] = [same + Number(agrees), whole + 1];
      for (let at = cell * k; agrees && at < (cell + 1) * k; at++) worst[kind] = Math.max(worst[kind], Math.abs(Number(data[at]) - other[at]));
    }
  }
  return { ...worst, agreeing: same / whole };
}

function expectClose({ agreeing, ...worst }: ReturnType<typeof compare>): void {
  if (process.env.DMI_FIGURES !== undefined) process.stdout.write(`${JSON.stringify({ ...worst, agreeing })}\n`);
  for (const [kind, difference] of Object.entries(worst)) expect(difference, kind).toBeLessThan(1e-3);
  expect(agreeing, 'share of cells with the same concepts').toBeGreaterThan(0.99);
}

/** The greatest difference of edited updates on WebGPU from what they are said to be, as a share of the greatest of them. */
async function worstOfEdits(opsets: readonly number[], dtype: 'float32' | 'float16'): Promise<number> {
  let worst = 0;
  for (const opset of opsets) {
    const sae = await tinyEditor();
    const unet = await openInstrumentedUnet(await writeTinyUnet({ opset, dtype }), { taps: [], encoders: [sae], editors: [sae], branch: 'both' }, { provider: 'webgpu' });
    opened.push(unet);
    for (const rows of Object.values(rowsOfSlots)) {
      const { taps } = await unet.predict(sample(2), 1, text(2), [{ site: tinySite, rows }], { updates: true });
      for (const [row, slots] of rows.entries()) {
        const [before, after] = ['delta', 'edited'].map((kind) => (taps[`${kind}/${tinySite}`].data as Float32Array).subarray(row * d * cells, (row + 1) * d * cells));
        const expected = edited(before, slots);
        const scale = Math.max(1, ...expected.map(Math.abs));
        after.forEach((value, at) => { worst = Math.max(worst, Math.abs(value - expected[at]) / scale); });
      }
    }
  }
  return worst;
}

describe('supported: providers', () => {
  beforeEach(needsDriver);

  it('WebGPU: a traced run on Scenes: latents, predictions, updates and concepts within 1e-3 of the CPU (software driver)', async () => {
    expectClose(compare(await numbersOf('cpu', []), await numbersOf('webgpu', [])));
  }, patience);

  it('WebGPU: an edited run on Scenes, with units, regions and branches: the same within 1e-3 of the CPU (software driver)', async () => {
    const cpu = await numbersOf('cpu', edits);
    expect(compare(await numbersOf('cpu', []), cpu).latents, 'the edits do something').toBeGreaterThan(0.1);
    expectClose(compare(cpu, await numbersOf('webgpu', edits)));
  }, patience);

  it('WebGPU: every kind of edit, operator sets 13 to 20, within 1e-5 of what it is said to be (software driver)', async () => {
    expect(await worstOfEdits([13, 17, 18, 20], 'float32')).toBeLessThan(1e-5);
  }, patience);

  it.each([
    ['Stable Diffusion 1', 'sd1-optimum'], ['Stable Diffusion 1, dynamo export', 'sd1-dynamo-fixed'], ['Stable Diffusion 2', 'sd2-optimum'], ['SDXL', 'sdxl-optimum'], ['LCM', 'lcm-optimum'],
  ])('WebGPU: all networks of a tiny random pipeline within 1e-3 of the CPU: %s (software driver)', async (_, name) => {
    const model = await withRestOfPipeline(name);
    const ask = (provider: Provider) => probe({ model, saes: [], editable: [], branch: 'cond', machine: { provider }, rounds: 0, patienceMs: Infinity });
    const agreement = agreementOf(await ask('cpu'), await ask('webgpu'), tolerances.float32);
    expect(agreement.worst).toBeLessThan(1);
  }, patience);
});

describe('dmi', () => {
  beforeEach(needsDriver);

  const cli = fileURLToPath(new URL('../../dist/cli.mjs', import.meta.url));
  const dmi = (...args: string[]) => new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, [cli, ...args], { env: { ...process.env, ...driver } }, (_, stdout, stderr) => { resolve({ code: child.exitCode, stdout, stderr }); });
  });
  const spec = async (): Promise<string> => {
    const place = await temporaryFolder();
    await cp(exportFolder('sd1-optimum'), join(place, 'model'), { recursive: true });
    await writeFile(join(place, 'a.dmi.json'), JSON.stringify({ dmi: 1, model: 'model', sample: { prompt: 'a boat', steps: 2 } }));
    return place;
  };
  const manifestIn = async (place: string) => {
    const [run] = await readdir(join(place, '.dmi/runs'));
    return JSON.parse(await readFile(join(place, '.dmi/runs', run, 'run.json'), 'utf8')) as Pick<RunManifest, 'computed' | 'definition'>;
  };

  it('runs on a provider asked for by name, and says what ran where', async () => {
    const place = await spec();
    const { code, stdout, stderr } = await dmi('run', join(place, 'a.dmi.json'), '--provider', 'webgpu');
    expect(stdout).toMatch(/\ncomputed by webgpu, ONNX Runtime [\d.]+; \d+\/\d+ nodes: cpu \(.*Δ cpu \d/);
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/webgpu: not timed, agrees with the CPU within .*; \d+ of the U-Net's \d+ nodes run on the CPU/) as string });
    const { computed, definition } = await manifestIn(place);
    expect(definition.provider).toBe('webgpu');
    expect(computed).toMatchObject({ asked: 'webgpu', networks: { unet: 'webgpu', textEncoder: 'webgpu', vaeDecoder: 'webgpu' } });
    expect(computed?.trials?.[0]).toMatchObject({ provider: 'webgpu', placement: { nodes: expect.any(Number) as number, operators: expect.arrayContaining([expect.any(String)]) as string[] } });
    expect(computed?.trials?.[0].agreement?.worst).toBeLessThan(1);
  }, patience);

  it('measures once where it may choose', async () => {
    const place = await spec();
    const first = await dmi('run', join(place, 'a.dmi.json'), '--provider', 'auto');
    expect(first).toMatchObject({ code: 0, stderr: expect.stringMatching(/^auto: measuring cpu, webgpu(.|\n)*webgpu: [\d.e+]+ ms a step(.|\n)*auto: (cpu|webgpu) computes/) as string });
    expect((await manifestIn(place)).computed?.trials?.map(({ provider }) => provider).slice(0, 2)).toEqual(['cpu', 'webgpu']);
    expect((await dmi('run', join(place, 'a.dmi.json'), '--provider', 'auto')).stderr).not.toContain('measuring');
    expect((await dmi('plan', join(place, 'a.dmi.json'), '--provider', 'auto', '--measure-again')).stderr).toContain('measuring');
  }, patience);
});

describe('the engine of a window', () => {
  beforeEach(needsDriver);

  it('that a provider takes along says so, and the next run does not compute with it; where it is killed, nothing is held against the provider', async () => {
    const file = join(await temporaryFolder(), 'a.dmi.json');
    await cp(exportFolder('sd1-optimum'), join(dirname(file), 'model'), { recursive: true });
    const text = (seed: number): string => JSON.stringify({ dmi: 1, model: 'model', sample: { prompt: 'a boat', seeds: [seed], steps: 100 } });
    const queue = engineQueue({ provider: 'webgpu' });
    opened.push({ close: () => queue.dispose() });
    const said = new Set<string>();
    const end = async (seed: number, signal: NodeJS.Signals): Promise<JobState> => {
      const job = queue.start(file, text(seed));
      job.onDidChange(() => { if (job.state.kind === 'starting' && job.state.what !== undefined) said.add(english(job.state.what)); });
      await Promise.race([stepOf(job), stateOf(job)]);
      if (!ended(job.state)) process.kill(queue.enginePid ?? 0, signal);
      return stateOf(job);
    };
    expect(await end(0, 'SIGKILL')).toMatchObject({ fault: { message: expect.stringContaining('killed from outside') as string } });
    expect(await end(1, 'SIGSEGV')).toMatchObject({ fault: { message: 'The engine process crashed in native code (SIGSEGV) while the provider webgpu computed', remedy: expect.stringContaining('Measure Providers Again') as string } });
    expect(await end(2, 'SIGKILL')).toMatchObject({ kind: 'failed', fault: { place: 'webgpu', message: expect.stringContaining('passed its trial, but then: the process that computed with it ended with SIGSEGV') as string } });
    expect([...said]).toEqual(expect.arrayContaining([
      'reading the model and its SAEs', 'checking the files of the model', 'trying the provider webgpu for the first time with this model, beside the CPU', 'loading the U-Net', 'loading the text encoder', 'first step: reads the weights',
    ]));
    expect(queue.lines.filter((line) => line.startsWith('trying the provider webgpu'))).toHaveLength(1);
  }, patience);
});

/** Whether the device computes in half precision. SwiftShader does not; see `softwareVulkan` for one that does. */
async function needsHalf({ skip }: TestContext, wanted: boolean): Promise<void> {
  const unet = await openInstrumentedUnet(await writeTinyUnet({ opset: 17, dtype: 'float16' }), { taps: [], encoders: [], branch: 'both' }, { provider: 'webgpu' });
  const knows = await unet.predict(sample(2), 1, text(2)).then(() => true, () => false);
  await unet.close();
  skip(knows !== wanted, knows ? 'this driver knows half precision' : 'this driver knows no half precision: name one in DMI_VULKAN_DRIVER');
}

describe('supported: providers', () => {
  beforeEach(needsDriver);
  beforeEach(async (context) => { await needsHalf(context, true); });

  it.each([['Stable Diffusion 1', 'sd1-optimum-fp16', 'sd1-optimum'], ['Stable Diffusion 1, dynamo export', 'sd1-dynamo-fp16', 'sd1-optimum'], ['SDXL', 'sdxl-optimum-fp16', 'sdxl-optimum']])(
    'WebGPU: float16 networks within 2e-2 of the CPU: %s (software driver with half precision)', async (_, name, rest) => {
      const model = await withRestOfPipeline(name, rest);
      const ask = (provider: Provider) => probe({ model, saes: [], editable: [], branch: 'cond', machine: { provider }, rounds: 0, patienceMs: Infinity });
      const agreement = agreementOf(await ask('cpu'), await ask('webgpu'), tolerances.float16);
      if (process.env.DMI_FIGURES !== undefined) process.stdout.write(`${JSON.stringify(agreement)}\n`);
      expect(agreement.worst).toBeLessThan(1);
    }, patience);
});

describe('a float16 network', () => {
  beforeEach(needsDriver);

  it('has its edits on a device with half precision, within that precision', async (context) => {
    await needsHalf(context, true);
    expect(await worstOfEdits([13, 18], 'float16')).toBeLessThan(2e-2);
  }, patience);

  it('is refused by a device without half precision, with what to do', async (context) => {
    await needsHalf(context, false);
    const ask = probe({ model: await withRestOfPipeline('sd1-script-fp16'), saes: [], editable: [], branch: 'cond', machine: { provider: 'webgpu' }, rounds: 0, patienceMs: Infinity });
    await expect(ask).rejects.toMatchObject({ name: 'InputError', place: 'webgpu', remedy: expect.stringContaining('float32') as string });
  }, patience);
});
