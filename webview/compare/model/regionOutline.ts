import type { EditDefinition } from '../../../src/experiment/editDefinition.ts';
import { cutMap } from '../../../src/concepts/maps.ts';
import { isRegionName, regionCells } from '../../../src/spec/regions.ts';
import { mapOf } from '../../trace/mapOf.ts';
import { edited } from './pairModel.ts';
import type { PairModel } from './pairModel.ts';

/** Where an edit acts on the picture: cells of a grid, or corners in image coordinates. */
export type RegionOutline =
  | { readonly height: number; readonly width: number; readonly cells: Uint8Array }
  | { readonly polygon: readonly (readonly [x: number, y: number])[] };

/** Fine enough that an edge of a box lies within a pixel or two. */
const fine = 64;

/**
 * The region of an edit in one column; null where it is everywhere, where its shape is not known here (a painted mask), or where its concepts were not traced.
 * A region made of concepts is that of the column: their summed map in the edited run, min-max normalised and cut, as the edit sees it.
 */
export function regionOutline({ where, site, branch }: EditDefinition, model: PairModel, column: number): RegionOutline | null {
  if (where === 'everywhere') return null;
  if (typeof where === 'string') return isRegionName(where) ? boxes(where) : null;
  if ('box' in where) return boxes({ box: where.box });
  if ('polygon' in where) return { polygon: where.polygon };
  if (!('concepts' in where)) return null;
  const traced = model.sites.find((one) => one.site.site === site && one.site.branch === (branch === 'uncond' ? 'uncond' : 'cond'));
  if (traced === undefined || column < 0) return null;
  const { height, width } = traced.site;
  const sum = new Float32Array(height * width);
  for (const concept of where.concepts) mapOf(traced.traces[edited], column, concept).forEach((z, cell) => { sum[cell] += z; });
  return { height, width, cells: cutMap(sum, where.above) };
}

function boxes(region: Parameters<typeof regionCells>[0]): RegionOutline {
  return { height: fine, width: fine, cells: Uint8Array.from(regionCells(region, fine, fine), (covered) => (covered >= 0.5 ? 1 : 0)) };
}
