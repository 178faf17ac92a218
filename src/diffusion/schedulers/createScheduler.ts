import { InputError } from '../../base/errors.ts';
import { phrase } from '../../base/phrase.ts';
import type { SchedulerName } from '../../spec/schedulerNames.ts';
import { createDdim } from './ddim.ts';
import { createDdpm } from './ddpm.ts';
import { createDpmSolver } from './dpmSolver.ts';
import { createEuler } from './euler.ts';
import { createEulerAncestral } from './eulerAncestral.ts';
import { createFlowMatchEuler } from './flowMatchEuler.ts';
import { createHeun } from './heun.ts';
import { createLcm } from './lcm.ts';
import { createLms } from './lms.ts';
import type { SchedulerConfig } from './ownScheduler.ts';
import { createPndm } from './pndm.ts';
import type { Scheduler } from './scheduler.ts';
import { createUnipc } from './unipc.ts';

export type { SchedulerName } from '../../spec/schedulerNames.ts';

const creators: Readonly<Record<SchedulerName, (config: SchedulerConfig) => Scheduler>> = {
  ddim: createDdim,
  ddpm: createDdpm,
  pndm: createPndm,
  lms: createLms,
  euler: createEuler,
  'euler-ancestral': createEulerAncestral,
  heun: createHeun,
  'dpmpp-2m': (config) => createDpmSolver(config, false),
  'dpmpp-2m-sde': (config) => createDpmSolver(config, true),
  unipc: createUnipc,
  lcm: createLcm,
  'flow-euler': createFlowMatchEuler,
};

/** A fresh scheduler, set up by a pipeline's own configuration; no network is needed. @throws InputError where that one is of another kind, or has a key that is not supported */
export function createScheduler(name: SchedulerName, config: SchedulerConfig): Scheduler {
  const { _class_name: className = '' } = config.values;
  if (className.startsWith('FlowMatch') !== (name === 'flow-euler')) {
    throw new InputError(name === 'flow-euler' ? phrase`"${name}" does not fit: the network was not trained by flow matching` : phrase`"${name}" does not fit: the network was trained by flow matching`, {
      file: config.path, place: '/_class_name', remedy: phrase`Leave out "scheduler": the pipeline's own is taken.`,
    });
  }
  return creators[name](config);
}
