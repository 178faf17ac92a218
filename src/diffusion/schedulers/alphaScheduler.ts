import { BaseScheduler } from './baseScheduler.ts';
import { alphasCumprod } from './noiseSchedule.ts';
import type { NoiseScheduleConfig } from './noiseSchedule.ts';

const { fround, sqrt } = Math;

/** Schedulers that count in whole timesteps and see a sample as sqrt(ᾱ) · x0 + sqrt(1 - ᾱ) · noise, with ᾱ read from the noise schedule: DDPM's and those that follow it. */
export abstract class AlphaScheduler<Config extends NoiseScheduleConfig> extends BaseScheduler {
  protected readonly config: Config;
  readonly #alphas: Float32Array;

  /** @param file the configuration, for errors. @param room as of `BaseScheduler` */
  constructor(config: Config, file: string, room?: ConstructorParameters<typeof BaseScheduler>[2]) {
    super(config.num_train_timesteps, file, room);
    this.config = config;
    this.#alphas = alphasCumprod(config, file);
  }

  /** ᾱ at a timestep. @param end what it is after the last one: 1, where nothing but the image is left; or left out, that of the cleanest timestep */
  protected alphaAt(timestep: number, end = this.#alphas[0]): number {
    return timestep >= 0 ? this.#alphas[timestep] : end;
  }
}

/** Square roots of the shares of image and noise, each rounded to float32. */
export function rootsOf(alpha: number): [image: number, noise: number] {
  return [fround(sqrt(alpha)), fround(sqrt(fround(1 - alpha)))];
}
