import { cp, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { sha256Text } from '../../../src/base/sha256.ts';
import { modelHash } from '../../../src/diffusion/pipelineFolder.ts';
import { ContentHashes, inProcess } from '../../../src/experiment/contentHashes.ts';
import { TrialStore } from '../../../src/experiment/provider/trialStore.ts';
import { RunCatalogue } from '../../../src/experiment/runCatalogue.ts';
import { asksFor, runsOfSpec, type SeedRun } from '../../../src/experiment/runsOfSpec.ts';
import { hashSae } from '../../../src/sae/loadSaes.ts';
import { canonicalJson } from '../../../src/spec/canonicalJson.ts';
import { parseSpec } from '../../../src/spec/parseSpec.ts';
import { storeRun } from '../../support/storedRuns.ts';
import type { FakeRun } from '../../support/storedRuns.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const sites = ['down_blocks.0.attentions.0', 'mid_block.attentions.0'];
const request = { prompt: 'a house', seeds: [4, 2], steps: 3 };

/** A workspace with `model` (its SAEs beside it) and the spec in `specs`. */
let workspace: string;
let folder: string;
let sources: NonNullable<FakeRun['sources']>;
let later: Date;

beforeEach(async () => {
  workspace = await temporaryFolder();
  folder = join(workspace, 'specs');
  await mkdir(folder);
  await writeFile(join(workspace, 'package.json'), '{}');
  const model = join(workspace, 'model');
  for (const name of ['scheduler/scheduler_config.json', 'text_encoder/model.onnx', 'tokenizer/vocab.json', 'unet/model.onnx', 'vae_decoder/model.onnx']) {
    await mkdir(join(model, name, '..'), { recursive: true });
    await writeFile(join(model, name), name);
  }
  for (const site of sites) {
    await mkdir(join(model, 'saes', site), { recursive: true });
    for (const name of ['cfg.json', 'sae_weights.safetensors', 'dmi-sae.json', 'dmi-labels.json']) await writeFile(join(model, 'saes', site, name), `${name} of ${site}`);
  }
  sources = { model, saes: Object.fromEntries(sites.map((site) => [site, join(model, 'saes', site)])) };
  later = new Date(Date.now() + 60_000);
});

const store = (fake: FakeRun = {}) => storeRun(folder, { prompt: 'a house', seed: 4, steps: 3, sources, finishedAt: later, ...fake });

const ask = (parts: object, hashes: ContentHashes, provider = 'cpu'): Promise<SeedRun[]> => {
  const parsed = parseSpec(JSON.stringify({ dmi: 1, model: '../model', sample: request, ...parts }), join(folder, 'a.dmi.json'));
  return runsOfSpec(parsed, folder, { catalogue: new RunCatalogue(), hashes, provider });
};

/** What is found in the end, when there is nothing left to learn. */
async function found(parts: object = {}, provider = 'cpu'): Promise<(string | undefined)[]> {
  const hashes = new ContentHashes(inProcess(), () => undefined);
  for (let rounds = 0; rounds < 2; rounds++) { // first the model, then its SAEs
    await ask(parts, hashes, provider);
    await hashes.settled;
  }
  return (await ask(parts, hashes, provider)).map(({ run }) => run?.folder);
}

/** The hashes of the model in the workspace as it is. */
async function trueHashes(): Promise<NonNullable<FakeRun['hashes']>> {
  const saes = await Promise.all(Object.entries(sources.saes).map(async ([site, path]) => [site, await hashSae(path)] as const));
  return { model: await modelHash(sources.model), saes: Object.fromEntries(saes) };
}

it('finds the newest run of each seed, in the order of the spec', async () => {
  expect(await found()).toEqual([undefined, undefined]);
  const { folder: four } = await store();
  expect(await found()).toEqual([four, undefined]);
  const { folder: two } = await store({ seed: 2 });
  expect(await found()).toEqual([four, two]);
  expect(await found({ sample: { ...request, seeds: [9, 4] } })).toEqual([undefined, four]);
});

it("takes a run of the pipeline's own scheduler where the spec names none", async () => {
  const config = join(sources.model, 'scheduler/scheduler_config.json');
  await writeFile(config, '{ "_class_name": "EulerDiscreteScheduler" }');
  const { folder: ddim } = await store();
  expect(await found()).toEqual([undefined, undefined]);
  expect(await found({ sample: { ...request, scheduler: 'ddim' } })).toEqual([ddim, undefined]);
  await writeFile(config, '{ "_class_name": "DDIMScheduler" }');
  await store({ hashes: await trueHashes() });
  expect(await found()).toEqual([expect.any(String), undefined]);
});

it.each<[string, object]>([
  ['prompt', { sample: { ...request, prompt: 'a tree' } }],
  ['negative prompt', { sample: { ...request, negativePrompt: 'a tree' } }],
  ['number of steps', { sample: { ...request, steps: 4 } }],
  ['guidance', { sample: { ...request, guidanceScale: 4 } }],
  ['branch', { trace: { branch: 'both' } }],
  ['recorded steps', { trace: { steps: [0, 1] } }],
  ['sites', { trace: { sites: [sites[0]] } }],
  ['model', { model: '../other' }],
  ['SAEs', { saes: ['../other/saes'] }],
])('finds none of another %s', async (_, parts) => {
  await cp(join(workspace, 'model'), join(workspace, 'other'), { recursive: true });
  const { folder: run } = await store();
  expect(await found()).toEqual([run, undefined]);
  expect(await found(parts)).toEqual([undefined, undefined]);
});

it('finds what the spec says in other words', async () => {
  const { folder: run } = await store();
  expect(await found({ sample: { ...request, negativePrompt: '', scheduler: 'ddim', guidanceScale: 5 } })).toEqual([run, undefined]);
  expect(await found({ trace: { branch: 'cond', steps: [2, 0, 1], sites: [...sites].reverse(), concepts: { top: 3, always: [7] } } })).toEqual([run, undefined]);
  expect(await found({ saes: ['../model/saes'], why: undefined })).toEqual([run, undefined]);
});

it('finds none where the spec has errors, or what it names is not there', async () => {
  await store();
  expect(await found({ sample: {} })).toEqual([]);
  await rm(join(workspace, 'model/unet'), { recursive: true });
  expect(await found()).toEqual([undefined, undefined]);
  await rm(join(workspace, 'model'), { recursive: true });
  expect(await found()).toEqual([undefined, undefined]);
});

it('finds no run without the SAE of a site that has one now', async () => {
  const { folder: run } = await store({ sources: { ...sources, saes: { [sites[1]]: sources.saes[sites[1]] } } });
  expect(await found()).toEqual([undefined, undefined]);
  expect(await found({ trace: { sites: [sites[1]] } })).toEqual([run, undefined]);
});

describe('when the model has changed since', () => {
  const part = (name: string) => join(workspace, 'model', name);
  let run: string;
  beforeEach(async () => {
    const written = Math.ceil(await newest());
    ({ folder: run } = await store({ finishedAt: new Date(written) }));
    expect(await found()).toEqual([run, undefined]);
    // A file system's clock runs up to a tick behind.
    while (Date.now() <= written + 20) await new Promise(setImmediate);
  });

  async function newest(): Promise<number> {
    const { mtimeMs, ctimeMs } = await stat(part(`saes/${sites[1]}/dmi-labels.json`));
    return Math.max(mtimeMs, ctimeMs);
  }

  it.each(['unet/model.onnx', 'tokenizer/vocab.json', `saes/${sites[0]}/sae_weights.safetensors`])('finds none: %s was written', async (name) => {
    await writeFile(part(name), 'new');
    expect(await found()).toEqual([undefined, undefined]);
  });

  it('finds none: an old file was moved in', async () => {
    const other = join(workspace, 'other.onnx');
    await writeFile(other, 'older weights');
    await utimes(other, new Date(0), new Date(0));
    await rename(other, part('unet/model.onnx'));
    expect(await found()).toEqual([undefined, undefined]);
  });

  it('finds it all the same when concepts were only named', async () => {
    await writeFile(part(`saes/${sites[0]}/dmi-labels.json`), 'new');
    expect(await found()).toEqual([run, undefined]);
  });
});

it('where the machine may choose, finds runs of what it chose for the model, of the CPU as long as it has not', async () => {
  const { folder: cpu } = await store();
  const { folder: cuda } = await store({ provider: 'cuda', seed: 2 });
  expect(await found({}, 'auto')).toEqual([cpu, undefined]);
  const cache = join(folder, '.dmi/cache');
  const hash = (JSON.parse(await readFile(join(cuda, 'run.json'), 'utf8')) as { definition: { model: string } }).definition.model;
  await (await TrialStore.open(cache, hash, '1')).write({ trials: [], choice: 'cuda' });
  expect(await found({}, 'auto')).toEqual([undefined, cuda]);
});

it('leaves runs of another provider to themselves', async () => {
  const { folder: cpu } = await store();
  const { folder: cuda } = await store({ provider: 'cuda', seed: 2 });
  expect(await found()).toEqual([cpu, undefined]);
  expect(await found({}, 'cuda')).toEqual([undefined, cuda]);
  expect(await found({}, 'webgpu')).toEqual([undefined, undefined]);
});

describe('when the model lies elsewhere now, or has other times', () => {
  let run: string;
  beforeEach(async () => {
    ({ folder: run } = await store({ hashes: await trueHashes(), sources: { model: '/old/model', saes: Object.fromEntries(sites.map((site) => [site, `/old/saes/${site}`])) } }));
  });

  it('finds the run by its hashes, once they are known, and where its SAEs lie', async () => {
    let learned = 0;
    const memory = inProcess();
    const hashes = new ContentHashes(memory, () => { learned += 1; });
    expect((await ask({}, hashes)).map(({ run: one }) => one?.folder)).toEqual([undefined, undefined]); // nobody waits for weights
    await hashes.settled;
    expect(learned).toBe(1);
    await ask({}, hashes);
    await hashes.settled;
    expect(learned).toBe(1 + sites.length);
    expect(await ask({}, hashes)).toMatchObject([{ run: { folder: run }, saes: sources.saes }, { run: undefined }]);
    expect(await ask({ trace: { sites: [sites[1]] } }, hashes)).toMatchObject([{ run: undefined }, { run: undefined }]);
    const tomorrow = new ContentHashes({ get: () => memory.get(), set: () => { throw new Error('nothing is to be learned'); } }, () => undefined);
    expect(await ask({}, tomorrow)).toMatchObject([{ run: { folder: run } }, {}]);
  });

  it('finds none when a file differs', async () => {
    expect(await found()).toEqual([run, undefined]);
    await writeFile(join(sources.model, 'unet/model.onnx'), 'other');
    expect(await found()).toEqual([undefined, undefined]);
    await writeFile(join(sources.model, 'unet/model.onnx'), 'unet/model.onnx');
    expect(await found()).toEqual([run, undefined]);
    await writeFile(join(sources.saes[sites[0]], 'sae_weights.safetensors'), 'other');
    expect(await found()).toEqual([undefined, undefined]);
  });

  it('reads nothing of it where no run would answer the spec', async () => {
    const hashes = new ContentHashes(inProcess(), () => { throw new Error('nothing was asked for'); });
    await ask({ sample: { ...request, prompt: 'a tree' } }, hashes);
    await hashes.settled;
  });

  it('does not try again what cannot be read', async () => {
    let tries = 0;
    const hashes = new ContentHashes(inProcess(), () => undefined);
    for (let round = 0; round < 3; round++) {
      expect(await hashes.of([join(sources.model, 'unet/model.onnx')], () => { tries += 1; return Promise.reject(new Error('no')); })).toBeUndefined();
      await hashes.settled;
    }
    expect(tries).toBe(1);
  });
});

it('leaves runs of other versions of the engine to themselves', async () => {
  const { folder: run, manifest: { definition } } = await store();
  const { spec } = parseSpec(JSON.stringify({ dmi: 1, model: '../model', sample: request }), 'a');
  if (spec === undefined) throw new Error('the spec has errors');
  const older = { ...definition, engine: '0.0.1' };
  expect(asksFor(spec, older)).toBe(true);
  const key = sha256Text(canonicalJson(older));
  const path = join(run, '..', key.slice(0, 32));
  await rename(run, path);
  const manifest = JSON.parse(await readFile(join(path, 'run.json'), 'utf8')) as object;
  await writeFile(join(path, 'run.json'), JSON.stringify({ ...manifest, key, definition: older }));
  expect(await new RunCatalogue().list(folder)).toMatchObject([{ kind: 'finished', key }]);
  expect(await found()).toEqual([undefined, undefined]);
});
