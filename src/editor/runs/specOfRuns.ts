import { dirname, join, relative, sep } from 'node:path';
import type { RunSummary } from '../../experiment/readRunFolder.ts';
import { callsOf } from '../../spec/schedulerNames.ts';
import { sampleDefaults } from '../../spec/schema.ts';
import type { Spec } from '../../spec/schema.ts';

const builtin = 'builtin:scenes';

/**
 * A spec that asks again for stored runs.
 * @param runs of one question; at least one. @param specFolder where the spec is to lie. @param builtinModel folder of the built-in model
 */
export function specOfRuns(runs: readonly RunSummary[], specFolder: string, builtinModel: string): string {
  const [{ definition: { sample, trace, saes }, sources }] = runs;
  const sites = Object.keys(saes);
  const homes = [...new Set(Object.values(sources.saes).map(dirname))];
  const { seed, ...request } = sample;
  const spec: Spec = {
    dmi: 1,
    model: nameOf(sources.model, builtinModel, specFolder),
    ...(homes.some((home) => home !== join(sources.model, 'saes')) && { saes: homes.map((home) => nameOf(home, join(builtinModel, 'saes'), specFolder)) }),
    sample: { prompt: sample.prompt, ...withoutDefaults(request, sources.model === builtinModel), seeds: [...new Set([seed, ...runs.map((run) => run.definition.sample.seed)])].sort((a, b) => a - b) },
    ...(sites.length > 0 && {
      trace: {
        sites,
        ...(trace.branch !== 'cond' && { branch: trace.branch }),
        ...(!isWhole(trace.steps, sample) && { steps: trace.steps }),
      },
    }),
  };
  return `{\n${Object.entries(spec).map(([key, value]) => `  ${JSON.stringify(key)}: ${onOneLine(value)}`).join(',\n')}\n}\n`;
}

/** JSON with a space where the eye wants one; strings hold no line end of their own. */
function onOneLine(value: unknown): string {
  return JSON.stringify(value, undefined, 1).split('\n').map((line) => line.trim()).join(' ');
}

/** Whether steps are all of a run: from the first on, and as many as its scheduler makes at least. */
function isWhole(steps: readonly number[], { scheduler, steps: asked }: RunSummary['definition']['sample']): boolean {
  return steps.length >= callsOf(scheduler, asked)[0] && steps.every((step, index) => step === index);
}

/** @param builtin whether it is the built-in model, which comes with DDIM */
function withoutDefaults(request: Omit<RunSummary['definition']['sample'], 'seed'>, builtin: boolean): Partial<Spec['sample']> {
  const defaults: Readonly<Record<string, unknown>> = { ...sampleDefaults, ...(builtin && { scheduler: 'ddim' }) };
  return Object.fromEntries(Object.entries(request).filter(([key, value]) => defaults[key] !== value));
}

/** A folder as a spec names it. */
function nameOf(folder: string, builtinFolder: string, specFolder: string): string {
  return folder === builtinFolder ? builtin : relative(specFolder, folder).split(sep).join('/') || '.';
}
