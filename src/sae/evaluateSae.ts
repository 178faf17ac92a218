import { quantile } from '../base/statistics.ts';
import type { ActivationBuffer } from './activationBuffer.ts';
import { chanceCosine, decoderCosines } from './decoderCosines.ts';
import { measureQuality } from './measureQuality.ts';
import type { DeadShare } from './qualityMeter.ts';
import type { Sae } from './sae.ts';
import { SaeCoder } from './saeCoder.ts';

/** Latents by how often they are active. */
export interface DensityHistogram {
  /** Latents never active. */
  readonly silent: number;
  /** Counts between successive edges; the last bin is closed. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** What can be said of an SAE from its weights and a buffer of activations. */
export interface SaeEvaluation {
  readonly site: string;
  readonly d: number;
  readonly n: number;
  readonly k: number;
  readonly cells: number;
  readonly fvu: number;
  readonly evPerDimension: number;
  readonly l0: number;
  readonly dead: readonly DeadShare[];
  readonly density: DensityHistogram;
  readonly decoderCosine: { readonly greatest: number; readonly median: number; readonly chance: number };
}

/** Definitions of the numbers, by their names in `SaeEvaluation` and in the report. x: a cell's update Δ, x̂: its reconstruction, e = x − x̂. */
export const definitions: Readonly<Record<string, string>> = {
  fvu: 'FVU = Σ‖e‖² / Σ‖x − mean(x)‖² over all cells (as EleutherAI\'s sparsify; 1 − FVU is the explained variance)',
  evPerDimension: 'EV = mean over dimensions of 1 − Var(e)/Var(x) (as sdxl-unbox)',
  l0: 'L0 = mean number of active latents per cell',
  dead: 'dead = share of latents silent over the last N cells, taken in random order; where fewer cells were seen, over those',
  density: 'density = share of cells in which a latent is active; latents counted by decade',
  decoderCosine: 'decoder cosine = for each latent the greatest cosine with another decoder direction; chance = √(2 ln(2n) / d) for random directions',
  recovered: 'recovered = 1 − Σ‖ε̂_rec − ε̂‖² / Σ‖ε̂_zero − ε̂‖² per step: U-Net output with Δ of the cond branch replaced by x̂, against replaced by 0',
  monosemanticity: 'monosemanticity = (aᵀSa − Σa²) / ((Σa)² − Σa²), a = min-max activations over images, S = image-embedding cosines',
  cohesion: 'cohesion = mean text-embedding cosine of labels within a concept; separability = the same between concepts; per stretch of the process',
};

const densityEdges = [0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1] as const;

/** Measure an SAE on buffered activations. @param seed of the order in which cells are taken */
export async function evaluateSae(sae: Sae, buffer: ActivationBuffer, { seed, threads }: { seed: number; threads?: number }): Promise<SaeEvaluation> {
  const { site, d, n, k } = sae;
  const weights = await sae.weights();
  const coder = await SaeCoder.open(weights, { ...sae, ...(threads !== undefined && { threads }) });
  const { cells, fvu, evPerDimension, l0, dead, density } = await measureQuality(coder, buffer, site, { k, seed }).finally(() => coder.close());
  const cosines = await decoderCosines(weights.wDec);
  return {
    site, d, n, k, cells, fvu, evPerDimension, l0, dead, density: densityHistogram(density),
    decoderCosine: { greatest: quantile(cosines, 1), median: quantile(cosines, 0.5), chance: chanceCosine(n, d) },
  };
}

function densityHistogram(density: Float32Array): DensityHistogram {
  const counts = new Array<number>(densityEdges.length - 1).fill(0);
  let silent = 0;
  for (const share of density) {
    if (share === 0) silent++;
    else counts[densityEdges.findIndex((edge) => share <= edge) - 1]++;
  }
  return { silent, edges: densityEdges, counts };
}
