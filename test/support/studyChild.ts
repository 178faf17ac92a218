import { setTimeout } from 'node:timers/promises';
import { runExperiments } from '../../src/study/runExperiments.ts';
import { countingModels } from './sweeps.ts';
import { twoExperiments } from './twoExperiments.ts';

/** A process that carries out two experiments: `node studyChild.mjs FOLDER`. It prints `stored NAME` for each outcome that it wrote, and `step` for each step. */
const [folder] = process.argv.slice(2);
const say = (line: string): void => { process.stdout.write(`${line}\n`); };
await runExperiments(twoExperiments(folder), {
  models: countingModels(), signal: new AbortController().signal,
  onExperiment: ({ outcome }) => { say(`stored ${outcome.name}`); },
  onStep: async () => {
    say('step');
    await setTimeout(20);
  },
});
