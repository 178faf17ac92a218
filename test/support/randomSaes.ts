import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { float32 } from '../../src/base/tensor.ts';
import { TorchGenerator } from '../../src/base/torchRandom.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import { findSites } from '../../src/instrument/sites.ts';
import { indexModel } from '../../src/onnx/modelIndex.ts';
import { writeSaelens } from '../../src/sae/writeSaelens.ts';
import { encodeSidecar, sidecarName } from '../../src/sae/sidecar.ts';

/**
 * Untrained SAEs for sites of a pipeline, in the published format: they encode like any other.
 * @param folder one folder for each site is made in it. @param sites left out: all
 * @returns the sites, in order of execution
 */
export async function writeRandomSaes(folder: string, pipeline: string, { n = 64, k = 4, sites }: { n?: number; k?: number; sites?: readonly string[] } = {}): Promise<string[]> {
  const opened = await openPipelineFolder(pipeline);
  const modelHash = await opened.hash();
  const wanted = findSites(await indexModel(opened.components.unet.path)).filter(({ name }) => sites?.includes(name) ?? true);
  for (const [index, { name: site, channels: d }] of wanted.entries()) {
    const generator = new TorchGenerator(index);
    const random = (...shape: number[]) => float32(generator.randn(shape.reduce((a, b) => a * b)).map((value) => value / Math.sqrt(d)), shape);
    await writeSaelens(join(folder, site), { wEnc: random(d, n), bEnc: random(n), wDec: random(n, d), bDec: random(d) }, { k, site, model: 'random' });
    const perConcept = Array.from({ length: n }, (_, concept) => 0.5 + concept / n);
    await writeFile(join(folder, site, sidecarName), encodeSidecar({
      format: 1, site, activation: 'update', branch: 'cond', tRange: [0, 1], modelHash, k, trainedCells: 0,
      statistics: { mean: perConcept, density: perConcept.map(() => k / n), max: perConcept }, quality: {},
    }));
  }
  return wanted.map(({ name }) => name);
}
