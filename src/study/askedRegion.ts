import { join } from 'node:path';
import { conceptMaps, cutMap, indexConcepts } from '../concepts/maps.ts';
import type { SiteTrace } from '../concepts/siteTrace.ts';
import type { StoredRun } from '../experiment/runStore.ts';
import { readTrace } from '../experiment/traceFile.ts';
import type { Mask } from '../spec/areaAverage.ts';
import { regionCells, type FixedRegion } from '../spec/regions.ts';
import type { AskedRegion } from './experimentPlan.ts';
import type { RegionAt } from './measures/measure.ts';

/**
 * Where the edits of an experiment were asked to act: the union of their regions. One that follows a concept moves from step to step; measures take it
 * as it was at the last step in force, as the edited run of the same seed recorded it, each cell filling its rectangle of the picture.
 * @param edited the run whose trace such a region is read from
 */
export async function unionOf(regions: readonly AskedRegion[], edited: StoredRun): Promise<RegionAt> {
  const follows = regions.some((region) => !('fixed' in region));
  const { sites } = follows ? await readTrace(join(edited.folder, 'trace.safetensors')) : { sites: [] };
  const fixed = regions.map((region): FixedRegion => ('fixed' in region ? region.fixed : { mask: activeCells(region, sites) }));
  const known = new Map<string, Float32Array>();
  return (height, width) => {
    const key = `${height}x${width}`;
    const cells = known.get(key) ?? union(fixed, height, width);
    known.set(key, cells);
    return cells;
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

type Following = Exclude<AskedRegion, { fixed: unknown }>;

/** Cells where the summed map of concepts, min-max normalised, reaches `above`; all of a map that is the same everywhere, none of an empty one. */
function activeCells({ site, branch, concepts, above, step }: Following, traces: readonly SiteTrace[]): Mask {
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
  return { height, width, data: Float32Array.from(cutMap(sum, above)) };
}
