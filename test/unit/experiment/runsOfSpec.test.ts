import { cp, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { sha256Text } from '../../../src/base/sha256.ts';
import { RunCatalogue } from '../../../src/experiment/runCatalogue.ts';
import { asksFor, runsOfSpec } from '../../../src/experiment/runsOfSpec.ts';
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
    for (const name of ['cfg.json', 'sae_weights.safetensors', 'dmi-sae.json', 'dmi-labels.json']) await writeFile(join(model, 'saes', site, name), name);
  }
  sources = { model, saes: Object.fromEntries(sites.map((site) => [site, join(model, 'saes', site)])) };
  later = new Date(Date.now() + 60_000);
});

const store = (fake: FakeRun = {}) => storeRun(folder, { prompt: 'a house', seed: 4, steps: 3, sources, finishedAt: later, ...fake });

async function found(parts: object = {}): Promise<(string | undefined)[]> {
  const parsed = parseSpec(JSON.stringify({ dmi: 1, model: '../model', sample: request, ...parts }), join(folder, 'a.dmi.json'));
  return (await runsOfSpec(parsed, folder, new RunCatalogue())).map(({ run }) => run?.folder);
}

it('finds the newest run of each seed, in the order of the spec', async () => {
  expect(await found()).toEqual([undefined, undefined]);
  const { folder: four } = await store();
  expect(await found()).toEqual([four, undefined]);
  const { folder: two } = await store({ seed: 2 });
  expect(await found()).toEqual([four, two]);
  expect(await found({ sample: { ...request, seeds: [9, 4] } })).toEqual([undefined, four]);
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
