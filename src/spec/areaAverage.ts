/** A single-channel picture, row-major, values in [0,1]. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/**
 * Resize by area averaging: each cell is the mean of the source over its rectangle, pixels that it covers in part counted in part.
 * @returns [height, width] row-major
 */
export function areaAverage(source: Mask, height: number, width: number): Float32Array {
  const columns = resizeRows(source.data, source.height, source.width, width);
  return transpose(resizeRows(transpose(columns, source.height, width), width, source.height, height), width, height);
}

/** [rows, from] to [rows, to]: every cell of a row averages the stretch of the source row that it covers. */
function resizeRows(data: Float32Array, rows: number, from: number, to: number): Float32Array {
  const result = new Float32Array(rows * to);
  for (let cell = 0; cell < to; cell++) {
    const start = (cell * from) / to;
    const end = ((cell + 1) * from) / to;
    for (let pixel = Math.floor(start); pixel < Math.min(Math.ceil(end), from); pixel++) {
      const share = (Math.min(end, pixel + 1) - Math.max(start, pixel)) / (end - start);
      for (let row = 0; row < rows; row++) result[row * to + cell] += share * data[row * from + pixel];
    }
  }
  return result;
}

/** [rows, columns] to [columns, rows]. */
function transpose(data: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = data[row * columns + column];
  }
  return result;
}
