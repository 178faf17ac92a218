import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { float32 } from '../../src/base/tensor.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import { findSites } from '../../src/instrument/sites.ts';
import { indexModel } from '../../src/onnx/modelIndex.ts';
import { writeSaelens } from '../../src/sae/writeSaelens.ts';
import { loadSaeFolder } from '../../src/sae/loadSaes.ts';
import { recovered } from '../../src/sae/recovered.ts';
import { encodeSidecar } from '../../src/sae/sidecar.ts';
import { scenesFolder } from '../support/scenes.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const site = 'mid_block.attentions.0';

/** x is the sum of its positive and its negative part: with k = d an SAE of the directions ±e_j reconstructs anything, times `gain`. */
async function writeSae(folder: string, d: number, gain: number): Promise<void> {
  const wEnc = new Float32Array(d * 2 * d);
  const wDec = new Float32Array(2 * d * d);
  for (let j = 0; j < d; j++) {
    for (const [latent, sign] of [[j, 1], [d + j, -1]]) {
      wEnc[j * 2 * d + latent] = sign;
      wDec[latent * d + j] = sign * gain;
    }
  }
  const zeros = (length: number) => float32(new Float32Array(length), [length]);
  await writeSaelens(folder, { wEnc: float32(wEnc, [d, 2 * d]), bEnc: zeros(2 * d), wDec: float32(wDec, [2 * d, d]), bDec: zeros(d) }, { k: d, site, model: 'scenes' });
  const perConcept = Array.from({ length: 2 * d }, () => 0);
  await writeFile(join(folder, 'dmi-sae.json'), encodeSidecar({
    format: 1, site, activation: 'update', branch: 'cond', tRange: [0, 1], modelHash: '', k: d, trainedCells: 0,
    statistics: { mean: perConcept, density: perConcept, max: perConcept }, quality: {},
  }));
}

test.each([
  ['an SAE that reconstructs everything recovers everything', 1, 1],
  ['an SAE that reconstructs nothing recovers nothing', 0, 0],
])('%s', async (_, gain, share) => {
  const model = await openPipelineFolder(scenesFolder);
  const channels = findSites(await indexModel(model.components.unet.path)).find(({ name }) => name === site)?.channels ?? 0;
  const folder = await temporaryFolder();
  await writeSae(folder, channels, gain);
  const [sae] = await loadSaeFolder(folder);
  const bySteps = await recovered(sae, {
    model, generations: [{ prompt: 'a red house', seed: 0 }], threads: 1,
    sampling: { negativePrompt: '', steps: 2, guidanceScale: 5, scheduler: 'ddim' },
  });
  expect([...bySteps]).toEqual([expect.closeTo(share, 4), expect.closeTo(share, 4)]);
});
