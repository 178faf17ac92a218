import type { ExperimentResult } from '../experiment/experimentResult.ts';
import type { StudyPage } from './studies/studyPage.ts';
import { chooseConcepts } from './chooseConcepts.ts';
import type { ChosenConcept } from './chooseConcepts.ts';
import { layOutAxis } from './timeAxis.ts';
import type { TimeAxis } from './timeAxis.ts';

/** The pictures of a run as PNG files. */
export interface RunPictures {
  readonly image: Uint8Array;
  /** One per recorded step. */
  readonly previews: readonly Uint8Array[];
}

/** What all parts of a report share: computed once, then only drawn. */
export interface ReportPage {
  readonly result: ExperimentResult;
  /** One per run, of as many runs as the page shows pictures of. */
  readonly pictures: readonly RunPictures[];
  readonly axis: TimeAxis;
  /** Concepts drawn with their maps; the index is the colour. */
  readonly chosen: readonly ChosenConcept[];
  /** Strength at the end of the colour ramp: the greatest of the page. */
  readonly scale: number;
  /** Experiments and sweeps; undefined where none are told. */
  readonly studies: StudyPage | undefined;
}

/** Concepts drawn with maps: more would not fit two screens. */
const mostChosen = 6;
/** Seeds whose pictures stand in the page. */
export const mostPictures = 8;

/** Lay out a report. @param pictures one per run, at least of the first */
export function layOutPage(result: ExperimentResult, pictures: readonly RunPictures[], studies?: StudyPage): ReportPage {
  const { runs, steps, t, sites } = result;
  return {
    result,
    pictures: pictures.slice(0, mostPictures),
    axis: layOutAxis(steps, t, runs[0].manifest.timesteps.length),
    chosen: chooseConcepts(result, mostChosen),
    scale: Math.max(...sites.flatMap(({ concepts }) => concepts.map(({ strength }) => strength)), 0),
    studies,
  };
}
