import { expect } from 'vitest';
import { float32 } from '../../src/base/tensor.ts';
import type { Tensor } from '../../src/base/tensor.ts';
import { loadPipeline } from '../../src/diffusion/loadPipeline.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import { sample } from '../../src/diffusion/sample.ts';
import type { StepState } from '../../src/diffusion/sample.ts';
import { openInstrumentedUnet } from '../../src/instrument/instrumentUnet.ts';
import { readSites } from '../../src/instrument/readSites.ts';
import type { Rule } from '../../src/instrument/sites.ts';
import { exportGoldens } from './exports.ts';

/** Largest difference over the largest magnitude. */
function relative(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  expect(ours.length).toBe(theirs.length);
  let [difference, largest] = [0, 0];
  for (let at = 0; at < theirs.length; at++) {
    difference = Math.max(difference, Math.abs(ours[at] - theirs[at]));
    largest = Math.max(largest, Math.abs(theirs[at]));
  }
  return difference / largest;
}

/** Every eighth cell in both directions of large grids, as the goldens have it. */
function thinned({ data, shape: [rows, channels, height, width] }: Tensor): number[] {
  const every = width < 32 ? 1 : 8;
  const values: number[] = [];
  for (let plane = 0; plane < rows * channels; plane++) {
    for (let y = 0; y < height; y += every) for (let x = 0; x < width; x += every) values.push((data as Float32Array)[(plane * height + y) * width + x]);
  }
  return values;
}

export interface Claim {
  readonly folder: string;
  readonly how: readonly Rule[];
  /** Of Δ at every site and step, relative to its largest element, float16 being looser. */
  readonly tolerance?: number;
}

/** Sites are found by these rules, Δ and what comes out are PyTorch's. With DMI_ERRORS set, the worst errors are printed. */
export async function holds(name: string, { folder, how, tolerance = 1e-4 }: Claim): Promise<void> {
  const opened = await openPipelineFolder(folder);
  const { path } = opened.components.unet;
  const goldens = await exportGoldens(name);
  const { sites, requests } = goldens;
  const found = await readSites(path);
  expect(found.map((site) => site.name).sort()).toEqual([...sites].sort());
  for (const site of found) expect(site.how, site.name).toEqual(how);
  const pipeline = await loadPipeline(opened);
  const unet = await openInstrumentedUnet(path, { taps: sites, encoders: [], branch: 'both' });
  const worst = { delta: 0, latents: 0, picture: 0 };
  try {
    for (const [index, request] of requests.entries()) {
      let last: StepState | undefined;
      const updates = new Map(sites.map((site) => [site, [] as number[]]));
      for await (const state of sample(pipeline, unet, request)) {
        for (const site of sites) updates.get(site)?.push(...thinned(state.taps[`delta/${site}`]));
        last = state;
      }
      for (const site of sites) worst.delta = Math.max(worst.delta, relative(updates.get(site) ?? [], goldens.tensor(index, site).data));
      const latents = last?.latents ?? new Float32Array();
      worst.latents = Math.max(worst.latents, relative(latents, goldens.tensor(index, 'latents').data));
      const [picture] = await pipeline.vaeDecoder.decode(float32(latents, pipeline.latentShape));
      worst.picture = Math.max(worst.picture, relative(picture.data, goldens.tensor(index, 'picture').data));
    }
  } finally {
    await unet.close();
    await pipeline.close();
  }
  if (process.env.DMI_ERRORS !== undefined) console.info(`${name}: Δ ${worst.delta.toExponential(1)}, latents ${worst.latents.toExponential(1)}, picture ${worst.picture.toExponential(1)}`);
  expect(worst.delta).toBeLessThan(tolerance);
  expect(worst.latents).toBeLessThan(tolerance);
  expect(worst.picture).toBeLessThan(Math.max(tolerance, 2 / 255));
}
