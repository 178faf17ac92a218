import { dirname, join, relative, sep } from 'node:path';
import type { RunSummary } from '../../experiment/readRunFolder.ts';
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
    sample: { prompt: sample.prompt, ...withoutDefaults(request), seeds: [...new Set([seed, ...runs.map((run) => run.definition.sample.seed)])].sort((a, b) => a - b) },
    ...(sites.length > 0 && {
      trace: {
        sites,
        ...(trace.branch !== 'cond' && { branch: trace.branch }),
        ...(trace.steps.length !== sample.steps && { steps: trace.steps }),
      },
    }),
  };
  return `{\n${Object.entries(spec).map(([key, value]) => `  ${JSON.stringify(key)}: ${onOneLine(value)}`).join(',\n')}\n}\n`;
}

/** JSON with a space where the eye wants one; strings hold no line end of their own. */
function onOneLine(value: unknown): string {
  return JSON.stringify(value, undefined, 1).split('\n').map((line) => line.trim()).join(' ');
}

function withoutDefaults(request: Omit<RunSummary['definition']['sample'], 'seed'>): Partial<Spec['sample']> {
  const defaults: Readonly<Record<string, unknown>> = sampleDefaults;
  return Object.fromEntries(Object.entries(request).filter(([key, value]) => defaults[key] !== value));
}

/** A folder as a spec names it. */
function nameOf(folder: string, builtinFolder: string, specFolder: string): string {
  return folder === builtinFolder ? builtin : relative(specFolder, folder).split(sep).join('/') || '.';
}
