import type { Tensor } from '../base/tensor.ts';
import { Generation, stateToLookAt } from '../diffusion/generation.ts';
import type { EditDefinition } from '../experiment/editDefinition.ts';
import type { EditInputs } from '../experiment/editInputs.ts';
import { latentsAfter } from '../experiment/latentsFile.ts';
import type { StoredRun } from '../experiment/runStore.ts';
import type { TracingModel } from '../experiment/tracingModel.ts';

/** The same edits with nothing to do: they still go through the whole splice and read their concepts. */
export function withoutEffect(edits: readonly EditDefinition[]): EditDefinition[] {
  return edits.map((edit) => ({ ...edit, elsewhere: 'keep', ...(edit.operation === 'add' ? { amount: 0 } : { operation: 'scale', amount: 1, unit: 'raw' }) }));
}

/**
 * Whether the splice with nothing to do leaves the prediction as it is, bit for bit, at the first step in force.
 * @param baseline the unedited run that shows the latents of that step
 */
export async function identityHolds(model: TracingModel, inputs: EditInputs, edits: readonly EditDefinition[], baseline: StoredRun): Promise<boolean> {
  const { sample } = baseline.manifest.definition;
  const step = Math.min(...edits.flatMap(({ steps }) => steps));
  const from = step === 0 ? undefined : stateToLookAt(step, await latentsAfter(baseline, step - 1), sample.steps);
  const generation = await Generation.begin(model.pipeline, sample, from && { from });
  const ask = async (acting: readonly EditDefinition[]): Promise<Tensor> =>
    (await model.predict(generation.input(), generation.timestep, generation.conditioning, inputs.at([acting], step))).noise;
  const plain = bitsOf(await ask([])).slice(); // the session may write its next answer over this one
  return Buffer.compare(plain, bitsOf(await ask(withoutEffect(edits)))) === 0;
}

function bitsOf({ data }: Tensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
