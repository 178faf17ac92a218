/** How beta, the variance added at a timestep, runs from `beta_start` to `beta_end`. */
export interface NoiseScheduleConfig {
  readonly num_train_timesteps: number;
  readonly beta_start: number;
  readonly beta_end: number;
  readonly beta_schedule: 'linear' | 'scaled_linear';
}

/** Which of the training timesteps a generation visits: table 2 of arXiv:2305.08891. */
export interface TimestepConfig {
  readonly num_train_timesteps: number;
  readonly timestep_spacing: 'leading' | 'linspace' | 'trailing';
  readonly steps_offset: number;
}

const { fround, sqrt } = Math;

/** The cumulative product of 1 - beta over all training timesteps, in the float32 arithmetic of torch (`cumprod` accumulates in double). */
export function alphasCumprod(config: NoiseScheduleConfig): Float32Array {
  const count = config.num_train_timesteps;
  const scaled = config.beta_schedule === 'scaled_linear';
  const start = fround(scaled ? sqrt(config.beta_start) : config.beta_start);
  const end = fround(scaled ? sqrt(config.beta_end) : config.beta_end);
  const increment = fround(fround(end - start) / (count - 1));
  const alphas = new Float32Array(count);
  let product = 1;
  for (let t = 0; t < count; t++) {
    // As torch.linspace: the second half is counted from the end.
    const value = fround(t < count / 2 ? start + fround(increment * t) : end - fround(increment * (count - 1 - t)));
    const beta = scaled ? fround(value * value) : value;
    product *= fround(1 - beta);
    alphas[t] = product;
  }
  return alphas;
}

/** Timesteps of a generation, the noisiest first, rounded as numpy does. */
export function spacedTimesteps(config: TimestepConfig, steps: number): Int32Array {
  const count = config.num_train_timesteps;
  const spread = (last: number, timestep: (index: number) => number): Int32Array => Int32Array.from({ length: steps }, (_, i) => timestep(last - i));
  switch (config.timestep_spacing) {
    case 'leading': return spread(steps - 1, (i) => i * Math.floor(count / steps) + config.steps_offset);
    case 'linspace': return spread(steps - 1, (i) => steps === 1 ? 0 : roundHalfToEven(i * ((count - 1) / (steps - 1))));
    case 'trailing': return Int32Array.from({ length: steps }, (_, i) => roundHalfToEven(count - i * (count / steps)) - 1);
  }
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const half = value - floor;
  return half > 0.5 || (half === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}
