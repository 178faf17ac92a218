import { InputError } from '../base/errors.ts';
import { sha256Text } from '../base/sha256.ts';
import { float32 } from '../base/tensor.ts';
import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import type { ActivationBuffer } from './activationBuffer.ts';
import { batches } from './batches.ts';
import { geometricMedian } from './geometricMedian.ts';
import { measureQuality } from './measureQuality.ts';
import type { SaeQuality } from './qualityMeter.ts';
import type { SaeWeights } from './sae.ts';
import { SaeCoder } from './saeCoder.ts';
import { readCheckpoint, removeCheckpoint, writeCheckpoint } from './trainCheckpoint.ts';
import type { TrainCheckpoint } from './trainCheckpoint.ts';
import { Trainer } from './trainer.ts';
import { initialState, parameter } from './trainState.ts';

/** How an SAE is trained; everything here decides the result. */
export interface TrainRecipe {
  /** Latents per dimension: n = expansion · d. */
  readonly expansion: number;
  readonly k: number;
  /** Cells to learn from, each counted as often as it is seen; whole batches. */
  readonly cells: number;
  /** Cells per step. */
  readonly batch: number;
  /** Of Adam, on activations scaled to unit mean square; rises over the first 5 % of steps and falls to zero over the last 20 %. */
  readonly learningRate: number;
  readonly seed: number;
}

/** A training and what surrounds it. */
export interface TrainJob {
  readonly buffer: ActivationBuffer;
  readonly site: string;
  readonly recipe: TrainRecipe;
  /** Where it is kept while it is under way. */
  readonly checkpoint: string;
  /** Milliseconds between checkpoints; default 30 s. */
  readonly checkpointMs?: number;
  /** What the buffer's content is decided by. */
  readonly bufferKey: string;
  readonly threads?: number;
  readonly signal?: AbortSignal;
  /** Called after every step. */
  readonly onStep?: (step: number, total: number) => void;
}

/** What a training yields. */
export interface TrainedSae {
  readonly weights: SaeWeights;
  /** Over cells of the buffer. */
  readonly quality: SaeQuality;
}

/** Cells that decide the start: where the bias stands and how large activations are. */
const startCells = 16_384;
/** Cells over which quality and statistics are measured at the end. */
const measuredCells = 1 << 20;
/** Cells of silence after which AuxK takes a latent for dead: few, so that it is revived before it lies far from all cells. */
const deadCells = 100_000;

/**
 * Train the SAE of one site on buffered activations, going on from the checkpoint if there is one.
 * Activations are scaled to mean square 1 about the geometric median while it learns, so that one learning rate fits every site; the scale is
 * folded into the weights at the end.
 * @throws CancelledError once the signal is aborted; the checkpoint is kept. @throws InputError when the loss is not finite
 */
export async function trainSae(job: TrainJob): Promise<TrainedSae> {
  const { buffer, site, recipe: { expansion, k, batch, cells, learningRate, seed }, checkpointMs = 30_000, signal } = job;
  const d = buffer.sites.get(site)?.d ?? NaN;
  const shape = { d, n: Math.round(expansion * d), k, batch };
  const steps = Math.ceil(cells / batch);
  const key = trainKey(job);
  const start = await readCheckpoint(job.checkpoint, key) ?? await begin(job, shape);
  const trainer = await Trainer.open(shape, start, { deadAfter: Math.ceil(deadCells / batch), ...(job.threads !== undefined && { threads: job.threads }) });
  const save = () => writeCheckpoint(job.checkpoint, key, { state: trainer.state, step: trainer.step, scale: start.scale });
  try {
    let savedAt = performance.now();
    const stream = batches(buffer, site, { seed, size: batch, from: trainer.step });
    while (trainer.step < steps) {
      if (signal?.aborted === true) await save();
      throwIfCancelled(signal);
      const { value: x } = await stream.next();
      for (let i = 0; i < x.length; i++) x[i] *= start.scale;
      const { squaredError } = await trainer.advance(x, learningRate * schedule(trainer.step / steps));
      if (!Number.isFinite(squaredError)) {
        throw new InputError(`the loss is ${squaredError} at step ${trainer.step}`, {
          file: site, remedy: 'Train again with a lower --lr; if it recurs, the activations hold NaN: check the model.',
        });
      }
      job.onStep?.(trainer.step, steps);
      if (performance.now() - savedAt >= checkpointMs) {
        await save();
        savedAt = performance.now();
      }
    }
    const weights = unscaledWeights(trainer, start.scale);
    const quality = await measure(job, weights);
    await removeCheckpoint(job.checkpoint);
    return { weights, quality };
  } finally {
    await trainer.close();
  }
}

/** Hash of everything that decides a training's result. */
export function trainKey({ bufferKey, buffer, site, recipe }: Pick<TrainJob, 'bufferKey' | 'buffer' | 'site' | 'recipe'>): string {
  return sha256Text(JSON.stringify([bufferKey, [...buffer.sites], site, recipe]));
}

/** Share of the learning rate at a share of the steps: trapezoid. */
function schedule(progress: number): number {
  return Math.min(1, progress / 0.05 + 0.01, (1 - progress) / 0.2);
}

async function begin({ buffer, site, recipe: { seed } }: TrainJob, shape: { d: number; n: number; k: number; batch: number }): Promise<TrainCheckpoint> {
  const { value: x } = await batches(buffer, site, { seed, size: Math.min(startCells, buffer.rows(site)) }).next();
  const median = geometricMedian(x, shape.d);
  const meanSquare = x.reduce((sum, value, index) => sum + (value - median[index % shape.d]) ** 2, 0) / x.length;
  const scale = 1 / Math.sqrt(meanSquare);
  const scaled = (values: Float32Array) => values.map((value) => value * scale);
  return { state: initialState(shape, { x: scaled(x), median: scaled(median), seed }), step: 0, scale };
}

function unscaledWeights({ state, shape: { d, n } }: Trainer, scale: number): SaeWeights {
  const encoder = parameter(state, 'encoder');
  const wEnc = new Float32Array(d * n);
  for (let latent = 0; latent < n; latent++) {
    for (let j = 0; j < d; j++) wEnc[j * n + latent] = encoder[latent * d + j];
  }
  return {
    wEnc: float32(wEnc, [d, n]),
    bEnc: float32(new Float32Array(n), [n]),
    wDec: float32(parameter(state, 'decoder').slice(), [n, d]),
    bDec: float32(parameter(state, 'bias').map((value) => value / scale), [d]),
  };
}

async function measure({ buffer, site, recipe: { k, seed }, threads }: TrainJob, weights: SaeWeights): Promise<SaeQuality> {
  const coder = await SaeCoder.open(weights, threads === undefined ? {} : { threads });
  try {
    return await measureQuality(coder, buffer, site, { k, seed: seed + 1, cells: measuredCells });
  } finally {
    await coder.close();
  }
}
