import { canonicalJson } from '../../spec/canonicalJson.ts';
import { sampleDefaults } from '../../spec/schema.ts';
import type { Spec } from '../../spec/schema.ts';

/** What decides a spec's runs, as a text: equal for specs that ask the same. Which concepts are reported is not part of it: a trace holds them all. */
export function questionKey({ model, saes, sample, trace = {} }: Spec): string {
  const { sites, branch = 'cond', steps = 'all' } = trace;
  return canonicalJson({
    model, saes: saes ?? null, sample: { ...sampleDefaults, ...sample },
    trace: { sites: sites === undefined ? null : [...sites].sort(), branch, steps: steps === 'all' ? steps : [...steps].sort((a, b) => a - b) },
  });
}
