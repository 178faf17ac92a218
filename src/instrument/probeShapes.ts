import { float32, sizeOf } from '../base/tensor.ts';
import type { Tensor } from '../base/tensor.ts';
import { nothing } from '../diffusion/conditioning.ts';
import { SessionDenoiser } from '../diffusion/denoiser.ts';
import type { Denoiser } from '../diffusion/denoiser.ts';
import { latentShapeOf } from '../diffusion/latentShape.ts';
import { loadPipeline } from '../diffusion/loadPipeline.ts';
import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import { GraphBuilder } from '../onnx/graphBuilder.ts';
import { recentIndex } from '../onnx/recentIndex.ts';
import { openSession } from '../onnx/session.ts';
import { modelFolder, writeSkeleton } from '../onnx/skeleton.ts';
import { readGrids } from './gridsOf.ts';
import { openInstrumentedUnet } from './instrumentUnet.ts';
import type { Site } from './sites.ts';

/** Quick to load: it computes once. */
const quick = { optimisation: 'basic', prepack: false } as const;

/**
 * Shapes of Δ. Exports seldom tell them: they follow from the graph, or the U-Net is asked once, with an empty latent and an empty prompt.
 * @returns [channels, height, width] by site
 */
export async function siteShapes(folder: PipelineFolder, sites: readonly Site[]): Promise<Map<string, readonly number[]>> {
  const [, , height, width] = await latentShapeOf(folder);
  const grids = await readGrids(folder.components.unet.path, [height, width]);
  if (sites.every(({ name }) => grids.has(name))) return new Map(sites.map(({ name, channels }) => [name, [channels, ...grids.get(name) ?? []]]));
  return probeShapes(folder, sites.map(({ name }) => name));
}

/** Ask in any case. */
export async function probeShapes(folder: PipelineFolder, sites: readonly string[]): Promise<Map<string, readonly number[]>> {
  const unet = await openInstrumentedUnet(folder.components.unet.path, { taps: sites, encoders: [], branch: 'cond' }, quick);
  try {
    const taps = await ask(folder, unet);
    return new Map(sites.map(site => [site, taps[`delta/${site}`].shape.slice(1)]));
  } finally {
    await unet.close();
  }
}

/** Ask in the same way for the shapes of any values of its graph. @returns whole shapes by value */
export async function probeValues(folder: PipelineFolder, values: readonly string[]): Promise<Map<string, readonly number[]>> {
  const { path } = folder.components.unet;
  const index = await recentIndex(path);
  const root = await modelFolder(index);
  const names = new Map(values.map((value, at) => [`dmi/shape/${at}`, value]));
  const skeleton = writeSkeleton(index, root, [...names].map(([name, value]) => {
    const graph = new GraphBuilder({ prefix: `${name}/` });
    graph.node('Reshape', [graph.node('Shape', [value]), graph.int64(1, -1)], {}, name); // one row, as of a batch
    graph.output(name, 'int64', [1, `${name}/rank`]);
    return { after: value, fragment: graph.takeFields() };
  }));
  const session = await openSession({ bytes: skeleton, externalFolder: root, label: path }, quick);
  try {
    const taps = await ask(folder, new SessionDenoiser(session, path, { isOurs: () => false, shown: () => [0, 1] }));
    return new Map([...names].map(([name, value]) => [value, Array.from(taps[name].data as BigInt64Array, Number)]));
  } finally {
    await session.close();
  }
}

async function ask(folder: PipelineFolder, unet: Denoiser): Promise<Readonly<Record<string, Tensor>>> {
  const pipeline = await loadPipeline(folder);
  try {
    const sample = float32(new Float32Array(sizeOf(pipeline.latentShape)), pipeline.latentShape);
    return (await unet.predict(sample, 0, await pipeline.condition(nothing))).taps;
  } finally {
    await pipeline.close();
  }
}
