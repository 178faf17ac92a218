import { InputError } from '../../base/errors.ts';
import { phrase } from '../../base/phrase.ts';
import type { DrawNoise, Scheduler, SchedulerState, SchedulerStep } from './scheduler.ts';

/** What a generation must fit into. */
interface Room {
  /** Steps of a generation. */
  readonly least: number;
  readonly most: number;
  /** The noisiest timestep there is. */
  readonly noisiest: number;
}

/** What all schedulers have in common: the timesteps chosen for a generation, and arrays kept from step to step. */
export abstract class BaseScheduler implements Scheduler {
  timesteps: Float64Array = new Float64Array(0);
  readonly trainTimesteps: number;
  abstract readonly stateless: boolean;
  /** Known after `setTimesteps`. */
  initNoiseSigma = 1;
  protected history: readonly Float32Array[] = [];
  readonly #file: string;
  readonly #room: Room;
  #steps = 0;

  /** @param file the configuration, for errors. @param room where it is not that of a schedule of whole timesteps */
  constructor(trainTimesteps: number, file: string, room: Partial<Room> = {}) {
    this.trainTimesteps = trainTimesteps;
    this.#file = file;
    this.#room = { least: 1, most: trainTimesteps, noisiest: trainTimesteps - 1, ...room };
  }

  setTimesteps(steps: number): void {
    this.#choose(steps);
    this.#tryOut(steps);
  }

  scaleModelInput(...[sample]: Parameters<Scheduler['scaleModelInput']>): Float32Array {
    return sample;
  }

  abstract step(modelOutput: Float32Array, stepIndex: number, sample: Float32Array, drawNoise: DrawNoise): SchedulerStep;

  snapshot(): SchedulerState {
    return { steps: this.#steps, history: this.history };
  }

  restore({ steps, history }: SchedulerState): void {
    this.#choose(steps);
    this.history = history;
  }

  #choose(steps: number): void {
    const { least, most, noisiest } = this.#room;
    const timesteps = steps < least || steps > most ? undefined : this.arrange(steps);
    if (timesteps === undefined || timesteps.some((timestep) => timestep < 0 || timestep > noisiest)) {
      throw new InputError(phrase`${steps} steps do not fit into a schedule of ${this.trainTimesteps} timesteps`, {
        file: this.#file, place: '/num_train_timesteps', remedy: phrase`Ask for ${least} to ${steps > least ? Math.min(most, steps - 1) : most} steps.`,
      });
    }
    this.#steps = steps;
    this.history = [];
    this.timesteps = timesteps;
  }

  /** Go through all steps with a sample of one value: what divides by zero there (a solver of the noise that ends without any, noise predicted where no image is left) would do so for every sample. */
  #tryOut(steps: number): void {
    let sample: Float32Array = Float32Array.of(this.initNoiseSigma);
    for (const index of this.timesteps.keys()) {
      sample = this.step(this.scaleModelInput(sample, index).map((value) => value / 2), index, sample, () => Float32Array.of(1)).prevSample;
    }
    this.history = [];
    if (Number.isFinite(sample[0]) && this.timesteps.every(Number.isFinite)) return;
    throw new InputError(phrase`${steps} steps of this schedule come to NaN or infinity`, {
      file: this.#file, remedy: phrase`Ask for another number of steps, or name another "scheduler"; a network that predicts noise cannot start from noise alone (rescale_betas_zero_snr).`,
    });
  }

  /** The timesteps of so many steps, the noisiest first. */
  protected abstract arrange(steps: number): Float64Array;
}
