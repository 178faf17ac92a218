import { setTimeout } from 'node:timers/promises';
import { executeRuns } from '../../src/experiment/executeRuns.ts';
import { countingModels, sweepOf, sweepPlan } from './sweeps.ts';

/**
 * A process that works at a sweep: `node sweepChild.mjs FOLDER SEEDS PAUSE`, seeds separated by commas, milliseconds after each step. It prints a line for each step
 * (`step KEY STEP`), for each run that it finished itself (`finished KEY`), and at the end the U-Net calls it made (`calls N`).
 */
const [folder, seeds, pause] = process.argv.slice(2);
const models = countingModels();
const plan = await sweepPlan(folder, { seeds: seeds.split(',').map(Number), models });
const say = (...words: (string | number)[]): void => { process.stdout.write(`${words.join(' ')}\n`); };
say('ready');
await executeRuns(sweepOf(plan), plan, {
  models, signal: new AbortController().signal,
  onStep: async (step) => {
    say('step', step.plan.key, step.step);
    await setTimeout(Number(pause));
  },
  onRunFinished: ({ manifest, cached }) => { if (!cached) say('finished', manifest.key); },
});
say('calls', models.calls());
