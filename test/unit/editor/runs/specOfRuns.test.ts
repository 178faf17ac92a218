import { describe, expect, it } from 'vitest';
import { specOfRuns } from '../../../../src/editor/runs/specOfRuns.ts';
import { asksFor } from '../../../../src/experiment/runsOfSpec.ts';
import { parseSpec } from '../../../../src/spec/parseSpec.ts';
import { fakeSummary } from '../../../support/fakeSummary.ts';

const builtin = '/ext/models/scenes';

function written(...runs: Parameters<typeof fakeSummary>[0][]) {
  const summaries = runs.map((run) => fakeSummary(run));
  const { spec, problems } = parseSpec(specOfRuns(summaries, '/w/specs', builtin), 'a.dmi.json');
  expect(problems).toEqual([]);
  if (spec === undefined) throw new Error('no spec');
  for (const { definition } of summaries) expect(asksFor(spec, definition)).toBe(true);
  return spec;
}

describe('a spec written from runs', () => {
  it('says no more than it has to', () => {
    expect(written({ model: builtin, saes: { mid: `${builtin}/saes/mid` } })).toEqual({
      dmi: 1, model: 'builtin:scenes', sample: { prompt: 'a house', seeds: [0] }, trace: { sites: ['mid'] },
    });
  });

  it('asks for every seed, and for all that differs from the defaults', () => {
    expect(written(
      { seed: 7, negativePrompt: 'fog', steps: 4, recorded: [1, 3], branch: 'both' }, { seed: 2, negativePrompt: 'fog', steps: 4, recorded: [1, 3], branch: 'both' },
    )).toMatchObject({ sample: { seeds: [2, 7], negativePrompt: 'fog', steps: 4 }, trace: { steps: [1, 3], branch: 'both' } });
  });

  it('names model and SAEs from where it lies', () => {
    expect(written({ model: '/w/models/one', saes: { mid: '/w/models/one/saes/mid' } })).toMatchObject({ model: '../models/one' });
    const { model, saes } = written({ model: '/w/specs', saes: { a: '/w/saes/x/a', b: '/w/saes/y/b', c: '/w/saes/x/c' } });
    expect([model, saes]).toEqual(['.', ['../saes/x', '../saes/y']]);
    expect(written({ model: '/w/models/one', saes: { mid: `${builtin}/saes/mid` } }).saes).toEqual(['builtin:scenes']);
  });

  it('leaves the trace out where no SAE was there', () => {
    expect(written({ model: builtin, saes: {} })).not.toHaveProperty('trace');
  });

  it('stays JSON whatever the prompt is', () => {
    expect(written({ prompt: '"}], // \n\u2028 \\' }).sample.prompt).toBe('"}], // \n\u2028 \\');
  });
});
