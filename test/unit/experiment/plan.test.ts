import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { engineVersion } from '../../../src/experiment/engineVersion.ts';
import { planRuns } from '../../../src/experiment/plan.ts';
import type { ResolvedSpec } from '../../../src/spec/resolveSpec.ts';

const spec: ResolvedSpec = {
  sample: { prompt: 'a house', negativePrompt: '', seeds: [0, 7], scheduler: 'ddim', steps: 30, guidanceScale: 5 },
  trace: { sites: ['mid'], branch: 'cond', steps: [0, 1], top: 24, always: {} },
  experiments: {},
  calls: 30,
};
const saes = new Map([['mid', 'sae'], ['up', 'other']]);
const keys = (of: ResolvedSpec, model = 'model', hashes = saes, provider = 'cpu'): string[] => planRuns(of, model, hashes, provider).map(({ key }) => key);

describe('a plan', () => {
  it('has a run per seed, each defined by all that decides its result', () => {
    const [first, second] = planRuns(spec, 'model', saes, 'cpu');
    expect(first.definition).toEqual({
      engine: engineVersion, model: 'model', saes: { mid: 'sae' }, trace: { branch: 'cond', steps: [0, 1] },
      sample: { prompt: 'a house', negativePrompt: '', seed: 0, scheduler: 'ddim', steps: 30, guidanceScale: 5 },
    });
    expect(second.definition.sample.seed).toBe(7);
  });

  it('gives the same key whatever is shown, whoever else is asked, and in whatever order keys stand', () => {
    const { prompt, ...rest } = spec.sample;
    expect(keys({ ...spec, sample: { ...rest, prompt, seeds: [7] }, trace: { ...spec.trace, top: 3, always: { mid: [1] } } })).toEqual([keys(spec)[1]]);
    expect(keys(spec, 'model', new Map([...saes, ['up', 'changed']]))).toEqual(keys(spec));
  });

  it('gives another key when anything changes that decides the result', () => {
    const all = [
      keys(spec), keys(spec, 'other model'), keys(spec, 'model', new Map([['mid', 'retrained']])),
      keys(spec, 'model', saes, 'cuda'), keys(spec, 'model', saes, 'webgpu'),
      ...[{ prompt: 'A house' }, { negativePrompt: 'x' }, { steps: 29 }, { guidanceScale: 5.5 }].map((change) => keys({ ...spec, sample: { ...spec.sample, ...change } })),
      keys({ ...spec, trace: { ...spec.trace, branch: 'both' } }), keys({ ...spec, trace: { ...spec.trace, steps: [0] } }), keys({ ...spec, trace: { ...spec.trace, sites: ['up'] } }),
    ].flat();
    expect(new Set(all).size).toBe(all.length);
  });

  it('says what computes it where that is not the CPU', () => {
    expect(planRuns(spec, 'model', saes, 'cpu').map(({ definition }) => Object.hasOwn(definition, 'provider'))).toEqual([false, false]);
    expect(planRuns(spec, 'model', saes, 'cuda').map(({ definition }) => definition.provider)).toEqual(['cuda', 'cuda']);
  });

  it('names the version of the package', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(engineVersion).toBe(version);
  });
});
