import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { fileError, readFileBytes, readRange, withFile } from '../base/fileBytes.ts';
import { sha256Text } from '../base/sha256.ts';
import type { ExperimentResult } from '../experiment/experimentResult.ts';
import { previewName } from '../experiment/previewName.ts';
import { canonicalJson } from '../spec/canonicalJson.ts';
import type { SpecPlan } from '../experiment/planSpec.ts';
import { readStudies } from '../study/readStudies.ts';
import { mostPictures } from './reportPage.ts';
import type { RunPictures } from './reportPage.ts';
import { reportStart, runReport } from './runReport.ts';
import { conceptNames } from './studies/conceptNames.ts';
import { readStudyPictures, shownRuns } from './studies/studyPictures.ts';
import type { Language } from './texts.ts';

/** Where the report of a spec stands. @param dmi the folder `.dmi` beside the spec */
export function reportFolder(dmi: string, specFile: string): string {
  return join(dmi, 'reports', basename(specFile).replace(/(\.dmi)?\.jsonc?$/, ''));
}

/**
 * Write the report of a result to `report.html` in `folder`, with what is stored of the spec's experiments and sweeps, unless this very report stands there already.
 * @returns its path. @throws InputError on a full disk
 */
export async function writeReport(result: ExperimentResult, plan: SpecPlan, folder: string, language: Language): Promise<string> {
  const path = join(folder, 'report.html');
  const runsFolder = join(plan.folder, 'runs');
  const stored = await readStudies(plan);
  const shown = await shownRuns(stored, runsFolder);
  const labels = [...plan.saes].map(([site, { labels: table }]) => [site, table === undefined ? '' : `${table.file.judgeHash} ${table.file.saeHash} ${table.file.modelHash}`]);
  const key = reportKey(result, language, { ...stored, shown, labels });
  if (!await startsWith(path, reportStart(language, key))) {
    const pictures = await Promise.all(result.runs.slice(0, mostPictures).map((run) => picturesOf(run.folder, result.steps)));
    const studies = { ...stored, pictures: await readStudyPictures(shown, runsFolder), names: conceptNames(plan.saes) };
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      throw fileError(error, folder);
    }
    await writeFileAtomic(path, runReport(result, pictures, { language, key, studies }));
  }
  return path;
}

/** Hash of all that decides what a report says. @param studies likewise of its experiments and sweeps */
function reportKey({ specFile, modelName, runs, sites }: ExperimentResult, language: Language, studies: unknown): string {
  const shown = sites.map(({ site, branch, concepts }) => ({ site, branch, concepts: concepts.map(({ id, label, asked, contextFree }) => ({ id, label, asked, contextFree })) }));
  return sha256Text(canonicalJson({ specFile, modelName, runs: runs.map(({ manifest }) => manifest.key), shown, language, studies: JSON.stringify(studies) }));
}

async function picturesOf(folder: string, steps: readonly number[]): Promise<RunPictures> {
  return {
    image: await readFileBytes(join(folder, 'image.png')),
    previews: await Promise.all(steps.map((step) => readFileBytes(join(folder, previewName(step))))),
  };
}

async function startsWith(path: string, text: string): Promise<boolean> {
  const expected = new TextEncoder().encode(text);
  const found = await withFile(path, (file) => readRange(file, 0, expected.length, path)).catch(() => undefined);
  return found !== undefined && Buffer.compare(found, expected) === 0;
}
