import type { DType } from '../base/tensor.ts';

/** `TensorProto.DataType` of onnx.proto3. */
export const elementTypes: Readonly<Record<DType, number>> = {
  float32: 1, uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11,
};

const dtypes = new Map(Object.entries(elementTypes).map(([dtype, code]) => [code, dtype as DType]));

/** Our name of an element type; undefined for those we do not handle (strings, bfloat16, 4- and 8-bit floats). */
export function dtypeOf(elementType: number): DType | undefined {
  return dtypes.get(elementType);
}
