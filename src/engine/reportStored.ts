import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { ModelLibrary } from '../experiment/modelLibrary.ts';
import { planSpec } from '../experiment/planSpec.ts';
import { summariseRuns } from '../experiment/summariseRuns.ts';
import { reportFolder, writeReport } from '../report/writeReport.ts';
import { parseSpec } from '../spec/parseSpec.ts';
import type { ReportParams } from './protocol.ts';

/** Write the report of a spec whose runs have all been computed. @returns path of report.html @throws InputError when one has not, or on a full disk */
export async function reportStored({ file, text, language }: ReportParams, models: ModelLibrary): Promise<string> {
  const plan = await planSpec(parseSpec(text, file), models);
  const runs = plan.runs.flatMap(({ stored }) => (stored === undefined ? [] : [{ ...stored, cached: true }]));
  if (runs.length < plan.runs.length) {
    const missing = plan.runs.filter(({ stored }) => stored === undefined).map(({ plan: { definition } }) => definition.sample.seed);
    throw new InputError(phrase`seed ${missing.join(', ')} of this spec has not been computed`, { file, remedy: phrase`Run the spec first: a report shows all its seeds.` });
  }
  return writeReport(await summariseRuns(runs, plan), plan, reportFolder(plan.folder, file), language);
}
