import { basename, relative } from 'node:path';
import { dictionaryTable } from './dictionary.ts';
import { placingGrids, stylingGrids } from './grids.ts';
import { doseTables, doseVerdicts, placingTables, placingVerdicts, strengthTable, tooStrongTable } from './placing.ts';
import type { PaperReport } from './report.ts';
import type { SpecOutcomes } from './runSpecs.ts';
import { samplesOf } from './samples.ts';
import type { Sample } from './samples.ts';
import { styleWinners, stylingTables, stylingVerdicts } from './styling.ts';
import type { Verdict } from './verdict.ts';

/** Where things lie. */
interface Places {
  readonly root: string;
  /** Folder of the model's SAEs. */
  readonly saes: string;
}

/** From the outcomes of all specs to the report; every sentence that holds a number is made of the numbers. */
export async function buildReport(specs: ReadonlyMap<string, SpecOutcomes>, { root, saes }: Places): Promise<PaperReport> {
  const all = [...specs.values()];
  const outcomes = { experiments: all.flatMap(({ experiments }) => experiments), cells: all.flatMap(({ sweeps }) => sweeps.flatMap(({ cells }) => cells.map(({ outcome }) => outcome))) };
  const taken = (from: typeof outcomes.cells, question: 'place' | 'style'): Sample[] => from.flatMap((outcome) => {
    const found = samplesOf(outcome);
    return found?.question === question ? found.samples : [];
  });
  const controlled = outcomes.experiments.filter(({ measures }) => Object.values(measures).some(({ controls }) => 'random-concept' in controls));
  const isStrong = ({ specFile }: { specFile: string }): boolean => basename(specFile).startsWith('too-strong');
  const isTrial = ({ specFile }: { specFile: string }): boolean => basename(specFile).startsWith('strength-');
  const placing = taken(controlled.filter((outcome) => !isStrong(outcome)), 'place');
  const strong = taken(controlled.filter(isStrong), 'place');
  const trials = taken(outcomes.cells.filter(isTrial), 'place');
  const doses = taken(outcomes.cells.filter((outcome) => !isTrial(outcome)), 'place');
  const styling = taken(outcomes.cells, 'style');
  const verdicts = { placing: [...placingVerdicts(placing), ...(doses.length === 0 ? [] : doseVerdicts(doses))], styling: stylingVerdicts(styling) };
  const identities = [...outcomes.experiments, ...outcomes.cells].flatMap(({ identityHolds }) => (identityHolds === null ? [] : [identityHolds]));
  const calls = all.flatMap(({ experiments, sweeps }) => [...experiments, ...sweeps].map(({ cost }) => cost));

  return {
    title: 'The paper\'s interventions, on Scenes',
    intro: [
      '“Emergence and Evolution of Interpretable Concepts in Diffusion Models” (Tinaz, Fabian and Soltanolkotabi, NeurIPS 2025) edits concepts of Stable Diffusion v1.4 and finds that what an edit can do depends on when: early edits change composition, middle ones style, late ones only texture. The same questions are put here to the built-in model, 1/150 of that size, with the controls and intervals that the paper does not have. Sizes do not compare; orders do.',
      summary([...verdicts.placing, ...verdicts.styling]),
    ],
    sections: [
      {
        title: 'Where: things placed by editing the concepts of a noun',
        text: [
          `Inside the asked quadrant every concept that bears the noun's label is added at its mean activation times ${list(placing.map(({ amount }) => amount))} (by noun, below), outside it is removed, at both transformer blocks of up_blocks.0; the mid block, which the paper edits, has no concepts of houses, stars, tents and trees here. The strength is the same in every window (the paper tuned one per window): the smallest that placed the noun early in three pictures of four on seeds 100 and 101, which have no part in what follows, or else the greatest that was tried (table of strengths tried). ${placing.length} edited pictures: ${list(placing.map(({ word }) => word))}, seeds ${list(placing.map(({ seed }) => seed))}.`,
          ...disagreements(verdicts.placing),
        ],
        verdicts: verdicts.placing,
        grids: await placingGrids(placing),
        tables: [...placingTables(placing), ...(trials.length === 0 ? [] : [strengthTable(trials)]), ...(doses.length === 0 ? [] : doseTables(doses)), ...(strong.length === 0 ? [] : [tooStrongTable(strong)])],
      },
      {
        title: 'How it looks: style concepts added everywhere',
        text: [
          `Concepts of ${list(styling.map(({ word }) => `“${word}”`))} are added in every cell at the first and at the last blocks of the U-Net, at equal strengths in every window; the prompts leave the style open. ${styling.length} edited pictures, seeds ${list(styling.map(({ seed }) => seed))}.`,
          ...styleWinners(styling), ...disagreements(verdicts.styling),
        ],
        verdicts: verdicts.styling,
        grids: await stylingGrids(styling),
        tables: stylingTables(styling),
      },
      { title: 'What the concepts are called, early and late', text: [], verdicts: [], grids: [], tables: [await dictionaryTable(saes)] },
      {
        title: 'How to read the numbers',
        text: [
          'value [low, high] n: mean, 95 % percentile bootstrap, pictures. Pictures of one prompt and seed start from the same noise, so whole prompts x seeds are resampled; differences are paired by them. A claim about an order is decided only where the interval of the difference leaves out zero. Where all pictures say the same, a bootstrap has no width: of n pictures without a miss, a rate of misses up to 3/n is not excluded.',
          'Controls: a random concept is written along other concepts\' directions with the coefficients and the added norm of the edit, three draws; a shuffled region acts on as many cells at random places, three draws. Identity, an edit by nothing, must leave the prediction as it was, bit for bit: '
            + `${identities.filter(Boolean).length} of ${identities.length} experiments that were checked.`,
          'Strengths, and the prompts of the house, the tree and the ball, were chosen by looking at seeds 100 to 103; what is reported are the seeds above, which had no part in it. The scenes of the box, the star and the tent were not looked at before. One thing was learnt from the reported seeds: a first run at add 2, of which too-strong is kept, showed random concepts placing things, too; the strengths were then lowered.',
        ],
        verdicts: [], grids: [], tables: [],
      },
    ],
    sources: [
      ['specs', [...specs.keys()].map((file) => relative(root, file)).join(', ')],
      ['command', 'npm run study:paper'],
      ['U-Net calls', `${sum(calls.map(({ unetCalls }) => unetCalls))}; without shared beginnings ${sum(calls.map(({ naiveUnetCalls }) => naiveUnetCalls))}`],
    ],
  };
}

/** How many claims agree, in a sentence. */
function summary(verdicts: readonly Verdict[]): string {
  const count = (answer: Verdict['answer']): number => verdicts.filter((verdict) => verdict.answer === answer).length;
  return `Of ${verdicts.length} claims, Scenes agrees with ${count('agrees')}, disagrees with ${count('disagrees')}, and leaves ${count('open')} undecided at this number of pictures.`;
}

/** Where Scenes disagrees, or cannot tell though the paper can: plainly, and why. */
function disagreements(verdicts: readonly Verdict[]): string[] {
  return verdicts.filter(({ answer, why }) => answer === 'disagrees' || (answer === 'open' && why !== undefined))
    .map(({ claim, paper, here, answer, why }) => `${answer === 'disagrees' ? 'Disagrees' : 'Not decided'}: ${claim}. Paper: ${paper}; here: ${here}.${why === undefined ? '' : ` ${why}`}`);
}

function list(values: readonly (string | number)[]): string {
  return [...new Set(values)].join(', ');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
