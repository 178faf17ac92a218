import { recentIndex } from '../onnx/recentIndex.ts';
import { elementTypes } from '../onnx/elementType.ts';

const wholeTypes: readonly number[] = [elementTypes.int32, elementTypes.int64];

/**
 * The first of these timesteps whose fraction a U-Net is not told, since its timestep (the input of whole numbers of rank 0 or 1) has none: PyTorch's U-Net is, and its predictions differ.
 * @param unet the ONNX file. @param timesteps as the scheduler counts. @returns undefined where nothing is lost
 * @throws InputError as `indexModel`
 */
export async function lostFraction(unet: string, timesteps: Float64Array): Promise<number | undefined> {
  const fractional = timesteps.find((timestep) => !Number.isInteger(timestep));
  if (fractional === undefined) return undefined;
  const { inputs, weights } = await recentIndex(unet);
  const whole = inputs.some(({ name, dims, elementType }) => dims.length < 2 && wholeTypes.includes(elementType) && !weights.has(name));
  return whole ? fractional : undefined;
}
