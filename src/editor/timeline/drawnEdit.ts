import type { RgbImage } from '../../diffusion/png.ts';
import type { Edit, Region, Window } from '../../spec/schema.ts';
import type { DrawnEdit } from '../../../webview/protocol.ts';

type Painting = Extract<DrawnEdit['where'], { painted: unknown }>['painted'];

/** A thousandth of a picture is less than a pixel of any that these models make. */
const perUnit = 1000;

/** A drawn edit as a spec holds it. @param mask name of the file beside the spec that holds what was painted */
export function editOf({ site, concept, add, during, where }: DrawnEdit, mask: string | undefined): Edit {
  const region = regionOf(where, mask);
  return { site, concept, add: Number(add.toPrecision(4)), ...(region !== 'everywhere' && { where: region }), during: windowOf(during) };
}

/** What was painted, white on black; undefined where nothing was. */
export function maskPicture({ width, height, data }: Painting): RgbImage | undefined {
  if (!data.some((value) => value > 0)) return undefined;
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < data.length; pixel++) rgb.fill(data[pixel], pixel * 3, pixel * 3 + 3);
  return { width, height, data: rgb };
}

function regionOf(where: DrawnEdit['where'], mask: string | undefined): Region {
  if (typeof where === 'string') return where;
  if ('painted' in where) return mask === undefined ? 'everywhere' : { mask };
  if ('box' in where) return { box: where.box.map(rounded) as typeof where.box };
  if ('polygon' in where) {
    const corners = where.polygon.map(([x, y]): [number, number] => [rounded(x), rounded(y)]);
    return { polygon: corners.filter(([x, y], index) => index === 0 || x !== corners[index - 1][0] || y !== corners[index - 1][1]) };
  }
  return where;
}

/** Ends are rounded outwards, so that no step on them is lost. */
function windowOf(window: Window): Window {
  if (typeof window === 'string' || 'steps' in window) return window;
  // Rounding first undoes 0.6 * 1000 = 600.0000000000001 and the like.
  const thousandths = (t: number): number => Number((t * perUnit).toFixed(6));
  return { from: Math.ceil(thousandths(window.from)) / perUnit, to: Math.floor(thousandths(window.to)) / perUnit };
}

function rounded(coordinate: number): number {
  return Math.round(coordinate * perUnit) / perUnit;
}
