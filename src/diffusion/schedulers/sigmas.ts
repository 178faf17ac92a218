import * as Type from 'typebox';
import { betaQuantile } from './betaQuantile.ts';

const { exp, fround, log, sqrt } = Math;

/** Keys that choose how noise levels are spaced: at most one of these is true. */
export const sigmaKeys = {
  use_karras_sigmas: Type.Union([Type.Boolean(), Type.Null()]),
  use_exponential_sigmas: Type.Union([Type.Boolean(), Type.Null()]),
  use_beta_sigmas: Type.Union([Type.Boolean(), Type.Null()]),
};

export const sigmaDefaults = { use_karras_sigmas: false, use_exponential_sigmas: false, use_beta_sigmas: false };

/** As `sigmaKeys`, with the ends that a few classes let one set. */
export interface SigmaConfig {
  readonly use_karras_sigmas: boolean | null;
  readonly use_exponential_sigmas: boolean | null;
  readonly use_beta_sigmas: boolean | null;
  readonly sigma_min?: number | null;
  readonly sigma_max?: number | null;
}

/** The noise level of every training timestep, float32: sqrt((1 - ᾱ) / ᾱ). */
export function sigmaTable(alphasCumprod: Float32Array): Float32Array {
  return alphasCumprod.map((alpha) => sqrt(fround(fround(1 - alpha) / alpha)));
}

/** ᾱ whose last is as good as 0, so that its noise level is finite: the smallest positive number of float16. */
export function withoutZero(alphasCumprod: Float32Array): Float32Array {
  return alphasCumprod.map((alpha, t) => (t === alphasCumprod.length - 1 ? 2 ** -24 : alpha));
}

/** Noise levels at timesteps, between those of the table: `numpy.interp`, float64. */
export function sigmasAt(timesteps: Float64Array, table: Float32Array): Float64Array {
  const last = table.length - 1;
  return timesteps.map((timestep) => {
    if (timestep >= last) return table[last];
    const below = Math.max(Math.floor(timestep), 0);
    return (table[below + 1] - table[below]) * (timestep - below) + table[below];
  });
}

/**
 * Noise levels between two ends, spaced as the configuration says; float64, the noisiest first.
 * @param most and least: the ends, where the configuration sets no others
 * @returns undefined where the configuration leaves the spacing to the timesteps
 */
export function spacedSigmas(config: SigmaConfig, most: number, least: number, steps: number): Float64Array | undefined {
  const [max, min] = [config.sigma_max ?? most, config.sigma_min ?? least];
  if (config.use_karras_sigmas === true) return karras(max, min, steps);
  if (config.use_exponential_sigmas === true) return ramp(log(max), log(min), steps).map(exp);
  if (config.use_beta_sigmas === true) return ramp(1, 0, steps).map((share) => min + betaQuantile(share) * (max - min));
  return undefined;
}

/** Equation 5 of arXiv:2206.00364. */
function karras(max: number, min: number, steps: number, rho = 7): Float64Array {
  return ramp(max ** (1 / rho), min ** (1 / rho), steps).map((root) => root ** rho);
}

/** From one end to the other in equal steps. */
export function ramp(from: number, to: number, steps: number): Float64Array {
  return Float64Array.from({ length: steps }, (_, i) => from + (steps === 1 ? 0 : i / (steps - 1)) * (to - from));
}

/** Timesteps, with fractions, of noise levels: between the logarithms of the table's. */
export function timestepsOf(sigmas: Float64Array, table: Float32Array): Float64Array {
  const logs = table.map(log);
  return sigmas.map((sigma) => {
    const logSigma = log(Math.max(sigma, 1e-10));
    const low = Math.min(Math.max(lastAtMost(logs, logSigma), 0), logs.length - 2);
    const share = Math.min(Math.max((logs[low] - logSigma) / fround(logs[low] - logs[low + 1]), 0), 1);
    return (1 - share) * low + share * (low + 1);
  });
}

/** Of an ascending table the last place whose value is not above another; -1 where there is none. */
function lastAtMost(ascending: Float32Array, value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
