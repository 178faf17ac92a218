import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { latentShapeOf } from '../../../src/diffusion/latentShape.ts';
import { openPipelineFolder } from '../../../src/diffusion/pipelineFolder.ts';
import { blockNames } from '../../../src/instrument/blockNames.ts';
import { exportFolder } from '../../support/exports.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const configs = ['model_index.json', 'unet/config.json', 'vae_decoder/config.json', 'text_encoder/config.json', 'text_encoder_2/config.json', 'scheduler/scheduler_config.json'];

it('a pipeline whose configurations say anything at all is opened, or refused with the file and what to do', async () => {
  const folder = await temporaryFolder();
  await cp(exportFolder('sdxl-optimum'), folder, { recursive: true });
  const valid = new Map(await Promise.all(configs.map(async (name) => [name, JSON.parse(await readFile(join(folder, name), 'utf8')) as Record<string, unknown>] as const)));
  const change = fc.constantFrom(...configs).chain((name) => fc.record({ name: fc.constant(name), key: fc.constantFrom(...Object.keys(valid.get(name) ?? {})), value: fc.jsonValue() }));
  await fc.assert(fc.asyncProperty(change, async ({ name, key, value }) => {
    await writeFile(join(folder, name), JSON.stringify({ ...valid.get(name), [key]: value }));
    try {
      const pipeline = await openPipelineFolder(folder);
      const shape = await latentShapeOf(pipeline);
      expect(shape.every((length) => Number.isInteger(length) && length > 0)).toBe(true);
      expect(blockNames(pipeline.components.unet.config).length).toBeLessThan(20_000);
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect((error as InputError).remedy).not.toBe('');
    } finally {
      await writeFile(join(folder, name), JSON.stringify(valid.get(name)));
    }
  }), { seed: 1, numRuns: 150 });
});
