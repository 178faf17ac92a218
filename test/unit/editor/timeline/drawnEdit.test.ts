import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodePng } from '../../../../src/diffusion/png.ts';
import { editOf, maskPicture } from '../../../../src/editor/timeline/drawnEdit.ts';
import { readMask } from '../../../../src/spec/readMask.ts';
import { stepsOfWindow } from '../../../../src/spec/windows.ts';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';

const drawn = { site: 'mid', concept: 3, add: 4.000000001, during: 'all' as const, where: 'everywhere' as const };

describe('an edit drawn in the panel', () => {
  it('becomes one of a spec, without what is the default', () => {
    expect(editOf(drawn, undefined)).toEqual({ site: 'mid', concept: 3, add: 4, during: 'all' });
  });

  it('is rounded to thousandths of the picture', () => {
    expect(editOf({ ...drawn, where: { box: [0.12345, 0, 2 / 3, 1] } }, undefined).where).toEqual({ box: [0.123, 0, 0.667, 1] });
    expect(editOf({ ...drawn, where: { polygon: [[0.1001, 0.2], [0.1002, 0.2001], [1 / 3, 1], [0, 1]] } }, undefined).where).toEqual({ polygon: [[0.1, 0.2], [0.333, 1], [0, 1]] });
    expect(editOf({ ...drawn, where: { concept: 12, above: 0.2 } }, undefined).where).toEqual({ concept: 12, above: 0.2 });
  });

  it('keeps every step of its window', () => {
    const timesteps = [999, 766.4001, 600, 533.3334, 33.3];
    for (const [first, last] of [[0, 1], [1, 3], [2, 4], [2, 2]]) {
      const { during } = editOf({ ...drawn, during: { from: timesteps[first] / 1000, to: timesteps[last] / 1000 } }, undefined);
      expect(stepsOfWindow(during ?? 'all', timesteps)).toEqual(timesteps.map((_, step) => step).slice(first, last + 1));
    }
    expect(editOf({ ...drawn, during: { from: 1, to: 0.6 } }, undefined).during).toEqual({ from: 1, to: 0.6 });
    expect(editOf({ ...drawn, during: { steps: [3, 7] } }, undefined).during).toEqual({ steps: [3, 7] });
  });

  it('names the mask of a painting, which reads back as it was painted', async () => {
    const painting = { width: 3, height: 2, data: Uint8Array.of(0, 255, 128, 0, 0, 255) };
    expect(editOf({ ...drawn, where: { painted: painting } }, 'house-mask-1.png').where).toEqual({ mask: 'house-mask-1.png' });
    const picture = maskPicture(painting);
    if (picture === undefined) throw new Error('nothing painted');
    const path = join(await temporaryFolder(), 'mask.png');
    await writeFile(path, await encodePng(picture));
    const mask = await readMask(path);
    expect([mask.width, mask.height]).toEqual([3, 2]);
    painting.data.forEach((value, pixel) => { expect(mask.data[pixel]).toBeCloseTo(value / 255, 5); });
    expect(maskPicture({ width: 1, height: 1, data: Uint8Array.of(0) })).toBeUndefined();
  });
});
