import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { ensureFolder } from '../base/ensureFolder.ts';
import type { ExperimentOutcome, SweepOutcome } from './outcome.ts';
import { experimentFolder, sweepFolder } from './outcomeFolders.ts';
import { sweepMarkdown } from './sweepMarkdown.ts';
import { sweepTable, tableParquet, tableRows } from './sweepTable.ts';

/** An outcome and the folder it stands in. */
export interface StoredExperiment {
  readonly folder: string;
  readonly outcome: ExperimentOutcome;
}

/** A sweep's outcome and the folder it stands in. */
export interface StoredSweep {
  readonly folder: string;
  readonly outcome: SweepOutcome;
}

/** Write `experiment.json`, in place of an earlier one. @param dmi the folder `.dmi` beside the spec. @throws InputError on a full disk; the earlier one then still stands */
export async function storeExperiment(dmi: string, outcome: ExperimentOutcome): Promise<StoredExperiment> {
  const folder = experimentFolder(dmi, outcome.specFile, outcome.name);
  await ensureFolder(folder);
  await writeFileAtomic(join(folder, 'experiment.json'), `${JSON.stringify(outcome, undefined, 1)}\n`);
  return { folder, outcome };
}

/**
 * Write `sweep.json` and its tables `table.parquet`, `table.md` and `table.json`. The tables come first: where `sweep.json` is new, so are they.
 * @param dmi the folder `.dmi` beside the spec. @throws InputError on a full disk
 */
export async function storeSweep(dmi: string, outcome: SweepOutcome): Promise<StoredSweep> {
  const folder = sweepFolder(dmi, outcome.specFile, outcome.name);
  await ensureFolder(folder);
  const table = sweepTable(outcome);
  await writeFileAtomic(join(folder, 'table.parquet'), await tableParquet(table));
  await writeFileAtomic(join(folder, 'table.md'), sweepMarkdown(outcome));
  await writeFileAtomic(join(folder, 'table.json'), `${JSON.stringify(tableRows(table), undefined, 1)}\n`);
  await writeFileAtomic(join(folder, 'sweep.json'), `${JSON.stringify(outcome, undefined, 1)}\n`);
  return { folder, outcome };
}
