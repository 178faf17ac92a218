import { lensesOf } from '../../src/editor/lenses/lensesOf.ts';
import { outlineOf } from '../../src/editor/lenses/outlineOf.ts';
import type { Capability } from '../../src/engine/capabilities.ts';
import { parseSpec } from '../../src/spec/parseSpec.ts';
import { inEnglish } from '../support/translate.ts';

const everything: readonly Capability[] = ['trace', 'experiments', 'sweeps', 'searches', 'studies'];

/** A spec of 1000 experiments: its lenses out of its text, as after a key press, with every kind of work offered. Median of 15 in ms. */
export function bench(): Promise<Record<string, number>> {
  const times = Array.from({ length: 15 }, (_, round) => {
    const text = specOf(1000, round);
    const start = performance.now();
    const { tree, lines } = parseSpec(text, 'bench.dmi.json');
    if (tree === undefined) throw new Error('the spec of the bench cannot be read');
    const lenses = lensesOf(outlineOf(tree, lines), { capabilities: everything, trusted: true, trace: undefined, stateOf: () => undefined, last: undefined, resultOf: () => undefined }, inEnglish);
    const time = performance.now() - start;
    if (lenses.length !== 2004) throw new Error(`${lenses.length} lenses`);
    return time;
  });
  return Promise.resolve({ lenses_1000_ms: times.sort((a, b) => a - b)[7] ?? NaN });
}

/** As people write it: a key a line, an edit a line. */
function specOf(experiments: number, round: number): string {
  const written = Array.from({ length: experiments }, (_, index) => `
    "experiment-${index}": {
      "why": "does the mid block decide where things stand?",
      "edits": [
        { "site": "mid_block.attentions.0", "concept": "house", "add": ${6 + round}, "unit": "mean", "where": "right", "during": "early" }
      ],
      "controls": ["identity", "random-concept"],
      "measure": ["presence:house", "outside.ssim"],
      "expect": { "presence:house": { "min": 0.5 } }
    }`);
  return `{ "dmi": 1, "model": "builtin:scenes", "sample": { "prompt": "a red house" },\n  "experiments": {${written.join(',')}\n  }\n}\n`;
}
