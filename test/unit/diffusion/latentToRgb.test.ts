import { describe, expect, it } from 'vitest';
import { TorchGenerator } from '../../../src/base/torchRandom.ts';
import type { DecodedLatent } from '../../../src/diffusion/latentToRgb.ts';
import { fitLatentToRgb, renderLatents } from '../../../src/diffusion/latentToRgb.ts';

const shape = [1, 4, 6, 5] as const;
const cells = 30;
const planted = [[20, -10, 5, 0, 120], [0, 15, -5, 10, 100], [-8, 4, 12, 6, 140]];

/** A latent whose picture, two pixels a cell's side, follows the planted map up to rounding to bytes. */
function pair(seed: number, deadChannel?: number): DecodedLatent {
  const latents = new TorchGenerator(seed).randn(4 * cells);
  if (deadChannel !== undefined) latents.fill(0, deadChannel * cells, (deadChannel + 1) * cells);
  const data = new Uint8Array(12 * 10 * 3);
  for (let y = 0; y < 12; y++) {
    for (let x = 0; x < 10; x++) {
      const cell = Math.floor(y / 2) * 5 + Math.floor(x / 2);
      planted.forEach((weights, colour) => {
        data[(y * 10 + x) * 3 + colour] = weights[4] + [0, 1, 2, 3].reduce((sum, c) => sum + weights[c] * latents[c * cells + cell], 0.5);
      });
    }
  }
  return { latents, image: { width: 10, height: 12, data } };
}

describe('the map from latents to colours', () => {
  it('finds a planted map and says that it explains the pictures', () => {
    const { weights, r2 } = fitLatentToRgb([0, 1, 2, 3, 4, 5].map((seed) => pair(seed)), shape);
    weights.flat().forEach((weight, i) => { expect(Math.abs(weight - planted.flat()[i])).toBeLessThan(0.15); });
    r2.forEach((share) => { expect(share).toBeGreaterThan(0.999); });
  });

  it('renders a latent as its picture, one pixel a cell', () => {
    const { latents, image } = pair(7);
    const rendered = renderLatents({ weights: planted, r2: [1, 1, 1] }, latents, shape);
    expect([rendered.width, rendered.height]).toEqual([5, 6]);
    for (let cell = 0; cell < cells; cell++) {
      const pixel = (Math.floor(cell / 5) * 2 * 10 + (cell % 5) * 2) * 3;
      for (let colour = 0; colour < 3; colour++) {
        expect(Math.abs(rendered.data[cell * 3 + colour] - image.data[pixel + colour])).toBeLessThanOrEqual(1);
      }
    }
  });

  it('gives a latent channel that never changes no weight', () => {
    const { weights, r2 } = fitLatentToRgb([pair(0, 2), pair(1, 2)], shape);
    weights.forEach((row) => { expect(row[2]).toBe(0); });
    r2.forEach((share) => { expect(share).toBeGreaterThan(0.998); });
  });

  it('explains nothing where colours have nothing to do with the latents', () => {
    const unrelated = [0, 1, 2, 3].map((seed) => ({ latents: pair(seed).latents, image: pair(seed + 50).image }));
    fitLatentToRgb(unrelated, shape).r2.forEach((share) => { expect(share).toBeLessThan(0.2); });
  });
});
