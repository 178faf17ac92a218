import type { SiteTrace } from '../../src/concepts/siteTrace.ts';

/** A concept's map at one column: z at every cell, [cells], 0 where it is not among the TopK. */
export function mapOf({ height, width, k, indices, values }: SiteTrace, column: number, concept: number): Float32Array {
  const map = new Float32Array(height * width);
  const from = column * map.length * k;
  for (let entry = 0; entry < map.length * k; entry++) {
    if (indices[from + entry] === concept) map[Math.floor(entry / k)] = values[from + entry];
  }
  return map;
}

/** How far concepts' z reach in a run. It remembers, so that another column costs one column. */
export class Reach {
  readonly #known = new WeakMap<Float32Array, Map<number, { columns: number; max: number }>>();

  /** The greatest z of a concept in the first `columns` columns of a run. */
  of({ indices, values, steps }: SiteTrace, columns: number, concept: number): number {
    const ofRun = this.#known.get(values) ?? new Map<number, { columns: number; max: number }>();
    this.#known.set(values, ofRun);
    let { columns: seen, max } = ofRun.get(concept) ?? { columns: 0, max: 0 };
    const entries = values.length / steps.length;
    for (let entry = seen * entries; entry < columns * entries; entry++) {
      if (indices[entry] === concept && values[entry] > max) max = values[entry];
    }
    seen = Math.max(seen, columns);
    ofRun.set(concept, { columns: seen, max });
    return max;
  }
}
