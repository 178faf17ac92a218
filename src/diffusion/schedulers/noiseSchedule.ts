import * as Type from 'typebox';
import { InputError } from '../../base/errors.ts';
import { phrase } from '../../base/phrase.ts';

const { cos, exp, fround, log, sqrt } = Math;

/** Keys of a scheduler's configuration that say how beta, the variance added at a timestep, runs from `beta_start` to `beta_end`. */
export const noiseKeys = {
  num_train_timesteps: Type.Integer({ minimum: 2, maximum: 1_000_000 }),
  beta_start: Type.Number(),
  beta_end: Type.Number(),
  beta_schedule: Type.Enum(['linear', 'scaled_linear', 'squaredcos_cap_v2']),
  /** Every beta; where there are any, the other keys do not count. */
  trained_betas: Type.Union([Type.Null(), Type.Array(Type.Number({ minimum: 0, maximum: 1 }), { minItems: 2, maxItems: 1_000_000 })]),
};

export const noiseDefaults = { num_train_timesteps: 1000, beta_start: 0.0001, beta_end: 0.02, beta_schedule: 'linear', trained_betas: null };

/** As `noiseKeys`; a few classes know more schedules. */
export interface NoiseScheduleConfig {
  readonly num_train_timesteps: number;
  readonly beta_start: number;
  readonly beta_end: number;
  readonly beta_schedule: 'linear' | 'scaled_linear' | 'squaredcos_cap_v2' | 'exp' | 'laplace' | 'sigmoid';
  readonly trained_betas: readonly number[] | null;
  /** Move the schedule so that the last timestep is pure noise: section 3.1 of arXiv:2305.08891. */
  readonly rescale_betas_zero_snr?: boolean;
}

/**
 * The cumulative product of 1 - beta over all training timesteps, in the float32 arithmetic of torch (`cumprod` accumulates in double).
 * @param file the configuration, for errors. @throws InputError when there are more or fewer trained betas than timesteps
 */
export function alphasCumprod(config: NoiseScheduleConfig, file: string): Float32Array {
  const betas = betasOf(config);
  if (betas.length !== config.num_train_timesteps) {
    throw new InputError(phrase`${betas.length} betas do not make ${config.num_train_timesteps} timesteps`, {
      file, place: '/trained_betas', remedy: phrase`Let num_train_timesteps be their number.`,
    });
  }
  const alphas = cumulative(betas.map((beta) => 1 - beta));
  return config.rescale_betas_zero_snr === true ? zeroTerminalSnr(alphas) : alphas;
}

function betasOf({ num_train_timesteps: count, beta_start: start, beta_end: end, beta_schedule: schedule, trained_betas: trained }: NoiseScheduleConfig): Float32Array {
  if (trained !== null) return Float32Array.from(trained);
  switch (schedule) {
    case 'linear': return linspace(start, end, count);
    case 'scaled_linear': return linspace(sqrt(start), sqrt(end), count).map((root) => root * root);
    case 'sigmoid': return linspace(-6, 6, count).map((x) => fround(fround(1 / (1 + exp(-x))) * fround(end - start)) + fround(start));
    case 'squaredcos_cap_v2': return betasForAlphaBar(count, (t) => cos((t + 0.008) / 1.008 * Math.PI / 2) ** 2);
    case 'exp': return betasForAlphaBar(count, (t) => exp(-12 * t));
    case 'laplace': return betasForAlphaBar(count, laplaceAlphaBar);
  }
}

/** Betas whose products of 1 - beta follow a function of time: `betas_for_alpha_bar` of diffusers. */
function betasForAlphaBar(count: number, alphaBar: (t: number) => number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.min(1 - alphaBar((i + 1) / count) / alphaBar(i / count), 0.999));
}

function laplaceAlphaBar(t: number): number {
  const lambda = (t > 0.5 ? 0.5 : -0.5) * log(1 - 2 * Math.abs(0.5 - t) + 1e-6);
  const snr = exp(lambda);
  return sqrt(snr / (1 + snr));
}

/** `torch.linspace` in float32: the second half is counted from the end. */
export function linspace(from: number, to: number, count: number): Float32Array {
  const [start, end] = [fround(from), fround(to)];
  const increment = fround(fround(end - start) / (count - 1));
  return Float32Array.from({ length: count }, (_, i) => (i < count / 2 ? start + fround(increment * i) : end - fround(increment * (count - 1 - i))));
}

function cumulative(alphas: Float32Array): Float32Array {
  let product = 1;
  return alphas.map((alpha) => (product *= alpha));
}

/** Algorithm 1 of arXiv:2305.08891, as `rescale_zero_terminal_snr`: through the betas and back. */
function zeroTerminalSnr(alphas: Float32Array): Float32Array {
  const roots = alphas.map(sqrt);
  const [first, last] = [roots[0], roots[roots.length - 1]];
  const scale = fround(first / fround(first - last));
  const bars = roots.map((root) => fround(fround(root - last) * scale) ** 2);
  const betas = bars.map((bar, t) => 1 - (t === 0 ? bar : fround(bar / bars[t - 1])));
  return cumulative(betas.map((beta) => 1 - beta));
}
