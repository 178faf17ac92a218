import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { ModelIndex } from '../onnx/modelIndex.ts';

/** Domain and operators that Olive writes for other devices; the CPU has no kernels for them. */
const deviceDomain = 'com.microsoft';
const deviceOperators = new Set(['NhwcConv', 'GroupNorm', 'SkipGroupNorm', 'BiasSplitGelu']);

/** The operator set in which taps and encoders are written. */
const leastOpset = 11;
/** The operator set in which graphs that edit are written: since then Split takes its sizes, and reductions their axes, at run time. */
const leastOpsetToEdit = 13;

/** Version of the standard operators; 0 where the file does not tell. */
export function opsetOf({ opsets }: ModelIndex): number {
  return opsets.get('') ?? 0;
}

/** @param edits whether sites are to be edited @throws InputError at a model for another device, of too old operators, or instrumented before */
export function checkInstrumentable(index: ModelIndex, edits: boolean): void {
  const { path, nodes, weights, inputs } = index;
  const foreign = nodes.find(({ domain, opType }) => domain === deviceDomain && deviceOperators.has(opType));
  if (foreign !== undefined) {
    throw new InputError(phrase`operator ${foreign.opType} runs on other devices only`, {
      file: path, place: foreign.name, remedy: phrase`Export the model without optimisation for a device (Olive writes such operators).`,
    });
  }
  const opset = opsetOf(index);
  const least = edits ? leastOpsetToEdit : leastOpset;
  if (opset < least) {
    throw new InputError(phrase`is written in operator set ${opset}`, {
      file: path, remedy: edits ? phrase`To edit it, export it with operator set ${least} or later.` : phrase`Export it with operator set ${least} or later.`,
    });
  }
  const names = [...inputs.map(({ name }) => name), ...weights.keys(), ...nodes.flatMap(({ outputs }) => outputs)];
  const ours = names.find(name => name.startsWith('dmi/') || name.startsWith('edit/'));
  if (ours !== undefined) {
    throw new InputError(phrase`has instruments in it already`, { file: path, place: ours, remedy: phrase`Use the model as it was exported.` });
  }
}
