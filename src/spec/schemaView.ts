import type { TSchema } from 'typebox';

/** The JSON Schema keywords that `schema.ts` uses, so that code can walk a schema without casts. */
export interface SchemaView {
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly SchemaView[];
  /** Exactly one of these keys must be present. */
  readonly oneOf?: readonly { readonly required: readonly string[] }[];
  readonly properties?: Readonly<Record<string, SchemaView>>;
  readonly patternProperties?: Readonly<Record<string, SchemaView>>;
  /** Says what the keys are. */
  readonly propertyNames?: { readonly description?: string };
  readonly required?: readonly string[];
  readonly minProperties?: number;
  readonly maxProperties?: number;
  /** One schema for every item, or one for each. */
  readonly items?: SchemaView | readonly SchemaView[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A TypeBox schema is JSON Schema; this names the keywords of it. */
export function viewSchema(schema: TSchema): SchemaView {
  return schema;
}

/** What a schema accepts, in words: `a whole number from 1 to 1000`. */
export function accepts(schema: SchemaView): string {
  if (schema.anyOf !== undefined) return oneOf(schema.anyOf.map(accepts));
  if (schema.enum !== undefined) return oneOf(schema.enum.map((word) => JSON.stringify(word)));
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  switch (schema.type) {
    case 'string':
      return schema.pattern !== undefined && schema.description !== undefined
        ? `a text (${asPhrase(schema.description)})`
        : `a text${schema.maxLength === undefined ? '' : ` of at most ${schema.maxLength} characters`}`;
    case 'integer': return `a whole number${bounds(schema)}`;
    case 'number': return `a number${bounds(schema)}`;
    case 'boolean': return 'true or false';
    case 'array': return `a list${itemCount(schema)}`;
    case 'object': return `an object${keys(schema)}`;
    default: return 'any value';
  }
}

/** A description within a sentence of ours: `A name.` becomes `a name`. */
export function asPhrase(description: string): string {
  return description.replace(/\.$/, '').replace(/^A /, 'a ');
}

/** `a, b or c`. */
export function oneOf(alternatives: readonly string[]): string {
  return alternatives.length < 2 ? alternatives.join('') : `${alternatives.slice(0, -1).join(', ')} or ${alternatives.at(-1) ?? ''}`;
}

function bounds({ minimum, maximum }: SchemaView): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  return maximum === undefined ? '' : ` of at most ${maximum}`;
}

function itemCount({ items, minItems, maxItems }: SchemaView): string {
  if (Array.isArray(items)) return ` of ${items.length} values: ${items.map(accepts).join(', ')}`;
  const each = items === undefined || Array.isArray(items) ? '' : `, each ${accepts(items as SchemaView)}`;
  if (minItems !== undefined && maxItems !== undefined) return ` of ${minItems} to ${maxItems} values${each}`;
  return `${maxItems === undefined ? '' : ` of at most ${maxItems} values`}${each}`;
}

function keys({ properties, required = [] }: SchemaView): string {
  const names = required.length > 0 ? required : Object.keys(properties ?? {});
  return names.length === 0 ? '' : ` with ${names.map((name) => JSON.stringify(name)).join(', ')}`;
}
