import { InputError } from '../base/errors.ts';
import { openSession, type OpenOptions, type Session } from '../onnx/session.ts';

/** Open a network of a judge and see that it has the inputs and outputs that `judge.json` names. @throws InputError when it has not */
export async function openNetwork(file: string, input: string, outputs: readonly string[], options: OpenOptions): Promise<Session> {
  const session = await openSession({ path: file }, options);
  const missing = [
    ...[input].filter((name) => !session.inputs.some((declared) => declared.name === name)),
    ...outputs.filter((name) => !session.outputs.some((declared) => declared.name === name)),
  ];
  if (missing.length === 0) return session;
  await session.close();
  const names = [...session.inputs, ...session.outputs].map(({ name }) => name);
  throw new InputError(`has no "${missing[0]}" among ${names.join(', ')}`, { file, place: missing[0], remedy: 'Make judge.json and the network agree.' });
}
