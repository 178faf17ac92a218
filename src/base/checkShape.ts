import type { Static, TSchema } from 'typebox';
import { Check, Errors } from 'typebox/schema';
import { InputError } from './errors.ts';
import { phrase, type Phrase } from './phrase.ts';

/** Whether a value has the shape of `schema`. */
export function hasShape<T extends TSchema>(schema: T, value: unknown): value is Static<T> {
  return Check(schema, value);
}

/**
 * A value read from a file, once it is known to have the shape of `schema`.
 * @param file the file as the user knows it. @param remedy what to do when it does not fit.
 * @throws InputError at the first JSON path that does not fit.
 */
export function checkShape<T extends TSchema>(schema: T, value: unknown, file: string, remedy: Phrase | string): Static<T> {
  if (hasShape(schema, value)) return value;
  // An unknown key is reported once by itself and once by the object around it: the object's words are the clearer ones.
  const first = Errors(schema, value)[1].find(({ message }) => message !== 'schema is false');
  const unknown = (first?.params as { additionalProperties?: string[] } | undefined)?.additionalProperties;
  const message = unknown === undefined ? first?.message ?? phrase`does not have the expected shape` : phrase`unknown key "${unknown.join('", "')}"`;
  throw new InputError(message, { file, place: first?.instancePath ?? '', remedy });
}
