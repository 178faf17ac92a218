import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { GraphNode } from '../onnx/messages.ts';
import type { ModelIndex } from '../onnx/modelIndex.ts';

/** Operators that Olive and ONNX Runtime's optimiser for U-Nets write for other devices; the CPU has no kernels for them. */
const deviceDomain = 'com.microsoft';
const deviceOperators = new Set(['NhwcConv', 'GroupNorm', 'SkipGroupNorm', 'BiasSplitGelu', 'BiasAdd', 'PackedAttention', 'PackedMultiHeadAttention']);

/** Convolutions in blocks of channels, as ONNX Runtime saves a model that it has optimised altogether: sums that end blocks are part of them. */
const blockedDomain = 'com.microsoft.nchwc';

/** The operator set in which taps and encoders are written. */
const leastOpset = 11;
/** The operator set in which graphs that edit are written: since then Split takes its sizes, and reductions their axes, at run time. */
const leastOpsetToEdit = 13;

/** Version of the standard operators; 0 where the file does not tell. */
export function opsetOf({ opsets }: ModelIndex): number {
  return opsets.get('') ?? 0;
}

/** @throws InputError at an operator that the CPU cannot compute, or that blocks cannot be told in */
function checkOperator({ domain, opType, name, inputs }: GraphNode, file: string): void {
  if (domain === deviceDomain && deviceOperators.has(opType)) {
    throw new InputError(phrase`operator ${opType} runs on other devices only`, {
      file, place: name, remedy: phrase`Export the model without optimisation for a device (Olive writes such operators), or optimise it for the CPU: docs/exporting.md tells how.`,
    });
  }
  // Keys and values of their own are inputs 1 and 2; an empty name is none.
  if (domain === deviceDomain && opType === 'MultiHeadAttention' && [1, 2].some((at) => (inputs.at(at) ?? '') === '')) {
    throw new InputError(phrase`operator ${opType} takes queries, keys and values packed together, which runs on other devices only`, {
      file, place: name, remedy: phrase`Optimise the model with enable_packed_qkv and enable_packed_kv off, or use it as it was exported.`,
    });
  }
  if (domain === blockedDomain) {
    throw new InputError(phrase`was saved by ONNX Runtime with all optimisations, for one kind of processor: its blocks can no longer be told apart`, {
      file, place: name, remedy: phrase`Use the model as it was exported, or save it with ORT_ENABLE_EXTENDED.`,
    });
  }
}

/** @param edits whether sites are to be edited @throws InputError at a model for another device, of too old operators, or instrumented before */
export function checkInstrumentable(index: ModelIndex, edits: boolean): void {
  const { path, nodes, weights, inputs } = index;
  for (const node of nodes) checkOperator(node, path);
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
