import type { Static, TSchema } from 'typebox';
import Value from 'typebox/value';
import { InputError } from './errors.ts';

/**
 * A value read from a file, once it is known to have the shape of `schema`.
 * @param file the file as the user knows it. @param remedy what to do when it does not fit.
 * @throws InputError at the first JSON path that does not fit.
 */
export function checkShape<T extends TSchema>(schema: T, value: unknown, file: string, remedy: string): Static<T> {
  if (Value.Check(schema, value)) return value;
  // An unknown key is reported once by itself and once by the object around it: the object's words are the clearer ones.
  const first = Value.Errors(schema, value).find(({ message }) => message !== 'schema is false');
  const unknown = (first?.params as { additionalProperties?: string[] } | undefined)?.additionalProperties;
  const message = unknown === undefined ? first?.message ?? 'does not have the expected shape' : `unknown key "${unknown.join('", "')}"`;
  throw new InputError(message, { file, place: first?.instancePath ?? '', remedy });
}
