import { computedText } from '../experiment/provider/computedText.ts';
import type { WriteFile } from '../experiment/fileBatch.ts';
import { freshModels } from '../experiment/modelLibrary.ts';
import { summariseRuns } from '../experiment/summariseRuns.ts';
import { outcomeText, sweepText } from '../report/outcomeText.ts';
import { resultJson } from '../report/resultJson.ts';
import type { ResultJson } from '../report/resultJson.ts';
import { timelineTable } from '../report/timelineTable.ts';
import { reportFolder, writeReport } from '../report/writeReport.ts';
import { requireSpec } from '../spec/parseSpec.ts';
import { readSpec } from '../spec/readSpec.ts';
import type { Spec } from '../spec/schema.ts';
import type { StudyRun } from '../study/runExperiments.ts';
import { runExperiments } from '../study/runExperiments.ts';
import type { Command } from './command.ts';
import { createProgress } from './progress.ts';
import { deskOptions, providerOptions, readMachine } from './providerOptions.ts';
import { readArguments, UsageError } from './readArguments.ts';
import { studyProgress } from './studyProgress.ts';

const options = {
  json: { type: 'boolean', summary: 'print one JSON object and nothing else on stdout' },
  lang: { type: 'string', value: 'en|ja', summary: 'language the report opens in; en where left out' },
  ...providerOptions,
  only: { type: 'string', repeats: true, value: 'NAME', summary: 'run this experiment or sweep alone; all where left out' },
} as const;

/** Parts of the format that are read and checked, but not carried out by this version. */
const later = ['searches', 'studies'] as const;

/** `dmi run`. @param write puts the files of runs on the disk; tests hand in disks that are full */
export function runCommand(write?: WriteFile): Command {
  return {
    name: 'run',
    usage: '<spec>',
    summary: 'generate what a spec asks for, trace its concepts, and carry out its experiments and sweeps',
    options,
    async run(args, terminal) {
      const started = performance.now();
      const { values, positionals: [path] } = readArguments(args, options);
      const { json = false, lang = 'en', only } = values;
      if (lang !== 'en' && lang !== 'ja') throw new UsageError(`--lang takes en or ja, not "${lang}"`);
      const parsed = await readSpec(path);
      const spec = requireSpec(parsed);
      for (const { line, column, message, remedy } of parsed.problems) terminal.err(`${path}:${line}:${column}: warning: ${message}\n  ${remedy}\n`);
      const waiting = later.filter((part) => Object.keys(spec[part] ?? {}).length > 0);
      if (waiting.length > 0) terminal.err(`not yet: ${waiting.map((part) => namesOf(spec, part)).join('; ')} (read and checked, not run by this version)\n`);

      const progress = createProgress(terminal);
      const study = await runExperiments(parsed, {
        models: freshModels(readMachine(values), deskOptions(values, terminal, progress)), signal: terminal.signal, ...studyProgress(progress, terminal),
        ...(only !== undefined && { only }), ...(write !== undefined && { write }),
      }).finally(() => { progress.end(); });
      const result = await summariseRuns(study.runs, study.spec);
      if (result.sites.length === 0) terminal.err('no SAE lies beside the model: pictures only; train some with dmi sae train\n');
      const report = await writeReport(result, study.spec, reportFolder(study.spec.folder, path), lang);
      const answer = resultJson(result, study, report, { ...timingsOf(study), totalMs: performance.now() - started });
      terminal.out(json ? `${JSON.stringify(answer)}\n` : `${timelineTable(result, terminal.columns ?? 80)}${outcomesText(study)}${runList(answer)}`);
      return 0;
    },
  };
}

export const command = runCommand();

/** Of this call: runs found in the store cost nothing. */
function timingsOf({ all }: StudyRun): Omit<ResultJson['timings'], 'totalMs'> {
  const sum = (part: 'unetMs' | 'sessionMs' | 'totalMs'): number => all.reduce((total, { cached, manifest }) => total + (cached ? 0 : manifest.timings[part]), 0);
  return { unetMs: sum('unetMs'), sessionMs: sum('sessionMs'), runMs: sum('totalMs') };
}

/** Experiments and sweeps, and where they stand. */
function outcomesText({ experiments, sweeps }: StudyRun): string {
  return [
    ...experiments.map(({ outcome, folder }) => `${outcomeText(outcome)}  ${folder}\n\n`),
    ...sweeps.map(({ outcome, folder }) => `${sweepText(outcome)}  ${folder}\n\n`),
  ].join('');
}

/** `searches "a", "b"`. */
function namesOf(spec: Spec, part: (typeof later)[number]): string {
  return `${part} ${Object.keys(spec[part] ?? {}).map((name) => `"${name}"`).join(', ')}`;
}

/** A text from a file of runs; nothing in it may move a terminal's cursor. */
function oneLine(text: string): string {
  return text.replace(/\p{C}/gu, '\ufffd');
}

/** Where the results lie, what computed them, and what they took. */
function runList({ runs, report, timings }: ResultJson): string {
  const lines = runs.map(({ seed, image, cached }) => `seed ${seed}  ${image}${cached ? '  (computed before)' : ''}`);
  const computed = new Set(runs.flatMap((run) => (run.computed === null ? [] : [oneLine(computedText(run.computed))])));
  return `${[...lines, ...[...computed].map((text) => `computed by ${text}`), `report  ${report}`, `took ${(timings.totalMs / 1000).toFixed(1)} s, ${(timings.sessionMs / 1000).toFixed(1)} s of it inside the networks`].join('\n')}\n`;
}
