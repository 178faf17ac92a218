import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { Tensor } from '../base/tensor.ts';
import { openSession, type OpenOptions, type Session } from '../onnx/session.ts';

/** Open a network of a judge and see that it has the inputs and outputs that `judge.json` names, and no input beside them. @throws InputError when it has not */
export async function openNetwork(file: string, inputs: readonly (string | undefined)[], outputs: readonly string[], options: OpenOptions): Promise<Session> {
  const session = await openSession({ path: file }, options);
  const missing = [
    ...inputs.filter((name) => name !== undefined).filter((name) => !session.inputs.some((declared) => declared.name === name)),
    ...outputs.filter((name) => !session.outputs.some((declared) => declared.name === name)),
  ].at(0);
  const unfed = session.inputs.map(({ name }) => name).find((name) => !inputs.includes(name));
  if (missing === undefined && unfed === undefined) return session;
  await session.close();
  const place = missing ?? unfed ?? '';
  const names = [...session.inputs, ...session.outputs].map(({ name }) => name);
  throw new InputError(missing === undefined ? phrase`wants an input "${place}" that judge.json does not name` : phrase`has no "${place}" among ${names.join(', ')}`, {
    file, place, remedy: phrase`Make judge.json and the network agree.`,
  });
}

/** A network's answer as float32. @throws InputError when it is something else, or holds NaN or infinity */
export function float32Of(output: Tensor | undefined, name: string, file: string): Tensor<Float32Array> {
  const remedy = phrase`Export the network with float32 outputs.`;
  if (output?.dtype !== 'float32') throw new InputError(phrase`should be float32, not ${output?.dtype ?? 'nothing'}`, { file, place: name, remedy });
  const tensor = output as Tensor<Float32Array>;
  if (tensor.data.every(Number.isFinite)) return tensor;
  throw new InputError(phrase`holds NaN or infinity`, { file, place: name, remedy: phrase`Export the network again in float32; float16 weights overflow easily.` });
}
