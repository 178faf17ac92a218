import { join } from 'node:path';
import { parseSpec, type ParsedSpec } from '../../src/spec/parseSpec.ts';

/** A spec in a folder: two experiments of six steps without controls, the second with another edit. */
export function twoExperiments(folder: string): ParsedSpec {
  const site = 'mid_block.attentions.0';
  const experiment = (concept: number) => ({ edits: [{ site, concept, add: 2, during: { steps: [1, 5] } }], controls: [], measure: ['mse'] });
  return parseSpec(JSON.stringify({
    dmi: 1, model: 'builtin:scenes', sample: { prompt: 'a red house, meadow', seeds: [0], steps: 6 }, trace: { sites: [site] }, experiments: { first: experiment(3), second: experiment(4) },
  }), join(folder, 'a.dmi.json'));
}
