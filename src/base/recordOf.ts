import * as Type from 'typebox';

/**
 * An object whose keys match a pattern, all values of one schema. TypeBox's own `Record` gives the same JSON Schema, and brings with it a compiler of
 * types (120 kB) that every start of the editor would have to read.
 * @param pattern of the keys; left out, any
 */
export function recordOf<S extends Type.TSchema>(value: S, { pattern = '^.*$', ...options }: { readonly pattern?: string } & Type.TObjectOptions = {}): Type.TUnsafe<Record<string, Type.Static<S>>> {
  return Type.Unsafe<Record<string, Type.Static<S>>>({ type: 'object', patternProperties: { [pattern]: value }, ...options });
}
