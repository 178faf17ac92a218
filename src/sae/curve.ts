import type { ActivationBuffer } from './activationBuffer.ts';
import { measureQuality } from './measureQuality.ts';
import type { SaeQuality } from './qualityMeter.ts';
import { SaeCoder } from './saeCoder.ts';
import type { Sae } from './sae.ts';
import { trainSae } from './trainSae.ts';
import type { TrainJob } from './trainSae.ts';

/** The sparsities of a curve. */
const curveKs = [2, 4, 8, 16, 32] as const;

/** Quality at one sparsity. */
export interface CurvePoint {
  readonly k: number;
  /** See `SaeQuality`. */
  readonly fvu: number;
  readonly evPerDimension: number;
  /** Share of latents silent in all `cells` cells. */
  readonly dead: number;
  readonly cells: number;
}

/** One site's curve, by ascending k. */
export interface Curve {
  readonly site: string;
  readonly points: readonly CurvePoint[];
}

/** Quality of one SAE when it encodes with other k than it was trained with: a lower bound of what training with that k gives. */
export async function reencodedCurve(sae: Sae, buffer: ActivationBuffer, options: { seed: number; threads?: number }): Promise<Curve> {
  const coder = await SaeCoder.open(await sae.weights(), { ...sae, ...options });
  try {
    const points: CurvePoint[] = [];
    for (const k of ksUpTo(sae.n)) points.push(pointOf(k, await measureQuality(coder, buffer, sae.site, { k, seed: options.seed })));
    return { site: sae.site, points };
  } finally {
    await coder.close();
  }
}

/** Quality of SAEs trained for each k, over the activations they were trained on. @param onStep over all k together */
export async function retrainedCurve(job: TrainJob, n: number): Promise<Curve> {
  const points: CurvePoint[] = [];
  const ks = ksUpTo(n);
  for (const [index, k] of ks.entries()) {
    const { quality } = await trainSae({
      ...job, recipe: { ...job.recipe, k }, onStep: (step, total) => { job.onStep?.(index * total + step, ks.length * total); },
    });
    points.push(pointOf(k, quality));
  }
  return { site: job.site, points };
}

function ksUpTo(n: number): number[] {
  return curveKs.filter((k) => k <= n);
}

function pointOf(k: number, { fvu, evPerDimension, dead, cells }: SaeQuality): CurvePoint {
  return { k, fvu, evPerDimension, dead: dead[dead.length - 1].share, cells };
}
