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

/** Whether none of them is NaN or infinite. A plain loop: these are asked after every step, and `every` costs ten times as much. */
export function allFinite(values: Float32Array): boolean {
  for (let at = 0; at < values.length; at++) if (!Number.isFinite(values[at])) return false;
  return true;
}

/** Bytes of one element. */
export const bytesPerElement: Readonly<Record<DType, number>> = {
  float32: 4, float64: 8, float16: 2, int64: 8, int32: 4, int16: 2, int8: 1, uint8: 1, uint16: 2, bool: 1,
};

/** The bytes of a tensor's elements in the host's order, which is little-endian on every platform Node runs ONNX Runtime on. */
export function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Elements over little-endian bytes: a view where they are aligned, else a copy. @throws RangeError unless whole elements are given */
export function elementsOf(dtype: DType, bytes: Uint8Array): TensorData {
  const width = bytesPerElement[dtype];
  const { buffer, byteOffset } = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  if (bytes.length % width !== 0) {
    throw new RangeError(`${bytes.length} bytes are not whole elements of ${dtype}`);
  }
  const length = bytes.length / width;
  switch (dtype) {
    case 'float32': return new Float32Array(buffer, byteOffset, length);
    case 'float64': return new Float64Array(buffer, byteOffset, length);
    case 'int64': return new BigInt64Array(buffer, byteOffset, length);
    case 'int32': return new Int32Array(buffer, byteOffset, length);
    case 'int16': return new Int16Array(buffer, byteOffset, length);
    case 'int8': return new Int8Array(buffer, byteOffset, length);
    case 'float16':
    case 'uint16': return new Uint16Array(buffer, byteOffset, length);
    case 'uint8':
    case 'bool': return new Uint8Array(buffer, byteOffset, length);
  }
}
