import { typicalOf } from '../../trace/siteSummary.ts';
import type { SiteModel } from '../../trace/siteModel.ts';
import { edited, unedited } from './pairModel.ts';

/** How a concept's course differs between the two runs of a pair. Strengths are γ in units of the concept's usual activation. */
export interface ConceptChange {
  /** Key of its site. */
  readonly site: string;
  readonly concept: number;
  /** Its greatest difference of strength over the columns, edited minus unedited. */
  readonly change: number;
  /** Where that is. */
  readonly column: number;
}

/** A row asks for the course of its concept, not for the site. */
const typicals = new WeakMap<SiteModel, Float32Array>();

/** Both courses of a concept, [columns] each. */
export interface TwoCourses {
  readonly unedited: Float32Array;
  readonly edited: Float32Array;
}

/** Every concept of a measured site that differs, those that differ most first; ties by number. */
export function conceptChanges(site: SiteModel): ConceptChange[] {
  const typical = typicalAt(site);
  const cells = site.site.height * site.site.width;
  const { n } = site.site;
  const change = new Float64Array(n);
  const column = new Int32Array(n);
  for (const [at, before] of site.sums[unedited].entries()) {
    const after = site.sums[edited][at];
    if (before === null || after === null) continue;
    for (let id = 0; id < n; id++) {
      const difference = after.sums[id] - before.sums[id];
      if (Math.abs(difference) <= Math.abs(change[id])) continue;
      change[id] = difference;
      column[id] = at;
    }
  }
  return Array.from(change.keys()).filter((id) => change[id] !== 0)
    .map((concept) => ({ site: site.key, concept, change: change[concept] / cells / typical[concept], column: column[concept] }))
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || a.concept - b.concept);
}

/** Strength of a concept over the columns, in both runs. */
export function coursesOf(site: SiteModel, concept: number): TwoCourses {
  const typical = typicalAt(site);
  const cells = site.site.height * site.site.width;
  const course = (run: number): Float32Array => Float32Array.from(site.sums[run], (column) => (column?.sums[concept] ?? 0) / cells / typical[concept]);
  return { unedited: course(unedited), edited: course(edited) };
}

/** [n]: as `typicalOf`, worked out once. @param site measured */
function typicalAt(site: SiteModel): Float32Array {
  const typical = typicals.get(site) ?? typicalOf(site);
  typicals.set(site, typical);
  return typical;
}
