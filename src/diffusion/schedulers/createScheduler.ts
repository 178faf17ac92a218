import type { ComponentConfig } from '../componentConfig.ts';
import { createDdim } from './ddim.ts';
import type { Scheduler } from './scheduler.ts';

/** Schedulers by their name in a spec. */
const schedulers = { ddim: createDdim };

export type SchedulerName = keyof typeof schedulers;

/** A fresh scheduler, set up by a pipeline's own configuration; no network is needed. @throws InputError at a key that is not supported */
export function createScheduler(name: SchedulerName, config: ComponentConfig<object>): Scheduler {
  return schedulers[name](config);
}
