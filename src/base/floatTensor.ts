import { narrowFloat16, widenFloat16 } from './float16.ts';
import { float32 } from './tensor.ts';
import type { Tensor } from './tensor.ts';

/** Element types that hold a network's numbers. */
export const floatTypes: readonly string[] = ['float32', 'float16', 'float64'];

/** A float32 tensor as another kind of floats; itself where it is that already. */
export function floatAs(tensor: Tensor<Float32Array>, dtype: 'float32' | 'float16' | 'float64'): Tensor {
  switch (dtype) {
    case 'float32': return tensor;
    case 'float16': return { dtype, shape: tensor.shape, data: narrowFloat16(tensor.data) };
    case 'float64': return { dtype, shape: tensor.shape, data: Float64Array.from(tensor.data) };
  }
}

/** A tensor of floats as float32; itself where it is that already. @throws RangeError at whole numbers */
export function asFloat32(tensor: Tensor): Tensor<Float32Array> {
  const { dtype, shape, data } = tensor;
  switch (dtype) {
    case 'float32': return tensor as Tensor<Float32Array>;
    case 'float16': return float32(widenFloat16(data as Uint16Array), shape);
    case 'float64': return float32(Float32Array.from(data as Float64Array), shape);
    default: throw new RangeError(`${dtype} is no kind of floats`);
  }
}
