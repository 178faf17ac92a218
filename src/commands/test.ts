import { dirname } from 'node:path';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { ensureFolder } from '../base/ensureFolder.ts';
import { InputError } from '../base/errors.ts';
import { freshModels } from '../experiment/modelLibrary.ts';
import { junitXml } from '../report/junit.ts';
import { outcomeText } from '../report/outcomeText.ts';
import { requireSpec } from '../spec/parseSpec.ts';
import { readSpec } from '../spec/readSpec.ts';
import { runExperiments } from '../study/runExperiments.ts';
import type { Command } from './command.ts';
import { createProgress } from './progress.ts';
import { deskOptions, providerOptions, readMachine } from './providerOptions.ts';
import { readArguments } from './readArguments.ts';
import { studyProgress } from './studyProgress.ts';

const options = {
  only: { type: 'string', repeats: true, value: 'NAME', summary: 'test this experiment alone' },
  ...providerOptions,
  junit: { type: 'string', value: 'FILE', summary: 'also write the results as JUnit XML' },
  json: { type: 'boolean', summary: 'print one JSON object and nothing else on stdout' },
} as const;

/** `dmi test`: experiments that say what to expect, held against it. */
export const command: Command = {
  name: 'test',
  usage: '<spec>',
  summary: 'run the experiments that have "expect", and fail where an expectation does not hold',
  options,
  async run(args, terminal) {
    const { values, positionals: [path] } = readArguments(args, options);
    const { only, junit, json = false } = values;
    const parsed = await readSpec(path);
    const experiments = requireSpec(parsed).experiments ?? {};
    const names = Object.keys(experiments).filter((name) => Object.keys(experiments[name].expect ?? {}).length > 0);
    const chosen = only ?? names;
    const without = chosen.find((name) => !names.includes(name));
    if (chosen.length === 0 || without !== undefined) {
      throw new InputError(without === undefined ? 'no experiment says what to expect' : `no experiment "${without}" says what to expect`, {
        file: path, place: parsed.placeOf(['experiments']), remedy: names.length === 0 ? 'Add "expect" to an experiment, e.g. { "presence:house": { "min": 0.5 } }.' : `These do: ${names.join(', ')}.`,
      });
    }
    const progress = createProgress(terminal);
    const models = freshModels(readMachine(values), deskOptions(values, terminal, progress));
    const study = await runExperiments(parsed, { models, signal: terminal.signal, only: chosen, ...studyProgress(progress, terminal) }).finally(() => { progress.end(); });
    const outcomes = study.experiments.map(({ outcome }) => outcome);
    const held = outcomes.flatMap(({ expectations }) => expectations);
    const holding = held.filter(({ passed }) => passed).length;
    const broken = outcomes.filter(({ identityHolds }) => identityHolds === false).length;
    const failed = held.length - holding + broken;
    if (junit !== undefined) {
      await ensureFolder(dirname(junit));
      await writeFileAtomic(junit, junitXml(path, outcomes));
    }
    if (json) {
      terminal.out(`${JSON.stringify({
        passed: failed === 0,
        experiments: study.experiments.map(({ folder, outcome: { name, expectations, identityHolds } }) => ({ name, dir: folder, identityHolds, expectations })),
      })}\n`);
    } else {
      terminal.out(`${study.experiments.map(({ outcome, folder }) => `${outcomeText(outcome)}  ${folder}\n\n`).join('')}${holding} of ${held.length} expectations hold${broken === 0 ? '' : `; in ${broken} of ${outcomes.length} experiments the splice alone changes the prediction`}\n`);
    }
    return failed === 0 ? 0 : 1;
  },
};
