import * as Type from 'typebox';
import { InputError } from '../../base/errors.ts';
import { listed, phrase } from '../../base/phrase.ts';
import { schedulerNames } from '../../spec/schedulerNames.ts';
import type { SchedulerName } from '../../spec/schedulerNames.ts';
import { readComponentConfig } from '../componentConfig.ts';
import type { ComponentConfig } from '../componentConfig.ts';

/** A pipeline's `scheduler_config.json`; each scheduler reads its own keys. */
export type SchedulerConfig = ComponentConfig<{ readonly _class_name?: string; readonly algorithm_type?: unknown }>;

/** What a class of diffusers is called here. */
const namesOfClasses: Readonly<Record<string, SchedulerName>> = {
  DDIMScheduler: 'ddim',
  DDPMScheduler: 'ddpm',
  PNDMScheduler: 'pndm',
  LMSDiscreteScheduler: 'lms',
  EulerDiscreteScheduler: 'euler',
  EulerAncestralDiscreteScheduler: 'euler-ancestral',
  HeunDiscreteScheduler: 'heun',
  DPMSolverMultistepScheduler: 'dpmpp-2m',
  UniPCMultistepScheduler: 'unipc',
  LCMScheduler: 'lcm',
  FlowMatchEulerDiscreteScheduler: 'flow-euler',
};

/** The scheduler that a pipeline comes with; DDIM where its configuration names none. @throws InputError where it is of a class that is not supported */
export function ownScheduler({ path, values: { _class_name: className, algorithm_type: algorithm } }: SchedulerConfig): SchedulerName {
  if (className === undefined) return 'ddim';
  if (!Object.hasOwn(namesOfClasses, className)) {
    throw new InputError(phrase`the pipeline's own scheduler, ${className}, is not supported`, {
      file: path, place: '/_class_name', remedy: phrase`Name another one under "scheduler": ${listed(schedulerNames)}.`,
    });
  }
  const name = namesOfClasses[className];
  return name === 'dpmpp-2m' && typeof algorithm === 'string' && algorithm.startsWith('sde-') ? 'dpmpp-2m-sde' : name;
}

/** The same of a pipeline's folder, for those who need nothing else of it; undefined where that cannot be told. */
export async function ownSchedulerOf(folder: string): Promise<SchedulerName | undefined> {
  try {
    return ownScheduler(await readComponentConfig(folder, 'scheduler/scheduler_config.json', Type.Object({ _class_name: Type.Optional(Type.String()) })));
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
