import { parsePointer } from '../../spec/jsonPath.ts';

/** A JSON Schema that is being written, with the keywords of VS Code's JSON language service. */
export interface SchemaNode {
  type?: string;
  description?: string;
  enum?: unknown[];
  /** One for each value of `enum`. */
  enumDescriptions?: string[];
  const?: unknown;
  anyOf?: SchemaNode[];
  properties?: Record<string, SchemaNode>;
  patternProperties?: Record<string, SchemaNode>;
  items?: SchemaNode | SchemaNode[];
  minItems?: number;
  maxItems?: number;
  defaultSnippets?: { label: string; description?: string; body: unknown }[];
  definitions?: Record<string, SchemaNode>;
  allowComments?: boolean;
  allowTrailingCommas?: boolean;
  $ref?: string;
}

/** A value that completion offers, and what it says about it. */
export interface Offer {
  readonly value: string;
  readonly description: string;
}

/** A schema that accepts what it did, and offers values besides: what is offered is known of one model, and other values may be right for another. */
export function offer(schema: SchemaNode, offers: readonly Offer[]): SchemaNode {
  if (offers.length === 0) return schema;
  const { description, ...rest } = schema;
  const live: SchemaNode = { type: 'string', enum: offers.map(({ value }) => value), enumDescriptions: offers.map((one) => one.description) };
  return { ...(description !== undefined && { description }), anyOf: [rest, live] };
}

/** Where a part of the schema stands that many others point to. */
export class Definitions {
  readonly all: Record<string, SchemaNode> = {};

  /** A reference to the part called `name`; it is written down the first time. */
  refer(name: string, schema: () => SchemaNode): SchemaNode {
    if (!Object.hasOwn(this.all, name)) this.all[name] = schema();
    return { $ref: `#/definitions/${name}` };
  }
}

/** The schema of an object's key. @throws Error when it has none: the format has changed, and this room has not followed */
export function member(schema: SchemaNode, key: string): SchemaNode {
  const found = schema.properties?.[key] ?? Object.values(schema.patternProperties ?? {}).at(0);
  if (found === undefined) throw new Error(`the schema has no "${key}"`);
  return found;
}

/** The schema of a list's items. @throws Error when it is no list */
export function itemOf({ items }: SchemaNode): SchemaNode {
  if (items === undefined || Array.isArray(items)) throw new Error('the schema is no list');
  return items;
}

/** What a JSON pointer leads to; of alternatives, the first that knows its next part. */
export function schemaAt(schema: SchemaNode, pointer: string): SchemaNode | undefined {
  return parsePointer(pointer).reduce<SchemaNode | undefined>((at, part) => at && step(at, part), schema);
}

function step(schema: SchemaNode, part: string): SchemaNode | undefined {
  if (schema.anyOf !== undefined) {
    for (const alternative of schema.anyOf) {
      const found = step(alternative, part);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (schema.items !== undefined) return Array.isArray(schema.items) ? schema.items[Number(part)] : schema.items;
  return schema.properties !== undefined && Object.hasOwn(schema.properties, part) ? schema.properties[part] : undefined;
}
