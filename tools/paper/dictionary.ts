import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonFile } from '../../src/base/jsonFile.ts';
import type { LabelsFile } from '../../src/concepts/labels.ts';
import { labelsFile } from '../../src/concepts/labels.ts';
import { windowNames } from './samples.ts';
import { figure } from './table.ts';
import type { Table } from './table.ts';

/** The paper's, at t = 1.0, 0.5 and 0.0. */
const paperCohesion = { early: '0.588', middle: '0.639', late: '0.664' } as const;
const paperSeparability = { early: '0.433', middle: '0.363', late: '0.344' } as const;

/** How the dictionary changes over the process, as `dmi sae label` measured it. @param saes the folder of the model's SAEs */
export async function dictionaryTable(saes: string): Promise<Table> {
  const sites = (await readdir(saes, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort();
  const files = await Promise.all(sites.map(async (site) => await readJsonFile(join(saes, site, labelsFile)) as LabelsFile));
  const columns = windowNames.flatMap((window) => [`cohesion, ${window}`, `separability, ${window}`]);
  return {
    title: 'Does the dictionary sharpen?',
    caption: 'Cohesion: mean cosine of the labels of one concept; separability: of the mean labels of two concepts; both in the text embedding of the judge (the paper: Word2Vec), so only the direction over time compares. n: concepts.',
    columns: ['site', ...columns],
    rows: [
      ['paper', ...windowNames.flatMap((window) => [paperCohesion[window], paperSeparability[window]])],
      ...files.map(({ site, quality: { cohesion, separability } }) => [site, ...windowNames.flatMap((window) => [cohesion[window], separability[window]].map(({ value, n }) => (value === null ? undefined : `${figure(value)} n ${n}`)))]),
    ],
  };
}
