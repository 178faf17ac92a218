/** Element types that our files and ONNX Runtime share. */
export type DType =
  | 'float32' | 'float64' | 'float16' | 'int64' | 'int32' | 'int16' | 'int8' | 'uint8' | 'uint16' | 'bool';

/** The array that holds a tensor's elements; float16 stands as its raw 16 bits. */
export type TensorData =
  | Float32Array | Float64Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array | Uint16Array;

/** A dense row-major tensor; `data.length` is the product of `shape`. */
export interface Tensor<D extends TensorData = TensorData> {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: D;
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** A float32 tensor over `data`. @throws RangeError when the shape does not hold `data.length` elements. */
export function float32(data: Float32Array, shape: readonly number[]): Tensor<Float32Array> {
  if (sizeOf(shape) !== data.length) {
    throw new RangeError(`shape [${shape.join(', ')}] does not hold ${data.length} elements`);
  }
  return { dtype: 'float32', shape, data };
}
