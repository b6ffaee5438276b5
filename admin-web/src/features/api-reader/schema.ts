import type { Schema } from './api/openapi.ts';

export type Schemas = Record<string, Schema>;

/** What a `$ref` of this document names; everything else as it is. */
export function resolve(schema: Schema, schemas: Schemas): Schema {
  const name = schema.$ref?.split('/').at(-1);
  const found = name === undefined ? undefined : schemas[name];
  return found ? { ...found, ...(schema.description ? { description: schema.description } : {}) } : schema;
}

/** A schema that may be null is the other one, marked so. */
export function withoutNull(schema: Schema, schemas: Schemas): { schema: Schema; isNullable: boolean } {
  const resolved = resolve(schema, schemas);
  const choices = resolved.anyOf ?? resolved.oneOf;
  if (choices) {
    const others = choices.filter(({ type }) => type !== 'null');
    const [only] = others;
    if (others.length < choices.length) {
      const rest = others.length === 1 && only ? resolve(only, schemas) : { anyOf: others };
      return { schema: { ...rest, ...described(resolved) }, isNullable: true };
    }
  }
  if (Array.isArray(resolved.type) && resolved.type.includes('null')) {
    const types = resolved.type.filter((type) => type !== 'null');
    return { schema: { ...resolved, type: types.length === 1 ? types[0] : types }, isNullable: true };
  }
  return { schema: resolved, isNullable: false };
}

function described({ description, default: preset }: Schema): Schema {
  return { ...(description ? { description } : {}), ...(preset === undefined ? {} : { default: preset }) };
}

/** In a few signs what a value is: `string (date-time)`, `integer[]`, `"a" | "b"`. */
export function typeText(given: Schema, schemas: Schemas): string {
  const { schema, isNullable } = withoutNull(given, schemas);
  return isNullable ? `${bareType(schema, schemas)} | null` : bareType(schema, schemas);
}

const MOST_CHOICES = 12;

function bareType(schema: Schema, schemas: Schemas): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) {
    const shown = schema.enum.slice(0, MOST_CHOICES).map((choice) => JSON.stringify(choice));
    return [...shown, ...(schema.enum.length > MOST_CHOICES ? ['…'] : [])].join(' | ');
  }
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map((choice) => typeText(choice, schemas)))].join(' | ');
  if (schema.type === 'array' || schema.items) {
    const item = schema.items ? typeText(schema.items, schemas) : 'any';
    return item.includes(' ') ? `(${item})[]` : `${item}[]`;
  }
  if (schema.type === 'object' || schema.properties) return 'object';
  const name = Array.isArray(schema.type) ? schema.type.join(' | ') : (schema.type ?? 'any');
  return schema.format ? `${name} (${schema.format})` : name;
}

/** What bounds a value, its length or its number of items: `1 … 200`. */
export function boundsOf(schema: Schema): { of: 'value' | 'length' | 'items'; range: string } | null {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
  const value = rangeText(ownBound(minimum), ownBound(maximum));
  if (value !== null) return { of: 'value', range: value };
  const length = rangeText(minLength, maxLength);
  if (length !== null) return { of: 'length', range: length };
  const items = rangeText(minItems, maxItems);
  return items === null ? null : { of: 'items', range: items };
}

/** Whole numbers without bounds of their own come with those of JavaScript. */
function ownBound(bound: number | undefined): number | undefined {
  return bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? undefined : bound;
}

function rangeText(least: number | undefined, most: number | undefined): string | null {
  if (least === undefined) return most === undefined ? null : `≤ ${most}`;
  return most === undefined ? `≥ ${least}` : `${least} … ${most}`;
}

export interface Field {
  name: string;
  schema: Schema;
  isRequired: boolean;
}

/** The fields of an object, of an array's items, or of what either may be; empty where there are none. */
export function fieldsOf(given: Schema, schemas: Schemas): Field[] {
  const { schema } = withoutNull(given, schemas);
  if (schema.items) return fieldsOf(schema.items, schemas);
  if (schema.allOf) return schema.allOf.flatMap((part) => fieldsOf(part, schemas));
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) {
    const found = new Map<string, Field>();
    for (const field of choices.flatMap((choice) => fieldsOf(choice, schemas))) {
      if (!found.has(field.name)) found.set(field.name, { ...field, isRequired: false });
    }
    return [...found.values()];
  }
  const required = new Set(schema.required ?? []);
  const own = Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    schema: property,
    isRequired: required.has(name),
  }));
  const { additionalProperties: rest } = schema;
  const hasRest = typeof rest === 'object' && Object.keys(rest).length > 0;
  return hasRest ? [...own, { name: '*', schema: rest, isRequired: false }] : own;
}
