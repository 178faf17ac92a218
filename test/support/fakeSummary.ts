import { join } from 'node:path';
import { sha256Text } from '../../src/base/sha256.ts';
import { engineVersion } from '../../src/experiment/engineVersion.ts';
import { planRuns } from '../../src/experiment/plan.ts';
import { questionOf, type RunSummary } from '../../src/experiment/readRunFolder.ts';
import { sampleDefaults } from '../../src/spec/schema.ts';

/** A finished run as the catalogue lists it; no file stands behind it. */
export function fakeSummary({
  prompt = 'a house', seed = 0, finishedAt = new Date(0), specFolder = '/w', model = '/w/models/scenes', saes = { 'mid_block.attentions.0': '/w/models/scenes/saes/mid' },
  negativePrompt = '', steps = 30, branch = 'cond', recorded = Array.from({ length: steps }, (_, step) => step),
}: {
  prompt?: string; seed?: number; finishedAt?: Date; specFolder?: string; model?: string; saes?: Record<string, string>;
  negativePrompt?: string; steps?: number; branch?: 'cond' | 'uncond' | 'both'; recorded?: number[];
} = {}): RunSummary {
  const sites = Object.keys(saes);
  const [{ key, definition }] = planRuns({
    sample: { ...sampleDefaults, scheduler: 'ddim', prompt, negativePrompt, seeds: [seed], steps }, calls: steps, trace: { sites, branch, steps: recorded, top: 1, always: {} },
  }, sha256Text(model), new Map(sites.map((site) => [site, sha256Text(saes[site])])), 'cpu');
  return {
    kind: 'finished', question: questionOf(definition), folder: join(specFolder, '.dmi/runs', key.slice(0, 32)), key, definition: { ...definition, engine: engineVersion }, sources: { model, saes },
    timings: { unetMs: 2000, sessionMs: 3000, totalMs: 4100 }, finishedAt, bytes: 2_834_000,
  };
}
