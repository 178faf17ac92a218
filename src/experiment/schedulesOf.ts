import { join } from 'node:path';
import * as Type from 'typebox';
import { InputError } from '../base/errors.ts';
import { readComponentConfig } from '../diffusion/componentConfig.ts';
import type { Schedule, TellSchedule } from '../spec/checkSchedule.ts';

/** Where a pipeline says how it is sampled. */
export const schedulerFile = (model: string): string => join(model, 'scheduler', 'scheduler_config.json');

const shape = Type.Object({ _class_name: Type.Optional(Type.String()) });

/** What a pipeline's own configuration makes of schedulers and numbers of steps, without its networks; undefined where it cannot be read. @param model the pipeline's folder */
export async function schedulesOf(model: string): Promise<TellSchedule | undefined> {
  const config = await readComponentConfig(model, 'scheduler/scheduler_config.json', shape).catch((error: unknown) => {
    if (error instanceof InputError) return undefined; // whoever opens the pipeline says so
    throw error;
  });
  if (config === undefined) return undefined;
  const [{ createScheduler }, { ownScheduler }] = await Promise.all([import('../diffusion/schedulers/createScheduler.ts'), import('../diffusion/schedulers/ownScheduler.ts')]);
  const known = new Map<string, Schedule | InputError>();
  return ({ scheduler: named, steps }) => {
    const key = `${named ?? ''} ${steps}`;
    const told = known.get(key) ?? attempt(() => {
      const scheduler = createScheduler(named ?? ownScheduler(config), config);
      scheduler.setTimesteps(steps);
      return { timesteps: scheduler.timesteps, trainTimesteps: scheduler.trainTimesteps };
    });
    if (known.size >= mostKnown) known.clear();
    known.set(key, told);
    return told;
  };
}

/** Somebody who types a number of steps goes through a few. */
const mostKnown = 64;

function attempt(work: () => Schedule): Schedule | InputError {
  try {
    return work();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}
