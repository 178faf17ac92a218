import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { float32, sizeOf } from '../../base/tensor.ts';
import type { Tensor } from '../../base/tensor.ts';
import { TorchGenerator } from '../../base/torchRandom.ts';
import type { Prediction } from '../../diffusion/denoiser.ts';
import { Generation } from '../../diffusion/generation.ts';
import { loadPipeline } from '../../diffusion/loadPipeline.ts';
import type { LoadedPipeline } from '../../diffusion/loadPipeline.ts';
import { openPipelineFolder } from '../../diffusion/pipelineFolder.ts';
import { openInstrumentedUnet } from '../../instrument/instrumentUnet.ts';
import type { SiteEdits } from '../../instrument/siteEdits.ts';
import { readPlacement } from '../../onnx/placement.ts';
import type { Placement } from '../../onnx/placement.ts';
import { defaultProvider } from '../../onnx/provider.ts';
import type { MachineOptions } from '../../onnx/session.ts';
import { loadSaeFolder } from '../../sae/loadSaes.ts';
import { siteEncoder } from '../../sae/sae.ts';
import type { RunDefinition } from '../plan.ts';
import { editsOnTrial } from './editsOnTrial.ts';

/** What a provider is tried with. */
export interface ProbeRequest {
  /** Folders of the pipeline and of one SAE for each traced site. */
  readonly model: string;
  readonly saes: readonly string[];
  /** Folders of one SAE for each site that is edited in a step of its own; none: no step is edited. */
  readonly editable: readonly string[];
  readonly branch: RunDefinition['trace']['branch'];
  readonly machine: MachineOptions;
  /** Steps that are timed, after a first one that warms up; none: only the results are wanted. */
  readonly rounds: number;
  /** Milliseconds: no further step is timed after one that took longer. */
  readonly patienceMs: number;
}

/** What a provider answered. */
export interface ProbeAnswer {
  /** Numbers of each network; the same of any provider, but for rounding. */
  readonly outputs: Readonly<Record<string, Float32Array>>;
  /** Numbers of steps with edits: the prediction, and each site's update after its edits. Where rounding decides which concept is active in a cell, that cell differs. */
  readonly edited: Readonly<Record<string, Float32Array>>;
  /** Milliseconds of a step, the least of those timed. */
  readonly stepMs: number | undefined;
  /** Of the U-Net's nodes; of another provider than the CPU. */
  readonly placement: Placement | undefined;
}

const sample = { prompt: 'a photo', negativePrompt: '', seed: 0, steps: 10, guidanceScale: 5 };
/** Cells of a side of the latents that are decoded, where the decoder leaves that free: enough to see whether it works. */
const decodedSide = 16;

/** Load a pipeline with its SAEs on a provider, and make real steps of a generation. May take its process along where a driver is broken. @throws InputError where the provider cannot be used */
export async function probe({ model, saes, editable, branch, machine, rounds, patienceMs }: ProbeRequest): Promise<ProbeAnswer> {
  const scratch = await mkdtemp(join(tmpdir(), 'dmi-probe-'));
  const profiled = machine.provider !== undefined && machine.provider !== defaultProvider;
  try {
    const folder = await openPipelineFolder(model);
    const [traced, edited] = await Promise.all([saes, editable].map(async (folders) => (await Promise.all(folders.map(loadSaeFolder))).flat()));
    const pipeline = await loadPipeline(folder, machine);
    const unet = await openInstrumentedUnet(folder.components.unet.path, { taps: [], encoders: traced.map(siteEncoder), editors: edited.map(siteEncoder), branch }, { ...machine, ...(profiled && { profile: join(scratch, 'unet') }) });
    try {
      const generation = await Generation.begin(pipeline, sample);
      const step = (edits: readonly SiteEdits[] = [], updates = false): Promise<Prediction> =>
        unet.predict(generation.input(), generation.timestep, generation.conditioning, edits, { updates });
      const { noise, taps } = await step([], edited.length > 0);
      if (profiled) unet.endProfile();
      const changed: [name: string, tensor: Tensor][] = [];
      for (const [name, edits] of edited.length === 0 ? [] : Object.entries(editsOnTrial(edited, taps, pipeline.guided(sample.guidanceScale)))) {
        const prediction = await step(edits, true);
        changed.push([`U-Net, ${name}`, prediction.noise], ...edited.map(({ site }): [string, Tensor] => [`${site}, ${name}`, prediction.taps[`edited/${site}`]]));
      }
      let stepMs: number | undefined;
      for (let round = 0; round < rounds; round++) {
        const started = performance.now();
        await step();
        stepMs = Math.min(stepMs ?? Infinity, performance.now() - started);
        if (stepMs > patienceMs) break;
      }
      const values = Object.entries(taps).filter(([name]) => name.endsWith('/values'));
      return {
        outputs: numbersOf([['text encoder', generation.conditioning.promptEmbeds], ['U-Net', noise], ...values, ['VAE decoder', await decoded(pipeline)]]),
        edited: numbersOf(changed),
        stepMs,
        placement: profiled ? await placementIn(scratch) : undefined,
      };
    } finally {
      await unet.close();
      await pipeline.close();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function numbersOf(tensors: readonly (readonly [name: string, tensor: Pick<Tensor, 'data'>])[]): Record<string, Float32Array> {
  return Object.fromEntries(tensors.map(([name, { data }]) => [name, Float32Array.from(data as Float32Array)]));
}

/** A picture of noise, from 0 to 1. */
async function decoded({ vaeDecoder, latentShape }: LoadedPipeline): Promise<{ data: Float32Array }> {
  const [rows, channels, ...own] = latentShape;
  const shape = [rows, channels, ...own.map((side, index) => (typeof vaeDecoder.sides.at(index) === 'string' ? Math.min(side, decodedSide) : side))];
  const [{ data }] = await vaeDecoder.decode(float32(new TorchGenerator(0).randn(sizeOf(shape)), shape));
  return { data: Float32Array.from(data, (level) => level / 255) };
}

async function placementIn(folder: string): Promise<Placement | undefined> {
  const file = (await readdir(folder)).at(0);
  return file === undefined ? undefined : readPlacement(join(folder, file));
}
