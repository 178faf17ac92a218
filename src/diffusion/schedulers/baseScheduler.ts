import { InputError } from '../../base/errors.ts';
import { phrase } from '../../base/phrase.ts';
import type { DrawNoise, Scheduler, SchedulerState, SchedulerStep } from './scheduler.ts';

/** What all schedulers have in common: the timesteps chosen for a generation, and arrays kept from step to step. */
export abstract class BaseScheduler implements Scheduler {
  timesteps: Float64Array = new Float64Array(0);
  readonly trainTimesteps: number;
  abstract readonly stateless: boolean;
  /** The configuration, for errors. */
  protected readonly file: string;
  protected history: readonly Float32Array[] = [];
  #steps = 0;

  constructor(trainTimesteps: number, file: string) {
    this.trainTimesteps = trainTimesteps;
    this.file = file;
  }

  get initNoiseSigma(): number {
    return 1;
  }

  /** The most steps that a generation can have. */
  protected get mostSteps(): number {
    return this.trainTimesteps;
  }

  /** The noisiest timestep there is. */
  protected get noisiest(): number {
    return this.trainTimesteps - 1;
  }

  /** The fewest. */
  protected get leastSteps(): number {
    return 1;
  }

  setTimesteps(steps: number): void {
    const timesteps = steps < this.leastSteps || steps > this.mostSteps ? undefined : this.arrange(steps);
    if (timesteps === undefined || timesteps.some((timestep) => timestep < 0 || timestep > this.noisiest)) {
      throw new InputError(phrase`${steps} steps do not fit into a schedule of ${this.trainTimesteps} timesteps`, {
        file: this.file, place: '/num_train_timesteps', remedy: phrase`Ask for ${this.leastSteps} to ${steps > this.leastSteps ? Math.min(this.mostSteps, steps - 1) : this.mostSteps} steps.`,
      });
    }
    this.#steps = steps;
    this.history = [];
    this.timesteps = timesteps;
  }

  scaleModelInput(sample: Float32Array, _stepIndex: number): Float32Array {
    return sample;
  }

  abstract step(modelOutput: Float32Array, stepIndex: number, sample: Float32Array, drawNoise: DrawNoise): SchedulerStep;

  snapshot(): SchedulerState {
    return { steps: this.#steps, history: this.history };
  }

  restore({ steps, history }: SchedulerState): void {
    this.setTimesteps(steps);
    this.history = history;
  }

  /** The timesteps of so many steps, the noisiest first. */
  protected abstract arrange(steps: number): Float64Array;
}
