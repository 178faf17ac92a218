import type { Static, TObject } from 'typebox';
import { checkShape } from '../../base/checkShape.ts';
import { phrase } from '../../base/phrase.ts';
import type { ComponentConfig } from '../componentConfig.ts';

/**
 * The keys of a `scheduler_config.json` that a scheduler reads, as diffusers' `from_config` does: what is left out has the class's default, keys of other classes are dropped.
 * @throws InputError at a key whose value is not supported
 */
export function readSchedulerConfig<T extends TObject>(keys: T, defaults: object, { path, values }: ComponentConfig<object>): Static<T> {
  const known = Object.fromEntries(Object.entries(values).filter(([key]) => Object.hasOwn(keys.properties, key)));
  return checkShape(keys, { ...defaults, ...known }, path, phrase`Set the key to a value that is supported here, or use a pipeline trained with one.`);
}
