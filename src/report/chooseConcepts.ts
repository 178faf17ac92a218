import { conceptMaps, indexConcepts } from '../concepts/maps.ts';
import type { ExperimentResult, ShownConcept, SiteResult } from '../experiment/experimentResult.ts';

/** A concept drawn with its maps. */
export interface ChosenConcept {
  readonly site: SiteResult;
  readonly concept: ShownConcept;
  /** [steps, cells]: its maps in the first run. */
  readonly maps: Float32Array;
}

/**
 * The concepts whose maps say most, at most `most`: those asked for, then those with a name, then those that stand out somewhere in the
 * picture, measured by the greatest spatial standard deviation in units of the concept's usual activation. Of several with the same
 * label the first is taken; concepts that are the same in every picture are left out unless asked for.
 */
export function chooseConcepts({ sites }: ExperimentResult, most: number): ChosenConcept[] {
  const candidates = sites.flatMap((site) => {
    const [trace] = site.traces;
    const index = indexConcepts(trace);
    return site.concepts.filter(({ asked, contextFree }) => asked || !contextFree).map((concept) => {
      const maps = conceptMaps(trace, index, concept.id);
      return { site, concept, maps, contrast: greatestDeviation(maps, trace.height * trace.width) / concept.typical };
    });
  });
  const urgency = ({ asked, label }: ShownConcept): number => (asked ? 2 : label === undefined ? 0 : 1);
  candidates.sort((a, b) => urgency(b.concept) - urgency(a.concept) || b.contrast - a.contrast);
  const labels = new Set<string>();
  return candidates.filter(({ concept: { label, asked } }) => {
    if (label === undefined || asked) return true;
    const first = !labels.has(label);
    labels.add(label);
    return first;
  }).slice(0, most);
}

/** The greatest standard deviation over the cells among the steps. @param maps [steps, cells] */
function greatestDeviation(maps: Float32Array, cells: number): number {
  let greatest = 0;
  for (let start = 0; start < maps.length; start += cells) {
    let sum = 0;
    let squares = 0;
    for (let cell = start; cell < start + cells; cell++) {
      sum += maps[cell];
      squares += maps[cell] ** 2;
    }
    greatest = Math.max(greatest, squares / cells - (sum / cells) ** 2);
  }
  return Math.sqrt(greatest);
}
