/** How two pictures of the same size differ. */
export interface PictureDifference {
  readonly width: number;
  readonly height: number;
  /** [height, width]: mean |difference| over red, green and blue, as a share of full scale. */
  readonly map: Float32Array;
  /** Over the whole picture. */
  readonly mean: number;
  /** What 99 of 100 pixels do not exceed: a scale that single pixels do not set. */
  readonly high: number;
  /** Any pixel differs at all. */
  readonly parted: boolean;
}

/** Levels that a difference of three bytes can have, 0 to 3 · 255. */
const levels = 3 * 255 + 1;

/** Compare two pictures. @param a @param b [height, width, 4] RGBA */
export function pictureDifference(a: Uint8ClampedArray, b: Uint8ClampedArray, width: number, height: number): PictureDifference {
  const map = new Float32Array(width * height);
  const histogram = new Uint32Array(levels);
  let sum = 0;
  for (let pixel = 0; pixel < map.length; pixel++) {
    const at = 4 * pixel;
    const level = Math.abs(a[at] - b[at]) + Math.abs(a[at + 1] - b[at + 1]) + Math.abs(a[at + 2] - b[at + 2]);
    histogram[level] += 1;
    sum += level;
    map[pixel] = level / (levels - 1);
  }
  let high = levels - 1;
  for (let above = 0; high > 0 && above + histogram[high] <= map.length / 100; high--) above += histogram[high];
  return { width, height, map, mean: sum / (levels - 1) / map.length, high: high / (levels - 1), parted: sum > 0 };
}

/** The first column whose pictures differ; -1 while none does. @param differences [columns]: null where a picture is missing */
export function partingColumn(differences: readonly (PictureDifference | null)[]): number {
  return differences.findIndex((difference) => difference?.parted === true);
}
