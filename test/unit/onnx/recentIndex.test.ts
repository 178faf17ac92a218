import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recentIndex } from '../../../src/onnx/recentIndex.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const model = 'models/scenes/judge/segmenter.onnx';

describe('the index of a model', () => {
  it('is read once while the file stays as it is', async () => {
    const path = join(await temporaryFolder(), 'model.onnx');
    await copyFile(model, path);
    const first = await recentIndex(path);
    expect(await recentIndex(path)).toBe(first);
    await writeFile(path, await readFile('models/scenes/judge/image_encoder.onnx'));
    const second = await recentIndex(path);
    expect(second.nodes).not.toEqual(first.nodes);
    expect(await recentIndex(path)).toBe(second);
  });

  it('is not remembered of a file that cannot be read', async () => {
    const path = join(await temporaryFolder(), 'model.onnx');
    await copyFile(model, path);
    await recentIndex(path);
    await writeFile(path, 'no model');
    await expect(recentIndex(path)).rejects.toThrow('is not a valid ONNX model');
  });
});
