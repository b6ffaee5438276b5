import { createRandom, hexOf, pickWord } from './text.ts';

/** A JSON Schema as tools and structured output carry it; read loosely. */
export type JsonSchema = Readonly<Record<string, unknown>>;
type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

interface Context {
  root: JsonSchema;
  seed: string;
  random: () => number;
}

/** Beyond this depth only required properties are written, so that a schema that refers to itself ends. */
const GENEROUS_DEPTH = 4;
const MAX_DEPTH = 24;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function resolveReference(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let current = schema;
  for (let hops = 0; hops < 16 && typeof current['$ref'] === 'string'; hops += 1) {
    let target: unknown = root;
    for (const step of current['$ref'].replace(/^#\/?/, '').split('/').filter(Boolean)) {
      const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
      target = isObject(target) ? target[name] : undefined;
    }
    if (!isObject(target)) return {};
    current = target;
  }
  return current;
}

function chooseBranch(schema: JsonSchema, depth: number): JsonSchema | null {
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const branches = schema[keyword];
    if (!Array.isArray(branches)) continue;
    const objects = branches.filter(isObject);
    const nothing = objects.find((branch) => branch['type'] === 'null');
    return (depth >= GENEROUS_DEPTH ? nothing : undefined) ?? objects.find((branch) => branch !== nothing) ?? {};
  }
  return null;
}

function mergeAll(schema: JsonSchema, root: JsonSchema): JsonSchema {
  if (!Array.isArray(schema['allOf'])) return schema;
  const { allOf, ...own } = schema;
  let merged: Record<string, unknown> = { ...own };
  for (const part of (allOf as unknown[]).filter(isObject)) {
    const resolved = mergeAll(resolveReference(part, root), root);
    const properties = {
      ...(isObject(merged['properties']) ? merged['properties'] : {}),
      ...(isObject(resolved['properties']) ? resolved['properties'] : {}),
    };
    const required = [...asArray(merged['required']), ...asArray(resolved['required'])];
    merged = { ...merged, ...resolved, properties, required };
  }
  return merged;
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function typeOf(schema: JsonSchema): string {
  const declared = schema['type'];
  if (typeof declared === 'string') return declared;
  if (Array.isArray(declared)) return String(declared.find((name) => name !== 'null') ?? 'null');
  if (isObject(schema['properties'])) return 'object';
  if (schema['items'] !== undefined) return 'array';
  return 'string';
}

function numberOf(schema: JsonSchema, { random }: Context, whole: boolean): number {
  const bound = (name: string): number | undefined => (typeof schema[name] === 'number' ? schema[name] : undefined);
  const step = bound('multipleOf') ?? (whole ? 1 : 0.5);
  const exclusiveMinimum = bound('exclusiveMinimum');
  const exclusiveMaximum = bound('exclusiveMaximum');
  const maximum = bound('maximum') ?? (exclusiveMaximum === undefined ? undefined : exclusiveMaximum - step);
  const given = bound('minimum') ?? (exclusiveMinimum === undefined ? undefined : exclusiveMinimum + step);
  const minimum = given ?? (maximum === undefined ? 1 : Math.min(1, maximum));
  const steps = Math.max(0, Math.floor(((maximum ?? minimum + step * 99) - minimum) / step));
  const first = Math.ceil(minimum / step) * step;
  const value = first + Math.floor(random() * (steps + 1)) * step;
  return maximum !== undefined && value > maximum ? first : value;
}

function stringOf(schema: JsonSchema, { random, seed }: Context): string {
  switch (schema['format']) {
    case 'date-time':
      return '2026-01-02T03:04:05Z';
    case 'date':
      return '2026-01-02';
    case 'time':
      return '03:04:05Z';
    case 'email':
      return `${pickWord(random)}@example.com`;
    case 'uri':
      return `https://example.com/${pickWord(random)}`;
    case 'uuid': {
      const hex = hexOf(`${seed}${random()}`, 32);
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
    }
    case 'ipv4':
      return '192.0.2.1';
    default: {
      const minimum = typeof schema['minLength'] === 'number' ? schema['minLength'] : 0;
      const maximum = typeof schema['maxLength'] === 'number' ? schema['maxLength'] : Infinity;
      let text = pickWord(random);
      while (text.length < minimum) text += ` ${pickWord(random)}`;
      return text.slice(0, maximum);
    }
  }
}

function objectOf(schema: JsonSchema, context: Context, depth: number): Json {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = new Set(asArray(schema['required']));
  const value: Record<string, Json> = {};
  for (const [name, property] of Object.entries(properties)) {
    if (!isObject(property)) continue;
    if (depth < GENEROUS_DEPTH || required.has(name)) value[name] = write(property, context, depth + 1);
  }
  return value;
}

function arrayOf(schema: JsonSchema, context: Context, depth: number): Json {
  const minimum = typeof schema['minItems'] === 'number' ? schema['minItems'] : 0;
  const maximum = typeof schema['maxItems'] === 'number' ? schema['maxItems'] : Infinity;
  const length = Math.min(Math.max(minimum, depth < GENEROUS_DEPTH ? 2 : 0), maximum);
  const items = isObject(schema['items']) ? schema['items'] : {};
  return Array.from({ length }, () => write(items, context, depth + 1));
}

function write(given: JsonSchema, context: Context, depth: number): Json {
  const schema = mergeAll(resolveReference(given, context.root), context.root);
  if (depth > MAX_DEPTH) return null;
  if (schema['const'] !== undefined) return schema['const'] as Json;
  const choices = schema['enum'];
  if (Array.isArray(choices)) return choices[Math.floor(context.random() * choices.length)] as Json;
  const branch = chooseBranch(schema, depth);
  if (branch) return write(branch, context, depth + 1);
  const type = typeOf(schema);
  if (type === 'object') return objectOf(schema, context, depth);
  if (type === 'array') return arrayOf(schema, context, depth);
  if (type === 'integer' || type === 'number') return numberOf(schema, context, type === 'integer');
  if (type === 'boolean') return context.random() < 0.5;
  return type === 'null' ? null : stringOf(schema, context);
}

/**
 * A value that fits a JSON Schema, the same for the same seed. Follows types, enum, const, properties, required, items,
 * bounds, lengths, common formats, local `$ref`, anyOf, oneOf and allOf; `pattern` is not followed.
 */
export function writeSchemaValue({ schema, seed }: { schema: JsonSchema; seed: string }): Json {
  return write(schema, { root: schema, seed, random: createRandom(seed) }, 0);
}
