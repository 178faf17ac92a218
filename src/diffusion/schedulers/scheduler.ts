/** What one step of a scheduler gives. */
export interface SchedulerStep {
  /** The sample at the next, less noisy, timestep. */
  readonly prevSample: Float32Array;
  /** The noise-free sample as predicted at this step (x0). */
  readonly predOriginalSample: Float32Array;
}

/** Everything a scheduler has to remember besides the sample, so that a run can go on from the middle of another. */
export interface SchedulerState {
  /** Asked for by `setTimesteps`. */
  readonly steps: number;
  /** What it keeps of earlier steps, in an order of its own; no array is ever changed in place. */
  readonly history: readonly Float32Array[];
}

/** Draws standard normal noise of the sample's size: `randn_tensor(sample.shape, generator)` of diffusers. */
export type DrawNoise = () => Float32Array;

/** A sampler of the reverse process, in the terms of diffusers' schedulers; arrays are samples of any one shape. */
export interface Scheduler {
  /** Timesteps in the order of generation, one for each time the U-Net is asked; they may repeat and have fractions. Empty before `setTimesteps`. */
  readonly timesteps: Float64Array;
  /** Length of the noise schedule the model was trained on; `timestep / trainTimesteps` is the diffusion time t. */
  readonly trainTimesteps: number;
  /** Standard deviation of the noise a generation starts from; known after `setTimesteps`. */
  readonly initNoiseSigma: number;
  /** Whether a step hangs on the sample alone: not on earlier steps, and not on noise drawn in them. */
  readonly stateless: boolean;
  /** Choose the timesteps of a generation. @throws InputError when the schedule has no room for so many */
  setTimesteps(steps: number): void;
  /** The sample as the U-Net wants to see it at a step. */
  scaleModelInput(sample: Float32Array, stepIndex: number): Float32Array;
  /** Go one step; steps come in order. @param modelOutput the U-Net's answer at `timesteps[stepIndex]`, guidance applied; the caller may overwrite it later */
  step(modelOutput: Float32Array, stepIndex: number, sample: Float32Array, drawNoise: DrawNoise): SchedulerStep;
  snapshot(): SchedulerState;
  restore(state: SchedulerState): void;
}
