import { freshModels } from '../experiment/modelLibrary.ts';
import { planSpec } from '../experiment/planSpec.ts';
import { prefixTree } from '../experiment/prefixTree.ts';
import { requireSpec } from '../spec/parseSpec.ts';
import { readSpec } from '../spec/readSpec.ts';
import { allExperiments, askedRuns } from '../study/experimentPlan.ts';
import { inspectionCalls, rememberedInspections } from '../study/inspectionCalls.ts';
import { planExperiments } from '../study/planExperiments.ts';
import { RunMemory } from '../study/runMemory.ts';
import type { Command } from './command.ts';
import { drawTree } from './drawTree.ts';
import { createProgress } from './progress.ts';
import { deskOptions, providerOptions, readMachine } from './providerOptions.ts';
import { readArguments } from './readArguments.ts';

const options = {
  only: { type: 'string', repeats: true, value: 'NAME', summary: 'plan this experiment or sweep alone; all where left out' },
  json: { type: 'boolean', summary: 'print one JSON object and nothing else on stdout' },
  ...providerOptions,
} as const;

/** `dmi plan`: what running a spec would compute, and what its runs share; no network is loaded, unless `--provider auto` has yet to measure. */
export const command: Command = {
  name: 'plan',
  usage: '<spec>',
  summary: 'show the runs of a spec as a tree of what they share, and what they cost',
  options,
  async run(args, terminal) {
    const { values, positionals: [path] } = readArguments(args, options);
    const { json = false, only } = values;
    const parsed = await readSpec(path);
    requireSpec(parsed);
    const progress = createProgress(terminal);
    const spec = await planSpec(parsed, freshModels(readMachine(values), deskOptions(values, terminal, progress))).finally(() => { progress.end(); });
    const study = await planExperiments(spec, only);
    const asked = [...spec.runs.map(({ plan }) => ({ plan, role: 'baseline' })), ...askedRuns(study)];
    const stored = new Set<string>();
    for (const key of new Set(asked.map(({ plan }) => plan.key))) {
      if (await spec.store.find(key) !== undefined) stored.add(key);
    }
    const tree = prefixTree(asked, stored);
    const plans = allExperiments(study);
    const inspection = inspectionCalls(plans);
    const { calls: inspectionLeft } = inspectionCalls(plans, await rememberedInspections(plans, new RunMemory(spec.folder)));
    const [left, naiveUnetCalls] = [tree.unetCalls + inspectionLeft, tree.naiveUnetCalls + inspection.naiveCalls];
    if (json) {
      terminal.out(`${JSON.stringify({ unetCalls: left, naiveUnetCalls, inspectionCalls: inspectionLeft })}\n`);
      return 0;
    }
    terminal.out(`${drawTree(tree, stored)}${inspectionLine(inspectionLeft)}${summary(left, prefixTree(asked).unetCalls + inspection.calls, naiveUnetCalls)}\n`);
    return 0;
  },
};

/** What is asked about finished runs belongs to no branch of the tree. */
function inspectionLine(calls: number): string {
  return calls === 0 ? '' : `beside the runs: ${calls} calls for identity checks and "ood"\n`;
}

function summary(left: number, whole: number, naive: number): string {
  const share = naive === 0 ? '' : `, ${Math.round(100 * whole / naive)} % of the ${naive} of a loop that makes each from its first step`;
  return `${left} U-Net calls to make${left === whole ? '' : ` (what is stored costs none; all of it: ${whole})`}${share}`;
}
