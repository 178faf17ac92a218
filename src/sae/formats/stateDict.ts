import { InputError } from '../../base/errors.ts';
import { phrase } from '../../base/phrase.ts';
import type { PickleValue } from '../../base/pickle.ts';
import { TorchTensor } from '../../base/torchFile.ts';

/** A state dictionary: its tensors, and whatever else it holds. */
export interface StateDict {
  readonly tensors: ReadonlyMap<string, TorchTensor>;
  readonly others: ReadonlyMap<string, PickleValue>;
}

/** The dictionary that a file holds, or that stands in it under a name. @throws InputError where there is none */
export function stateDictOf(value: PickleValue, file: string, place = ''): StateDict {
  if (!(value instanceof Map)) {
    throw new InputError(phrase`is no dictionary of tensors`, { file, place, remedy: phrase`Save the SAE's tensors: torch.save(module.state_dict(), path).` });
  }
  const tensors = new Map<string, TorchTensor>();
  const others = new Map<string, PickleValue>();
  for (const [key, item] of value) {
    if (item instanceof TorchTensor) tensors.set(String(key), item);
    else others.set(String(key), item);
  }
  return { tensors, others };
}
