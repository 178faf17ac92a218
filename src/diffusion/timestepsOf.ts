import type { GenerationRequest } from './generation.ts';
import type { LoadedPipeline } from './loadPipeline.ts';

/** The timesteps at which a request asks the U-Net: one a step, as steps are counted everywhere. @throws InputError as `createScheduler`, `setTimesteps` */
export function timestepsOf(pipeline: Pick<LoadedPipeline, 'createScheduler'>, { scheduler: name, steps }: Pick<GenerationRequest, 'scheduler' | 'steps'>): Float64Array {
  const scheduler = pipeline.createScheduler(name);
  scheduler.setTimesteps(steps);
  return scheduler.timesteps;
}
