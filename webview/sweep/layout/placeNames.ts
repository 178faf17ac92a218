import type { TradePlot } from './tradePlot.ts';

/** A name of a point, and how wide it is. */
interface PointName {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly width: number;
}

/** A name at its place: left end, and the middle of its height. */
export interface PlacedName {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** From a point to its name; half the height of a line, and half the size of a sign. */
const [aside, line, sign] = [9, 7, 6];

/**
 * Places for the names of points: beside their own, clear of every sign, of each other and of the frame; above before below, to the right before to the left. A name without such a place is left out.
 * @param names the most important first
 */
export function placeNames({ points, left, right, top, bottom }: Pick<TradePlot, 'points' | 'left' | 'right' | 'top' | 'bottom'>, names: readonly PointName[]): PlacedName[] {
  const taken: Box[] = points.map(({ x, y }) => ({ left: x - sign, right: x + sign, top: y - sign, bottom: y + sign }));
  return names.flatMap(({ x, y, text, width }) => {
    const places = [-aside, aside].flatMap((down) => [x + aside, x - aside - width].map((from) => ({ text, x: from, y: y + down })));
    const place = places.find((one) => {
      const box = boxOf(one, width);
      return box.left >= left && box.right <= right && box.top >= top - line && box.bottom <= bottom && !taken.some((other) => overlap(box, other));
    });
    if (place === undefined) return [];
    taken.push(boxOf(place, width));
    return [place];
  });
}

function boxOf({ x, y }: PlacedName, width: number): Box {
  return { left: x, right: x + width, top: y - line, bottom: y + line };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
