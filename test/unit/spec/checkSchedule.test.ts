import { parseTree } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { english } from '../../../src/base/phrase.ts';
import { createScheduler } from '../../../src/diffusion/schedulers/createScheduler.ts';
import { checkSchedule, type TellSchedule } from '../../../src/spec/checkSchedule.ts';

/** Of a pipeline that comes with Euler and Karras sigmas. */
const values: object = { use_karras_sigmas: true, beta_schedule: 'scaled_linear', beta_start: 0.00085, beta_end: 0.012, skip_prk_steps: true };

const tell: TellSchedule = ({ scheduler = 'euler', steps }) => {
  try {
    const made = createScheduler(scheduler, { path: '/models/m/scheduler/scheduler_config.json', values });
    made.setTimesteps(steps);
    return made;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
};

/** `code path: message -> what the fix puts there`. @param sample and `during` of an edit, `steps` of the trace */
function remarks(sample: object, { during, steps }: { during?: object | string | undefined; steps?: number[] } = {}): string[] {
  const tree = parseTree(JSON.stringify({ dmi: 1, model: 'm', sample, trace: { ...(steps && { steps }) }, experiments: { e: { edits: [{ site: 's', concept: 1, add: 1, ...(during !== undefined && { during }) }] } } }));
  return tree === undefined ? [] : checkSchedule(tree, tell).map(({ code, path, message, fixes }) => {
    const fix = fixes.at(0);
    return `${code} ${path.join('.')}: ${english(message)}${fix?.kind === 'replace' ? ` -> ${JSON.stringify(fix.by)}` : ''}`;
  });
}

const at = 'experiments.e.edits.0.during';

describe('a spec against the timesteps of its pipeline', () => {
  it('has nothing to hear where a step falls into every window', () => {
    for (const during of ['early', 'all', { from: 1, to: 0.9 }, { steps: [0, 9] }, undefined]) expect(remarks({ steps: 10 }, { during, steps: [0, 9] })).toEqual([]);
  });

  it('hears of windows between two steps, with one grown to the nearest', () => {
    // five Karras sigmas leave out most of the noisy end
    const [found] = remarks({ steps: 5 }, { during: { from: 0.95, to: 0.9 } });
    expect(found).toMatch(new RegExp(`^window-empty ${at}: none of the 5 steps falls into this window -> \\{"from":(\\S+),"to":0.9\\}$`));
    const grown = JSON.parse(found.replace(/.*-> /, '')) as object;
    expect(remarks({ steps: 5 }, { during: grown })).toEqual([]);
    expect(remarks({ steps: 1 }, { during: 'early' })).toEqual([`window-empty ${at}: none of the 1 steps falls into this window`]);
  });

  it('hears of steps that only this configuration has not', () => {
    expect(remarks({ scheduler: 'pndm', steps: 10 }, { during: { steps: [0, 12] }, steps: [10, 11] })).toEqual([
      'step-beyond trace.steps.1: step 11 does not exist -> 10', `step-beyond ${at}.steps.1: step 12 does not exist -> 10`,
    ]);
  });

  it('hears of a scheduler and of steps that the pipeline cannot have', () => {
    expect(remarks({ scheduler: 'flow-euler' })).toEqual([expect.stringMatching(/^unreadable sample\.scheduler: scheduler_config\.json \/_class_name: /)]);
    expect(remarks({ scheduler: 'lcm', steps: 60 })).toEqual([expect.stringMatching(/^unreadable sample\.scheduler: scheduler_config\.json \/num_train_timesteps: 60 steps/)]);
  });

  it('leaves to others what is wrong without a pipeline', () => {
    expect(remarks({ scheduler: 'nonsense' }, { during: { from: 0.95, to: 0.94 } })).toEqual([]);
    expect(remarks({ steps: 0.5 })).toEqual([]);
    expect(remarks({ steps: 5 }, { during: { from: 0.2, to: 0.4 } })).toEqual([]); // the wrong way round
    expect(remarks({ scheduler: 'ddim', steps: 3 }, { during: { from: 0.91, to: 0.9 } })).toEqual([]); // empty at any spacing
    expect(remarks({ steps: 5 }, { during: { from: 'x' } })).toEqual([]);
  });
});
