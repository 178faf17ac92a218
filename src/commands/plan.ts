import { freshModels } from '../experiment/modelLibrary.ts';
import { planSpec } from '../experiment/planSpec.ts';
import { prefixTree } from '../experiment/prefixTree.ts';
import { requireSpec } from '../spec/parseSpec.ts';
import { readSpec } from '../spec/readSpec.ts';
import { askedRuns } from '../study/experimentPlan.ts';
import { planExperiments } from '../study/planExperiments.ts';
import type { Command } from './command.ts';
import { drawTree } from './drawTree.ts';
import { readArguments } from './readArguments.ts';

const options = {
  json: { type: 'boolean', summary: 'print one JSON object and nothing else on stdout' },
} as const;

/** `dmi plan`: what running a spec would compute, and what its runs share; no network is loaded. */
export const command: Command = {
  name: 'plan',
  usage: '<spec>',
  summary: 'show the runs of a spec as a tree of what they share, and what they cost',
  options,
  async run(args, terminal) {
    const { values: { json = false }, positionals: [path] } = readArguments(args, options);
    const parsed = await readSpec(path);
    requireSpec(parsed);
    const spec = await planSpec(parsed, freshModels());
    const asked = [...spec.runs.map(({ plan }) => ({ plan, role: 'baseline' })), ...askedRuns(await planExperiments(spec))];
    const stored = new Set<string>();
    for (const key of new Set(asked.map(({ plan }) => plan.key))) {
      if (await spec.store.find(key) !== undefined) stored.add(key);
    }
    const tree = prefixTree(asked, stored);
    const { unetCalls, naiveUnetCalls } = tree;
    if (json) {
      terminal.out(`${JSON.stringify({ unetCalls, naiveUnetCalls })}\n`);
      return 0;
    }
    terminal.out(`${drawTree(tree, stored)}${summary(unetCalls, prefixTree(asked).unetCalls, naiveUnetCalls)}\n`);
    return 0;
  },
};

function summary(left: number, whole: number, naive: number): string {
  const share = naive === 0 ? '' : `, ${Math.round(100 * whole / naive)} % of the ${naive} of a loop that makes each from its first step`;
  return `${left} U-Net calls to make${left === whole ? '' : ` (what is stored costs none; all of it: ${whole})`}${share}`;
}
