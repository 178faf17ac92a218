import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors, readSafetensorsLayout } from '../../src/base/safetensors.ts';
import { float32, sizeOf } from '../../src/base/tensor.ts';
import { TorchGenerator } from '../../src/base/torchRandom.ts';
import { SessionDenoiser } from '../../src/diffusion/denoiser.ts';
import type { Denoiser } from '../../src/diffusion/denoiser.ts';
import { latentShapeOf } from '../../src/diffusion/latentShape.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import { openInstrumentedUnet } from '../../src/instrument/instrumentUnet.ts';
import type { SiteEncoder } from '../../src/instrument/siteEncoder.ts';
import { findSites } from '../../src/instrument/sites.ts';
import type { Site } from '../../src/instrument/sites.ts';
import { indexModel } from '../../src/onnx/modelIndex.ts';
import { openSession } from '../../src/onnx/session.ts';
import { scenesFolder } from '../support/scenes.ts';
import { writeLargeModel } from './largeModel.ts';
import { privateMegabytes } from './privateMemory.ts';

const rounds = 100;
const textShape = [2, 32, 128];

/** What instruments cost: the time of a step, and of loading a large model. */
export async function bench(): Promise<Record<string, number | null>> {
  const folder = await mkdtemp(join(tmpdir(), 'dmi-bench-'));
  try {
    return { ...await load(folder), traced_over_untraced: await tracedOverUntraced(folder) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Seconds, and growth of private memory, from a 1.7 GB file to a session with every site tapped. */
async function load(folder: string): Promise<Record<'instrument_seconds' | 'instrument_private_mb', number | null>> {
  const path = join(folder, 'large.onnx');
  await writeLargeModel(path);
  const sites = findSites(await indexModel(path)).map(({ name }) => name);
  const [memory, start] = [await privateMegabytes(), performance.now()];
  const unet = await openInstrumentedUnet(path, { taps: sites, encoders: [], branch: 'cond' }, { optimisation: 'basic', prepack: false });
  const seconds = (performance.now() - start) / 1000;
  const after = await privateMegabytes();
  await unet.close();
  await rm(path);
  return { instrument_seconds: seconds, instrument_private_mb: memory === null || after === null ? null : after - memory };
}

/** A guided step of Scenes' U-Net with an SAE (n = 8 d, k = 8) at every site over one without, taken in turns: the median of the ratios. */
async function tracedOverUntraced(folder: string): Promise<number> {
  const folderOfScenes = await openPipelineFolder(scenesFolder);
  const { path } = folderOfScenes.components.unet;
  const [, channels, height, width] = await latentShapeOf(folderOfScenes);
  const encoders = await Promise.all(findSites(await indexModel(path)).map(site => randomEncoder(folder, site)));
  const session = await openSession({ path });
  const plain = new SessionDenoiser(session, path);
  const traced = await openInstrumentedUnet(path, { taps: [], encoders, branch: 'cond' });

  const generator = new TorchGenerator(0);
  const random = (shape: readonly number[]) => float32(generator.randn(sizeOf(shape)), shape);
  const [sample, text] = [random([2, channels, height, width]), random(textShape)];
  const step = async (denoiser: Denoiser): Promise<number> => {
    const start = performance.now();
    await denoiser.predict(sample, 500, { promptEmbeds: text });
    return performance.now() - start;
  };
  const ratios: number[] = [];
  for (let round = -3; round < rounds; round++) {
    const first = await step(round % 2 === 0 ? plain : traced); // neither always follows the other
    const second = await step(round % 2 === 0 ? traced : plain);
    if (round >= 0) ratios.push(round % 2 === 0 ? second / first : first / second);
  }
  await session.close();
  await traced.close();
  return ratios.sort((a, b) => a - b)[Math.floor(rounds / 2)];
}

async function randomEncoder(folder: string, { name, channels: d }: Site): Promise<SiteEncoder> {
  const n = 8 * d;
  const generator = new TorchGenerator(d);
  const random = (...shape: number[]) => float32(generator.randn(sizeOf(shape)), shape);
  const file = join(folder, `${name}.safetensors`);
  await writeFile(file, encodeSafetensors({ wEnc: random(d, n), bEnc: random(n), bDec: random(d) }));
  const layout = await readSafetensorsLayout(file);
  const at = (weight: string) => layout.get(weight) ?? { dtype: '', shape: [], offset: 0, length: 0 };
  return { site: name, file, wEnc: at('wEnc'), bEnc: at('bEnc'), bDec: at('bDec'), d, n, k: 8, subtractBias: true };
}
