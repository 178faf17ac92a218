import { join } from 'node:path';
import { conceptMaps, cutMap, indexConcepts } from '../concepts/maps.ts';
import type { SiteTrace } from '../concepts/siteTrace.ts';
import type { StoredRun } from '../experiment/runStore.ts';
import { readTrace } from '../experiment/traceFile.ts';
import type { Mask } from '../spec/areaAverage.ts';
import { regionCells, type FixedRegion } from '../spec/regions.ts';
import type { AskedRegion, FollowingRegion } from './experimentPlan.ts';
import type { RegionAt } from './measures/measure.ts';

/** The union of the regions of some edits. */
export interface UnitedRegion {
  readonly at: RegionAt;
  /** Share of a following region's cells of which the trace does not tell whether they belong to it; of several, the greatest. */
  readonly unsure: number;
}

/**
 * Where the edits of an experiment were asked to act: the union of their regions. One that follows a concept moves from step to step; measures take it
 * as it was at the last step in force, as the edited run of the same seed recorded it, each cell filling its rectangle of the picture.
 * @param edited the run whose trace such a region is read from
 */
export async function unionOf(regions: readonly AskedRegion[], edited: StoredRun): Promise<UnitedRegion> {
  const follows = regions.some((region) => !('fixed' in region));
  const { sites } = follows ? await readTrace(join(edited.folder, 'trace.safetensors')) : { sites: [] };
  const active = regions.map((region) => ('fixed' in region ? { cells: region.fixed, unsure: 0 } : activeCells(region, sites)));
  const fixed = active.map(({ cells }) => cells);
  const known = new Map<string, Float32Array>();
  return {
    at: (height, width) => {
      const key = `${height}x${width}`;
      const cells = known.get(key) ?? union(fixed, height, width);
      known.set(key, cells);
      return cells;
    },
    unsure: Math.max(0, ...active.map(({ unsure }) => unsure)),
  };
}

function union(regions: readonly FixedRegion[], height: number, width: number): Float32Array {
  const cells = new Float32Array(height * width);
  for (const region of regions) {
    const covered = regionCells(region, height, width);
    for (let cell = 0; cell < cells.length; cell++) cells[cell] = Math.max(cells[cell], covered[cell]);
  }
  return cells;
}

/** Cells where the summed map of concepts, min-max normalised, reaches `above`; all of a map that is the same everywhere, none of an empty one. */
function activeCells({ site, branch, concepts, above, step, partly = false }: FollowingRegion, traces: readonly SiteTrace[]): { cells: { mask: Mask }; unsure: number } {
  const trace = traces.find((candidate) => candidate.site === site && candidate.branch === branch);
  const at = trace?.steps.indexOf(step) ?? -1;
  if (trace === undefined || at < 0) throw new RangeError(`step ${step} of ${site} is not recorded`); // the plan has seen to it
  const { height, width } = trace;
  const index = indexConcepts(trace);
  const sum = new Float32Array(height * width);
  for (const concept of concepts) {
    const map = conceptMaps(trace, index, concept).subarray(at * sum.length, (at + 1) * sum.length);
    for (let cell = 0; cell < sum.length; cell++) sum[cell] += map[cell];
  }
  return { cells: { mask: { height, width, data: Float32Array.from(cutMap(sum, above)) } }, unsure: partly ? unsureShare(sum, greatestSum(sum, trace, at, concepts), above) : 0 };
}

/** The map as it may be at most: a concept that a full list of a cell leaves out is no more active there than the least of the list. @returns [cells] */
function greatestSum(sum: Float32Array, { indices, values, k }: SiteTrace, row: number, concepts: readonly number[]): Float32Array {
  return sum.map((value, cell) => {
    const from = (row * sum.length + cell) * k;
    const least = values[from + k - 1]; // values descend, and are 0 where fewer than k latents are active
    const listed = indices.subarray(from, from + k);
    return value + least * concepts.filter((concept) => !listed.includes(concept)).length;
  });
}

/** Share of cells that one map between two bounds takes and another does not, or may. @param low [cells] @param high [cells] */
function unsureShare(low: Float32Array, high: Float32Array, above: number): number {
  if (low.every((value, cell) => value === high[cell])) return 0;
  const cutOf = (map: Float32Array): number => {
    const least = map.reduce((a, b) => Math.min(a, b), Infinity);
    return least + above * (map.reduce((a, b) => Math.max(a, b), -Infinity) - least);
  };
  const [least, most] = [cutOf(low), cutOf(high)]; // the cut grows with every cell
  return low.filter((value, cell) => value < most && high[cell] >= least).length / low.length;
}
