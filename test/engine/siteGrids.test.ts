import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { latentShapeOf } from '../../src/diffusion/latentShape.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import type { PipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import { TracingModel } from '../../src/experiment/tracingModel.ts';
import { gridsOf, readGrids } from '../../src/instrument/gridsOf.ts';
import { probeShapes, siteShapes } from '../../src/instrument/probeShapes.ts';
import { readSites } from '../../src/instrument/readSites.ts';
import { recentIndex } from '../../src/onnx/recentIndex.ts';
import type { ModelIndex } from '../../src/onnx/modelIndex.ts';
import { loadSaeFolder } from '../../src/sae/loadSaes.ts';
import { exportFolder, withRestOfPipeline } from '../support/exports.ts';
import { writeRandomSaes } from '../support/randomSaes.ts';
import { scenesFolder } from '../support/scenes.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

/** Those whose blocks are recognised, in a graph for every device. */
const instrumentable = readdirSync(fileURLToPath(new URL('../reference/exports/', import.meta.url)), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !['sd1-for-a-gpu', 'sd1-without-names'].includes(entry.name)).map(({ name }) => name);

/** Some exports are a U-Net alone. */
async function pipelineOf(name: string): Promise<PipelineFolder> {
  if (name === 'scenes') return openPipelineFolder(scenesFolder);
  const rest = name.startsWith('sdxl') ? 'sdxl-optimum' : /^(sd2|turbo)/.test(name) ? 'sd2-optimum' : 'sd1-optimum';
  return openPipelineFolder(name === rest ? exportFolder(name) : await withRestOfPipeline(name, rest));
}

describe('grids of sites', () => {
  it.each([...instrumentable, 'scenes'])('follow from the graph as the network tells them when it is asked: %s', async (name) => {
    const folder = await pipelineOf(name);
    const sites = await readSites(folder.components.unet.path);
    const asked = await probeShapes(folder, sites.map((site) => site.name));
    expect(sites.length).toBeGreaterThan(1);
    expect(await siteShapes(folder, sites)).toEqual(asked);
    const [, , height, width] = await latentShapeOf(folder);
    const told = await readGrids(folder.components.unet.path, [height, width]);
    expect([...told]).toEqual(sites.map((site) => [site.name, asked.get(site.name)?.slice(1)]));
  });

  it('cost no call of the U-Net before the first step', async () => {
    const saeFolder = await temporaryFolder();
    await writeRandomSaes(saeFolder, scenesFolder, {});
    const saes = await loadSaeFolder(saeFolder);
    const model = await TracingModel.load(await openPipelineFolder(scenesFolder), saes, 'cond', await temporaryFolder(), {}, [...saes].reverse());
    try {
      await model.editInputs({ masks: new Map(), guided: true });
      expect(model.sessionMs).toBe(0);
    } finally {
      await model.close();
    }
  });
});

describe('a graph that tells less', () => {
  let folder: PipelineFolder;
  let index: ModelIndex;
  beforeAll(async () => {
    folder = await openPipelineFolder(exportFolder('sd1-optimum'));
    index = await recentIndex(folder.components.unet.path);
  });

  it('leaves out what lies behind a node that is not understood', () => {
    const nodes = index.nodes.map((node) => (node.opType === 'Resize' ? { ...node, opType: 'Enlarge' } : node));
    const grids = gridsOf({ ...index, nodes }, 'sample', [20, 12]);
    const whole = gridsOf(index, 'sample', [20, 12]);
    expect(grids.size).toBeGreaterThan(5);
    expect(whole.size).toBeGreaterThan(grids.size);
    for (const [value, grid] of grids) expect(whole.get(value)).toEqual(grid);
  });

  it('does not hang or invent grids where nodes stand in any order, or read themselves', () => {
    const whole = gridsOf(index, 'sample', [20, 12]);
    fc.assert(fc.property(fc.shuffledSubarray([...index.nodes.keys()]), fc.nat({ max: index.nodes.length - 1 }), (order, at) => {
      const nodes = order.map((node) => index.nodes[node]);
      const circular = { ...index.nodes[at], inputs: index.nodes[at].outputs };
      for (const [value, grid] of gridsOf({ ...index, nodes: [...nodes, circular] }, 'sample', [20, 12])) expect(whole.get(value)).toEqual(grid);
    }), { seed: 1, numRuns: 30 });
  });
});
