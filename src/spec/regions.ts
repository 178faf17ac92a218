import type { regionNames } from './schema.ts';
import { areaAverage, type Mask } from './areaAverage.ts';

type Point = readonly [x: number, y: number];
type Box = readonly [left: number, top: number, right: number, bottom: number];

/** A region whose shape is known before the run; a concept's region depends on the step and is made from its map. */
export type FixedRegion = (typeof regionNames)[number] | { readonly box: Box } | { readonly polygon: readonly Point[] } | { readonly mask: Mask };

const boxes: Readonly<Record<(typeof regionNames)[number], Box>> = {
  everywhere: [0, 0, 1, 1],
  left: [0, 0, 0.5, 1],
  right: [0.5, 0, 1, 1],
  top: [0, 0, 1, 0.5],
  bottom: [0, 0.5, 1, 1],
  center: [0.25, 0.25, 0.75, 0.75],
  'top-left': [0, 0, 0.5, 0.5],
  'top-right': [0.5, 0, 1, 0.5],
  'bottom-left': [0, 0.5, 0.5, 1],
  'bottom-right': [0.5, 0.5, 1, 1],
};

/** Whether a word is the name of a region, as a label for a place is. */
export function isRegionName(word: string): word is (typeof regionNames)[number] {
  return Object.hasOwn(boxes, word);
}

/**
 * How much of each cell a region covers, from image coordinates in [0,1] with the origin top left.
 * @returns m in [0,1], [height, width] row-major
 */
export function regionCells(region: FixedRegion, height: number, width: number): Float32Array {
  if (typeof region === 'string') return boxCells(boxes[region], height, width);
  if ('box' in region) return boxCells(region.box, height, width);
  if ('polygon' in region) return polygonCells(region.polygon, height, width);
  return areaAverage(region.mask, height, width);
}

function boxCells([left, top, right, bottom]: Box, height: number, width: number): Float32Array {
  const covered = (low: number, high: number, cell: number): number => Math.max(0, Math.min(high, cell + 1) - Math.max(low, cell));
  return Float32Array.from({ length: height * width }, (_, index) => {
    const column = index % width;
    return covered(left * width, right * width, column) * covered(top * height, bottom * height, (index - column) / width);
  });
}

/** The exact area of the polygon within every cell: it is cut into rows of cells, and each row into cells. */
function polygonCells(polygon: readonly Point[], height: number, width: number): Float32Array {
  const cells = new Float32Array(height * width);
  const scaled = polygon.map(([x, y]): Point => [x * width, y * height]);
  for (let row = 0; row < height; row++) {
    const band = cut(cut(scaled, 1, row, 1), 1, row + 1, -1);
    if (band.length === 0) continue;
    for (let column = 0; column < width; column++) {
      const inside = cut(cut(band, 0, column, 1), 0, column + 1, -1);
      cells[row * width + column] = Math.min(1, Math.abs(signedArea(inside)));
    }
  }
  return cells;
}

/**
 * The part of a polygon on one side of a line (Sutherland and Hodgman 1974): of the points p, those with
 * side · (p[axis] − limit) >= 0. Pieces that fall apart stay joined along the line, where they enclose no area.
 */
function cut(polygon: readonly Point[], axis: 0 | 1, limit: number, side: 1 | -1): Point[] {
  const kept: Point[] = [];
  polygon.forEach((point, index) => {
    const next = polygon[(index + 1) % polygon.length];
    const here = side * (point[axis] - limit);
    const there = side * (next[axis] - limit);
    if (here >= 0) kept.push(point);
    if (here * there < 0) {
      const share = here / (here - there);
      kept.push([point[0] + share * (next[0] - point[0]), point[1] + share * (next[1] - point[1])]);
    }
  });
  return kept;
}

/** Shoelace formula; positive where the corners run clockwise on the screen. */
export function signedArea(polygon: readonly Point[]): number {
  return polygon.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = polygon[(index + 1) % polygon.length];
    return sum + (x * nextY - nextX * y) / 2;
  }, 0);
}
