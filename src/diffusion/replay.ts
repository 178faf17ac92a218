import { sizeOf } from '../base/tensor.ts';
import type { GenerationRequest, GenerationState } from './generation.ts';
import type { LoadedPipeline } from './loadPipeline.ts';
import { GenerationNoise } from './noise.ts';

/**
 * The states of a generation before each of its steps but the first, from the guided predictions of its steps: the scheduler's arithmetic is made again, no network
 * is asked.
 * @param guided predictions [channels, height, width], one a step. @returns as many states
 */
export function replay({ createScheduler, latentShape }: Pick<LoadedPipeline, 'createScheduler' | 'latentShape'>, { scheduler: name, steps, seed }: GenerationRequest, guided: readonly Float32Array[]): GenerationState[] {
  const scheduler = createScheduler(name);
  scheduler.setTimesteps(steps);
  const noise = new GenerationNoise(seed, sizeOf(latentShape));
  let latents = noise.initial(scheduler.initNoiseSigma);
  return guided.map((prediction, step) => {
    latents = scheduler.step(prediction, step, latents, () => noise.draw()).prevSample;
    return { step: step + 1, latents, scheduler: scheduler.snapshot(), drawn: noise.drawn, guided: prediction };
  });
}
