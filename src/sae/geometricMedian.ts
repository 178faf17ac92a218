/**
 * The point with the least summed distance to the rows of `x`, by Weiszfeld's algorithm (1937).
 * @param x [rows, d] row-major @param tolerance stop when the point moves by less than this share of the rows' spread
 */
export function geometricMedian(x: Float32Array, d: number, { iterations = 50, tolerance = 1e-5 } = {}): Float32Array {
  const rows = x.length / d;
  let median = new Float64Array(d);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < d; j++) median[j] += x[row * d + j] / rows;
  }
  for (let iteration = 0; iteration < iterations; iteration++) {
    const next = new Float64Array(d);
    let weights = 0;
    let spread = 0;
    for (let row = 0; row < rows; row++) {
      const distance = Math.sqrt(squaredDistance(x, row * d, median));
      const weight = 1 / Math.max(distance, 1e-12);
      weights += weight;
      spread += distance / rows;
      for (let j = 0; j < d; j++) next[j] += weight * x[row * d + j];
    }
    for (let j = 0; j < d; j++) next[j] /= weights;
    const moved = Math.sqrt(squaredDistance(next, 0, median));
    median = next;
    if (moved <= tolerance * spread) break;
  }
  return Float32Array.from(median);
}

function squaredDistance(x: Float32Array | Float64Array, offset: number, point: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < point.length; j++) sum += (x[offset + j] - point[j]) ** 2;
  return sum;
}
