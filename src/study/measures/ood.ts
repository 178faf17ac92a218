import { phrase } from '../../base/phrase.ts';
import { mostSteps } from '../runHealth.ts';
import { mostDeviations } from '../updateMoments.ts';
import type { Measure } from './measure.ts';

/** How far the edits push the updates out of what the network does without them. */
export function ood(): Measure {
  return {
    definition: phrase`share of the entries of the edited updates farther than ${mostDeviations} σ from those of the unedited runs, by channel, site and step; mean over the edited sites and up to ${mostSteps} of the steps in force`,
    comparison: false,
    of: ({ health }) => health?.beyond ?? null,
    unedited: ({ health }) => health?.unedited ?? null,
  };
}
