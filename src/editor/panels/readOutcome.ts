import { checkShape } from '../../base/checkShape.ts';
import { InputError } from '../../base/errors.ts';
import { readJsonFile } from '../../base/jsonFile.ts';
import { shownAxes } from '../../report/studies/sweepAxes.ts';
import { ExperimentOutcome, SweepOutcome } from '../../study/outcome.ts';
import { inLanguage } from '../../study/inLanguage.ts';
import { fitsAxes, fitsSeeds } from '../../study/outcomeFits.ts';
import type { Translate } from '../translate.ts';
import { outcomeFile, type OutcomeSource } from './outcomeSource.ts';

/** Outcomes beyond this were not written by us: a sweep of a thousand cells has some 10 MB. */
const maxBytes = 64 * 2 ** 20;

/**
 * The stored outcome of an experiment in the language of `t`, or of a sweep's cell, which is then named by its values, e.g. `house-to-the-right · during early, add 4`.
 * @throws InputError when it is missing, damaged, or not what it claims to be
 */
export async function readExperiment(source: OutcomeSource, t: Translate): Promise<ExperimentOutcome> {
  if (source.cell !== undefined) {
    const { axes, cells } = await readSweep(source, t);
    const cell = cells.at(source.cell);
    if (cell === undefined) throw new InputError(t('this sweep has no variant {0} any more', source.cell + 1), { file: outcomeFile(source), remedy: t('Open the variant anew from the sweep.') });
    const shown = shownAxes(axes);
    return { ...inLanguage(cell.outcome, t), name: `${cell.outcome.name} · ${cell.at.map((value, axis) => `${shown[axis].name} ${shown[axis].values[value]}`).join(', ')}` };
  }
  const file = outcomeFile(source);
  return inLanguage(consistent(checkShape(ExperimentOutcome, await readJsonFile(file, { maxBytes }), file, t('Run the experiment again.')), file, t), t);
}

/** The stored outcome of a sweep. @throws InputError as `readExperiment` */
export async function readSweep(source: OutcomeSource, t: Translate): Promise<SweepOutcome> {
  const file = outcomeFile(source);
  const sweep = checkShape(SweepOutcome, await readJsonFile(file, { maxBytes }), file, t('Run the sweep again.'));
  if (!fitsAxes(sweep)) throw new InputError(t('the variants do not fit the axes'), { file, remedy: t('Run the sweep again.') });
  for (const { outcome } of sweep.cells) consistent(outcome, file, t);
  return sweep;
}

function consistent(outcome: ExperimentOutcome, file: string, t: Translate): ExperimentOutcome {
  if (!fitsSeeds(outcome)) throw new InputError(t('runs and values do not fit the seeds'), { file, remedy: t('Run the experiment again.') });
  return outcome;
}
