import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancelledError, InputError } from '../../src/base/errors.ts';
import { WarmModels } from '../../src/engine/warmModels.ts';
import type { ModelRequest } from '../../src/experiment/modelRequest.ts';
import type { TracingModel } from '../../src/experiment/tracingModel.ts';
import { writeRandomSaes } from '../support/randomSaes.ts';
import { scenesFolder } from '../support/scenes.ts';

let folder: string;
let model: string;
let saes: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dmi-warm-'));
  [model, saes] = [join(folder, 'model'), join(folder, 'saes')];
  await cp(scenesFolder, model, { recursive: true, filter: (path) => !/scenes\/(saes|judge)/.test(path) });
  await writeRandomSaes(saes, model, { sites: ['mid_block.attentions.0'] });
});
afterAll(async () => { await rm(folder, { recursive: true }); });

/** Write a file anew with another content that means the same. */
async function touch(path: string): Promise<void> {
  await writeFile(path, `${await readFile(path, 'utf8')}\n`);
}

describe('warm models', () => {
  it('read a pipeline and SAEs once, and again when one of their files has changed', async () => {
    const models = new WarmModels({});
    const pipeline = await models.pipeline(model);
    const hash = await pipeline.hash();
    expect(await models.pipeline(model)).toBe(pipeline);
    await touch(join(model, 'scheduler/scheduler_config.json'));
    const changed = await models.pipeline(model);
    expect(changed).not.toBe(pipeline);
    expect(await changed.hash()).not.toBe(hash);

    const first = await models.saes([saes]);
    expect(await models.saes([saes])).toBe(first);
    await touch(join(saes, 'mid_block.attentions.0/dmi-sae.json'));
    const second = await models.saes([saes]);
    expect(second).not.toBe(first);
    const hashes = [first, second].map((found) => found.get('mid_block.attentions.0')?.sae.hash);
    expect(new Set(hashes).size).toBe(2);
  });

  it('report what is missing each time', async () => {
    const models = new WarmModels({});
    for (let time = 0; time < 2; time++) {
      await expect(models.pipeline(join(folder, 'nowhere'))).rejects.toBeInstanceOf(InputError);
      await expect(models.saes([join(folder, 'nowhere')])).rejects.toBeInstanceOf(InputError);
    }
  });

  it('keep one model in memory as long as the same is asked for, also after a cancellation, but not after a fault', async () => {
    const models = new WarmModels({ threads: 1 });
    const request: ModelRequest = { pipeline: await models.pipeline(model), saes: [], branch: 'cond', cacheFolder: folder };
    const used = (asked: Partial<ModelRequest> = {}): Promise<TracingModel> => models.use({ ...request, ...asked }, (loaded) => Promise.resolve(loaded));
    const fail = (error: Error): Promise<unknown> => models.use(request, () => Promise.reject(error)).catch((reason: unknown) => reason);

    const first = await used();
    expect(await used()).toBe(first);
    expect(await fail(new CancelledError())).toBeInstanceOf(CancelledError);
    expect(await used()).toBe(first);
    const other = await used({ branch: 'both' });
    expect(other).not.toBe(first);
    const again = await used();
    expect(again).not.toBe(first);
    expect(await fail(new Error('a fault'))).toMatchObject({ message: 'a fault' });
    const fresh = await used();
    expect(fresh).not.toBe(again);
    await fresh.close();
  });
});
