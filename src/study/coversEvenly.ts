import type { RegionDefinition } from '../experiment/editDefinition.ts';
import type { Mask } from '../spec/areaAverage.ts';
import { isRegionName, regionCells, type FixedRegion } from '../spec/regions.ts';

/** Cells each way at which a shape is looked at: one that covers these alike covers those of any site alike. */
const fine = 64;

/** Whether a region covers every cell alike, so that in any order of its cells it is the same region. @param maskOf a mask by the hash of its pixels */
export function coversEvenly(where: RegionDefinition, maskOf: (hash: string) => Mask | undefined): boolean {
  if (typeof where === 'object' && 'concepts' in where) return where.above <= 0; // every cell reaches the least of all
  const region = shapeOf(where, maskOf);
  if (region === undefined) return false;
  const cells = typeof region === 'object' && 'mask' in region ? region.mask.data : regionCells(region, fine, fine);
  return cells.every((covered) => Math.abs(covered - cells[0]) < 1e-6);
}

function shapeOf(where: Exclude<RegionDefinition, { concepts: unknown }>, maskOf: (hash: string) => Mask | undefined): FixedRegion | undefined {
  if (typeof where === 'string') return isRegionName(where) ? where : undefined;
  if (!('mask' in where)) return where;
  const mask = maskOf(where.mask);
  return mask && { mask };
}
