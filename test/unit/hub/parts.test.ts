import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HubClient } from '../../../src/hub/hubClient.ts';
import { NothingHere } from '../../../src/hub/nothingHere.ts';
import { lookAt, planParts, planPull, type PullRequest } from '../../../src/hub/planPull.ts';
import { folderName, useInSpec } from '../../../src/hub/useInSpec.ts';
import { HubServer, pipelineRepository } from '../../support/hubServer.ts';

let server: HubServer;
let hub: HubClient;
beforeAll(async () => {
  server = await HubServer.start();
  hub = new HubClient({ endpoint: new URL(`${server.endpoint}/`), retryMs: 0 });
});
afterAll(() => server.stop());

function publish(...paths: string[]): void {
  server.repositories['org/x'] = { files: Object.fromEntries(paths.map((path) => [path, path])) };
}

/** Where each file of what would be fetched goes, and where it comes from if that is elsewhere. */
async function planned(request: Partial<PullRequest> = {}): Promise<string[]> {
  const { files } = await planPull(hub, { id: 'org/x', ...request });
  return files.map(({ path, to }) => (path === to ? to : `${path} as ${to}`)).sort();
}

async function refusal(request: Partial<PullRequest> = {}): Promise<NothingHere> {
  const error: unknown = await planPull(hub, { id: 'org/x', ...request }).then(() => undefined, (reason: unknown) => reason);
  if (error instanceof NothingHere) return error;
  throw error instanceof Error ? error : new Error('something was found');
}

const pipeline = ['model_index.json', 'unet/model.onnx', 'text_encoder/model.onnx', 'vae_decoder/model.onnx', 'tokenizer/vocab.json', 'scheduler/scheduler_config.json'];

describe('of a repository as people publish it, what is read here', () => {
  it('networks in onnx/ beside those of another library go where they are read, with the configurations beside them', async () => {
    publish('model_index.json', 'README.md', 'tokenizer/vocab.json', 'scheduler/scheduler_config.json', 'unet/config.json', 'unet/diffusion_pytorch_model.safetensors', 'text_encoder/config.json', 'text_encoder/model.safetensors', 'vae/config.json',
      'onnx/unet/model.onnx', 'onnx/unet/model.onnx_data', 'onnx/unet/config.json', 'onnx/text_encoder/model.onnx', 'onnx/vae_decoder/model.onnx', 'onnx/unet/model_fp16.onnx');
    expect(await planned()).toEqual([
      'README.md', 'model_index.json', 'onnx/text_encoder/model.onnx as text_encoder/model.onnx', 'onnx/unet/config.json as unet/config.json', 'onnx/unet/model.onnx as unet/model.onnx', 'onnx/unet/model.onnx_data as unet/model.onnx_data',
      'onnx/vae_decoder/model.onnx as vae_decoder/model.onnx', 'scheduler/scheduler_config.json', 'text_encoder/config.json', 'tokenizer/vocab.json', 'vae/config.json',
    ]);
  });

  it('one of several variants of a network, with its own external data', async () => {
    publish(...pipeline, 'unet/weights.pb', ...['fp16', 'int8', 'quantized'].flatMap((kind) => [`unet/model_${kind}.onnx`, `unet/model_${kind}.onnx_data`, `unet/model_${kind}.onnx.data`]), 'unet/openvino_model.bin', 'lora.safetensors');
    expect(await planned()).toEqual([...pipeline, 'unet/weights.pb'].sort());
  });

  it('SAEs of a repository whose pipeline is not for us', async () => {
    publish('model_index.json', 'unet/diffusion_pytorch_model.safetensors', 'unet/optimizer.pt', 'saes/mid_block.attentions.0/cfg.json', 'saes/mid_block.attentions.0/sae.safetensors', 'LICENSE');
    expect(await planned()).toEqual(['LICENSE', 'saes/mid_block.attentions.0/cfg.json', 'saes/mid_block.attentions.0/sae.safetensors']);
  });

  it('OpenAI\'s SAEs, several in a folder: each in one of its own, as that format is read', async () => {
    publish('v5/0.pt', 'v5/1.pt', 'v5/optimizer.pt', 'alone/x.pt');
    expect(await planned()).toEqual(['alone/x.pt', 'v5/0.pt as v5/0/0.pt', 'v5/1.pt as v5/1/1.pt']);
  });

  it('a folder of it, by name: nothing from elsewhere but its terms', async () => {
    publish('LICENSE', 'a/one/ae.pt', 'a/one/config.json', 'a/two/ae.pt', 'a/two/config.json', 'ab/ae.pt');
    expect(await planned({ folder: 'a' })).toEqual(['LICENSE', 'a/one/ae.pt as one/ae.pt', 'a/one/config.json as one/config.json', 'a/two/ae.pt as two/ae.pt', 'a/two/config.json as two/config.json']);
    expect(await planned({ folder: 'a/two' })).toEqual(['LICENSE', 'a/two/ae.pt as ae.pt', 'a/two/config.json as config.json']);
    const plan = await planPull(hub, { id: 'org/x', folder: 'a/two' });
    expect([folderName(plan), useInSpec(plan, '/w/saes/x/a/two', '/w')]).toEqual(['x/a/two', { saes: ['saes/x/a/two'] }]);
    publish(...pipeline.map((path) => `fp32/${path}`), ...pipeline.map((path) => `fp16/${path}`));
    expect(await planned({ folder: 'fp16' })).toEqual(pipeline.map((path) => `fp16/${path} as ${path}`).sort());
  });
});

describe('parts that people choose', () => {
  it('some SAEs get a folder each, so that others can join them; all of them are one download', async () => {
    publish('README.md', 'a/cfg.json', 'a/sae.safetensors', 'b/cfg.json', 'b/sae.safetensors', 'c/cfg.json', 'c/sae.safetensors');
    const repository = await lookAt(hub, { id: 'org/x' });
    expect(repository.parts.map(({ folder }) => folder)).toEqual(['a', 'b', 'c']);
    expect(planParts(repository, repository.parts).map((plan) => [folderName(plan), plan.files.length])).toEqual([['x', 7]]);
    expect(planParts(repository, repository.parts.slice(0, 2)).map((plan) => [folderName(plan), plan.files.map(({ to }) => to)])).toEqual([['x/a', ['cfg.json', 'sae.safetensors', 'README.md']], ['x/b', ['cfg.json', 'sae.safetensors', 'README.md']]]);
  });

  it('one of several pipelines', async () => {
    publish(...pipeline.map((path) => `fp32/${path}`), ...pipeline.map((path) => `fp16/${path}`));
    const repository = await lookAt(hub, { id: 'org/x' });
    expect(planParts(repository, [repository.parts[1]]).map((plan) => [folderName(plan), plan.kind])).toEqual([['x/fp32', 'pipeline']]);
  });

  it('whose folder no disk could hold are refused', async () => {
    publish('a\u202e/sae.safetensors', 'b/sae.safetensors');
    const repository = await lookAt(hub, { id: 'org/x' });
    expect(() => planParts(repository, repository.parts.filter(({ folder }) => folder !== 'b'))).toThrow(/it names a file/);
  });
});

describe('a repository with nothing of use says what it is and what helps:', () => {
  it.each([
    ['a LoRA', ['pytorch_lora_weights.safetensors'], /holds a LoRA.*fuse_lora/],
    ['a model in one file', ['sd_xl_base_1.0.safetensors', 'README.md'], /in one file.*from_single_file/],
    ['anything else', ['data.csv'], /holds neither/],
  ])('%s', async (_, paths, words) => {
    publish(...paths);
    const { message, remedy, exportCommand } = await refusal();
    expect(`${message}. ${remedy}`).toMatch(words);
    expect(exportCommand).toBeUndefined();
  });

  it('a pipeline of torch: the command that exports it, or the branch with its export', async () => {
    server.repositories['org/x'] = { ...pipelineRepository(), files: { 'model_index.json': '{}', 'unet/diffusion_pytorch_model.safetensors': 'x' }, branches: ['main'] };
    expect((await refusal()).exportCommand).toBe('optimum-cli export onnx --model org/x models/x');
    server.repositories['org/x'] = { ...server.repositories['org/x'], branches: ['main', 'onnx'] };
    expect((await refusal()).branches).toEqual(['onnx']);
  });

  it('a folder that is not there', async () => {
    publish('a/sae.safetensors');
    expect((await refusal({ folder: 'b' })).remedy).toMatch(/the folder/);
  });
});
