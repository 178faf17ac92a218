/** What one step of a scheduler gives. */
export interface SchedulerStep {
  /** The sample at the next, less noisy, timestep. */
  readonly prevSample: Float32Array;
  /** The noise-free sample as predicted at this step (x0). */
  readonly predOriginalSample: Float32Array;
}

/** Everything a scheduler has to remember besides the sample, so that a run can go on from the middle of another. */
export interface SchedulerState {
  readonly steps: number;
}

/** A sampler of the reverse process, in the terms of diffusers' schedulers; arrays are samples of any one shape. */
export interface Scheduler {
  /** Timesteps in the order of generation; empty before `setTimesteps`. */
  readonly timesteps: Int32Array;
  /** Length of the noise schedule the model was trained on; `timestep / trainTimesteps` is the diffusion time t. */
  readonly trainTimesteps: number;
  /** Standard deviation of the noise a generation starts from. */
  readonly initNoiseSigma: number;
  /** Choose the timesteps of a generation. @throws InputError when the schedule has no room for so many */
  setTimesteps(steps: number): void;
  /** The sample as the U-Net wants to see it at a step. */
  scaleModelInput(sample: Float32Array, stepIndex: number): Float32Array;
  /** Go one step. @param modelOutput the U-Net's answer at `timesteps[stepIndex]`, guidance applied */
  step(modelOutput: Float32Array, stepIndex: number, sample: Float32Array): SchedulerStep;
  snapshot(): SchedulerState;
  restore(state: SchedulerState): void;
}
