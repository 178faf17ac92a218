import * as Type from 'typebox';

const { fround } = Math;

/** Keys of a scheduler's configuration that say which of the training timesteps a generation visits: table 2 of arXiv:2305.08891. */
export const spacingKeys = {
  timestep_spacing: Type.Enum(['leading', 'linspace', 'trailing']),
  steps_offset: Type.Integer({ minimum: 0 }),
};

export interface SpacingConfig {
  readonly num_train_timesteps: number;
  readonly timestep_spacing: 'leading' | 'linspace' | 'trailing';
  readonly steps_offset: number;
}

/** Timesteps of a generation, the noisiest first, rounded as numpy does: those of DDIM, DDPM and PNDM. */
export function wholeTimesteps(config: SpacingConfig, steps: number): Float64Array {
  return config.timestep_spacing === 'linspace' ? evenTimesteps(config, steps).map(roundHalfToEven) : fractionalTimesteps(config, steps);
}

/** The same with fractions kept, in float32: those of the Euler family. */
export function fractionalTimesteps(config: SpacingConfig, steps: number): Float64Array {
  const { num_train_timesteps: count, timestep_spacing: spacing, steps_offset: offset } = config;
  switch (spacing) {
    case 'leading': return leading(Math.floor(count / steps), steps, offset);
    case 'linspace': return evenTimesteps(config, steps).map(fround);
    case 'trailing': return trailing(count, count / steps, steps);
  }
}

/** Those of multistep solvers, which leave out the cleanest of one step more. @param last timesteps from here on are not visited */
export function multistepTimesteps(config: SpacingConfig, steps: number, last: number): Float64Array {
  const { num_train_timesteps: count, timestep_spacing: spacing, steps_offset: offset } = config;
  switch (spacing) {
    case 'leading': return leading(Math.floor(last / (steps + 1)), steps + 1, offset).slice(0, -1);
    case 'linspace': return Float64Array.from({ length: steps }, (_, i) => roundHalfToEven((steps - i) * ((last - 1) / steps)));
    case 'trailing': return trailing(last, count / steps, last === count ? steps : Math.ceil(last / (count / steps)));
  }
}

function evenTimesteps({ num_train_timesteps: count }: SpacingConfig, steps: number): Float64Array {
  return Float64Array.from({ length: steps }, (_, i) => (steps === 1 ? 0 : i === 0 ? count - 1 : (steps - 1 - i) * ((count - 1) / (steps - 1))));
}

function leading(ratio: number, steps: number, offset: number): Float64Array {
  return Float64Array.from({ length: steps }, (_, i) => (steps - 1 - i) * ratio + offset);
}

/** As `numpy.arange(count, 0, -ratio)`, which counts in differences of its first two values. */
function trailing(count: number, ratio: number, steps: number): Float64Array {
  const difference = count - ratio - count;
  return Float64Array.from({ length: steps }, (_, i) => roundHalfToEven(count + i * difference) - 1);
}

/** `numpy.round`. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const half = value - floor;
  return half > 0.5 || (half === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}
