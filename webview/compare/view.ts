import { isCount, isNumber, isShare, isText, orNull, recordFrom, taker } from '../kit/memory.ts';

/** How someone looks at an experiment: everything that a reload must not lose. */
export interface CompareView {
  /** null: the first one whose runs are there. */
  readonly seed: number | null;
  /** Key of what stands beside the unedited run. */
  readonly subject: string;
  /** Step under the cursor; null follows what is shown to its last one. */
  readonly step: number | null;
  /** Where the line between both pictures is, [0, 1]. */
  readonly split: number;
  /** Key of the site whose concepts are listed; null for all. */
  readonly site: string | null;
  /** The concept whose map lies on the pictures, by its site's key. */
  readonly chosen: { readonly site: string; readonly concept: number } | null;
  /** Rows of concepts that are shown. */
  readonly rows: number;
}

export const firstRows = 12;
export const moreRows = 16;

export const firstView: CompareView = { seed: null, subject: 'edited', step: null, split: 0.5, site: null, chosen: null, rows: firstRows };

/** What was kept, part by part: what is not as it should be is as at first. */
export function fromMemory(memory: unknown): CompareView {
  const take = taker(recordFrom(memory), firstView);
  return {
    seed: take('seed', orNull(isNumber)), subject: take('subject', isText), step: take('step', orNull(isCount)), split: take('split', isShare),
    site: take('site', orNull(isText)), rows: take('rows', isCount), chosen: take('chosen', orNull(isConcept)),
  };
}

function isConcept(value: unknown): value is NonNullable<CompareView['chosen']> {
  const { site, concept } = recordFrom(value);
  return isText(site) && isCount(concept);
}
