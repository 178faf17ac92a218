import { cellsOf } from './activeConcepts.ts';
import { bitIou } from './cellBits.ts';
import { meanGamma, minimumPictures, type ObservedSite } from './observedSite.ts';

/** Standard deviation of γ over the pictures, in units of its mean, up to which a concept's strength does not depend on the picture. */
export const largestVariation = 0.5;
/** Mean IoU of its maps in different pictures from which a concept's place does not depend on the picture. */
export const smallestOverlap = 0.5;
/** Each picture's map is compared with those of this many others. */
const partners = 4;

/** Over some steps: the concepts that are active in enough pictures, and those among them that do not depend on the picture. */
export interface ContextFree {
  readonly alive: ReadonlySet<number>;
  readonly contextFree: ReadonlySet<number>;
}

/**
 * Concepts with the same strength (spatial mean) and the same map in every picture, whatever the prompt (Tinaz et al. 2025).
 * @param steps rows of `active`
 */
export function findContextFree(site: ObservedSite, steps: readonly number[]): ContextFree {
  const { n, active } = site;
  const count = active[0].length;
  const gamma = meanGamma(site, steps);
  const overlap = new Float64Array(n);
  const pairs = new Uint32Array(n);
  for (const step of steps) {
    const rows = active[step].map(({ ids }) => new Map(Array.from(ids, (id, row) => [id, row])));
    for (const [picture, concepts] of active[step].entries()) {
      for (const [row, id] of concepts.ids.entries()) {
        for (let ahead = 1; ahead <= partners; ahead++) {
          const other = (picture + ahead) % count;
          const otherRow = rows[other].get(id);
          if (otherRow === undefined) continue;
          overlap[id] += bitIou(cellsOf(concepts, row), active[step][other].cells, otherRow);
          pairs[id] += 1;
        }
      }
    }
  }
  const alive = new Set<number>();
  const contextFree = new Set<number>();
  for (let id = 0; id < n; id++) {
    const strengths = gamma.subarray(id * count, (id + 1) * count);
    if (strengths.filter((value) => value > 0).length < minimumPictures) continue;
    alive.add(id);
    if (variation(strengths) <= largestVariation && overlap[id] >= smallestOverlap * pairs[id]) contextFree.add(id);
  }
  return { alive, contextFree };
}

/** Coefficient of variation: standard deviation over mean. */
function variation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return Math.sqrt(variance) / mean;
}
