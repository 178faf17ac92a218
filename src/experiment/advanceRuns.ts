import { float32, sizeOf } from '../base/tensor.ts';
import type { Tensor } from '../base/tensor.ts';
import { joinConditionings } from '../diffusion/conditioning.ts';
import type { Conditioning } from '../diffusion/conditioning.ts';
import type { Prediction } from '../diffusion/denoiser.ts';
import type { EditInputs } from './editInputs.ts';
import type { RunInProgress } from './runInProgress.ts';
import type { TracingModel } from './tracingModel.ts';

/**
 * Ask the U-Net once for the next step of several runs of one sample, all at the same step.
 * @param runs one, or with guidance any number: rows [uncond x V, cond x V]
 * @returns the answer to each, checked by nobody yet
 */
export async function predictTogether(model: TracingModel, runs: readonly RunInProgress[], inputs: EditInputs): Promise<Prediction[]> {
  const [{ generation: { step, timestep, conditioning } }] = runs;
  const edits = inputs.at(runs.map((run) => run.edits), step);
  const samples = runs.map(({ generation }) => generation.input());
  const prediction = await model.predict(stackVariants(samples), timestep, stackConditionings(runs.map(() => conditioning)), edits);
  return runs.length === 1 ? [prediction] : runs.map((_, variant) => variantOf(prediction, variant, runs.length));
}

/** Rows of V variants, each [uncond, cond] or one, as one batch [uncond x V, cond x V]. @param tensors float32, of one shape */
export function stackVariants(tensors: readonly Tensor[]): Tensor {
  if (tensors.length === 1) return tensors[0];
  const [{ shape: [rows, ...shape] }] = tensors;
  const size = sizeOf(shape);
  const data = new Float32Array(tensors.length * rows * size);
  for (let row = 0; row < rows; row++) {
    for (const [variant, tensor] of tensors.entries()) {
      data.set((tensor.data as Float32Array).subarray(row * size, (row + 1) * size), (row * tensors.length + variant) * size);
    }
  }
  return float32(data, [tensors.length * rows, ...shape]);
}

/** The same of what the U-Net is told with them. */
export function stackConditionings(conditionings: readonly Conditioning[]): Conditioning {
  return joinConditionings(conditionings, stackVariants);
}

/** The rows of one variant out of the answer to a batch. */
export function variantOf({ noise, taps }: Prediction, variant: number, variants: number): Prediction {
  return {
    noise: rowsOf(noise, variant, variants),
    taps: Object.fromEntries(Object.entries(taps).map(([name, tap]) => [name, rowsOf(tap, variant, variants)])),
  };
}

function rowsOf({ dtype, shape: [rows, ...shape], data }: Tensor, variant: number, variants: number): Tensor {
  const size = sizeOf(shape);
  const picked = data.slice(0, rows / variants * size);
  for (let row = variant; row < rows; row += variants) {
    // Both are of one kind, which the union of kinds does not tell.
    (picked as Float32Array).set(data.subarray(row * size, (row + 1) * size) as Float32Array, Math.floor(row / variants) * size);
  }
  return { dtype, shape: [rows / variants, ...shape], data: picked };
}
