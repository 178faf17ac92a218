/** A region painted by hand, one byte a pixel, 255 inside. */
export interface PaintedMask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

type Point = readonly [x: number, y: number];

export function emptyMask(width: number, height: number): PaintedMask {
  return { width, height, data: new Uint8Array(width * height) };
}

/**
 * The mask with one stroke more.
 * @param from @param to where the brush moves, in image coordinates [0, 1]
 * @param radius of the brush, as a share of the picture's width
 */
export function stroke({ width, height, data }: PaintedMask, from: Point, to: Point, radius: number, erase: boolean): PaintedMask {
  const painted = data.slice();
  const [ax, ay] = [from[0] * width, from[1] * height];
  const [dx, dy] = [to[0] * width - ax, to[1] * height - ay];
  const length = dx * dx + dy * dy;
  const reach = Math.max(radius * width, 0.5);
  const rows = range(Math.min(ay, ay + dy) - reach, Math.max(ay, ay + dy) + reach, height);
  const columns = range(Math.min(ax, ax + dx) - reach, Math.max(ax, ax + dx) + reach, width);
  for (let row = rows.from; row < rows.to; row++) {
    for (let column = columns.from; column < columns.to; column++) {
      const [x, y] = [column + 0.5 - ax, row + 0.5 - ay];
      const along = length === 0 ? 0 : Math.min(Math.max((x * dx + y * dy) / length, 0), 1); // nearest point of the stroke
      if ((x - along * dx) ** 2 + (y - along * dy) ** 2 <= reach * reach) painted[row * width + column] = erase ? 0 : 255;
    }
  }
  return { width, height, data: painted };
}

function range(low: number, high: number, end: number): { from: number; to: number } {
  return { from: Math.max(0, Math.floor(low)), to: Math.min(end, Math.ceil(high)) };
}
