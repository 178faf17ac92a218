import type { Static } from 'typebox';
import * as Type from 'typebox';
import { betaQuantile } from './betaQuantile.ts';

const { exp, fround, log, sqrt } = Math;

const flag = Type.Union([Type.Boolean(), Type.Null()]);
const level = Type.Union([Type.Null(), Type.Number({ exclusiveMinimum: 0 })]);

/** Keys that choose how noise levels are spaced, at most one of them true, and between which ends; classes that do not list the ends read them all the same. */
export const sigmaKeys = { use_karras_sigmas: flag, use_exponential_sigmas: flag, use_beta_sigmas: flag, sigma_min: level, sigma_max: level };

export const sigmaDefaults = { use_karras_sigmas: false, use_exponential_sigmas: false, use_beta_sigmas: false, sigma_min: null, sigma_max: null };

/** As `sigmaKeys`. */
export type SigmaConfig = Readonly<Static<Type.TObject<typeof sigmaKeys>>>;

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
  if (config.use_beta_sigmas === true) return ramp(0, 1, steps).map((share) => min + betaQuantile(1 - share) * (max - min));
  return undefined;
}

/** Equation 5 of arXiv:2206.00364. */
function karras(max: number, min: number, steps: number, rho = 7): Float64Array {
  return blend(max ** (1 / rho), min ** (1 / rho), steps).map((root) => root ** rho);
}

/** From one end to the other in equal steps: `numpy.linspace`, to the last bit, since timesteps are cut off to whole numbers. */
export function ramp(from: number, to: number, steps: number): Float64Array {
  const step = (to - from) / (steps - 1);
  return Float64Array.from({ length: steps }, (_, i) => (i === 0 ? from : i === steps - 1 ? to : i * step + from));
}

/** The same, as shares of the way; rounded otherwise. */
export function blend(from: number, to: number, steps: number): Float64Array {
  return ramp(0, 1, steps).map((share) => from + share * (to - from));
}

/** Timesteps, with fractions, of noise levels: between the logarithms of the table's. */
export function timestepsOf(sigmas: Float64Array, table: Float32Array): Float64Array {
  const logs = table.map(log);
  return sigmas.map((sigma) => {
    const logSigma = log(Math.max(sigma, 1e-10));
    const low = Math.min(Math.max(logs.findLastIndex((known) => known <= logSigma), 0), logs.length - 2);
    const share = Math.min(Math.max((logs[low] - logSigma) / fround(logs[low] - logs[low + 1]), 0), 1);
    return (1 - share) * low + share * (low + 1);
  });
}
