import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import { createInliningBudget, inlineReferences, type InliningBudget } from './inline-references.ts';
import { simplify } from './simplify-schema.ts';

/** A schema as the API takes it, and under which kind of member. */
export interface LoweredSchema {
  /** `openapi`: `parameters`, `responseSchema`; `json`: `parametersJsonSchema`, `responseJsonSchema`. */
  kind: 'openapi' | 'json';
  schema: JsonObject;
}

/**
 * Any JSON Schema in the words that Gemini knows. Google's own schema object is what every version of the API reads, so
 * it is used wherever it can say the same; maps (`additionalProperties` with a schema) and tuples (`prefixItems`) it
 * cannot say, so these go as JSON Schema in its supported subset.
 * https://ai.google.dev/api/caching#Schema, https://ai.google.dev/gemini-api/docs/structured-output#json_schema_support
 */
export function lowerSchema(schema: JsonObject, budget: InliningBudget = createInliningBudget()): LoweredSchema {
  const simple = simplify(inlineReferences(schema, budget));
  if (needsJsonSchema(simple)) return { kind: 'json', schema: toJsonSubset(simple) };
  return { kind: 'openapi', schema: toOpenApi(simple) };
}

/** The same, and an object at its root: what a function's parameters must be. Null where there are no parameters. */
export function lowerParameters(
  schema: JsonObject,
  budget: InliningBudget = createInliningBudget(),
): LoweredSchema | null {
  const simple = simplify(inlineReferences(schema, budget));
  const root = objectRoot(simple);
  const hasMembers = isJsonObject(root['properties']) && Object.keys(root['properties']).length > 0;
  if (needsJsonSchema(root)) return { kind: 'json', schema: toJsonSubset(root) };
  return hasMembers ? { kind: 'openapi', schema: toOpenApi(root) } : null;
}

/** A union at the root becomes one object with the members of all: what all demand is demanded. */
function objectRoot(schema: JsonObject): JsonObject {
  const branches = Array.isArray(schema['anyOf']) ? schema['anyOf'].filter(isJsonObject) : [];
  if (branches.length === 0) return { ...schema, type: 'object' };
  const { anyOf: _union, ...rest } = schema;
  const objects = branches.map(objectRoot);
  const own = isJsonObject(rest['properties']) ? rest['properties'] : {};
  const properties: JsonObject = { ...own };
  for (const branch of objects) {
    for (const [name, member] of Object.entries(isJsonObject(branch['properties']) ? branch['properties'] : {})) {
      properties[name] = Object.hasOwn(properties, name) ? either(properties[name] as Json, member) : member;
    }
  }
  const demanded = objects.map((branch) => new Set(stringsOf(branch['required'])));
  const common = stringsOf(objects[0]?.['required']).filter((name) => demanded.every((names) => names.has(name)));
  const required = [...new Set([...stringsOf(rest['required']), ...common])];
  return { ...rest, type: 'object', properties, ...(required.length > 0 && { required }) };
}

function stringsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/** Both schemas of a member that several branches have. Lists of values are joined: a tag tells the branches apart. */
function either(one: Json, other: Json): Json {
  if (JSON.stringify(one) === JSON.stringify(other) || !isJsonObject(one) || !isJsonObject(other)) return one;
  if (Array.isArray(one['enum']) && Array.isArray(other['enum']) && one['type'] === other['type']) {
    return { ...one, enum: [...new Set([...one['enum'], ...other['enum']])] };
  }
  const branches = Array.isArray(one['anyOf']) && Object.keys(one).length === 1 ? one['anyOf'] : [one];
  const isThere = branches.some((branch) => JSON.stringify(branch) === JSON.stringify(other));
  return isThere ? one : { anyOf: [...branches, other] };
}

function needsJsonSchema(schema: Json): boolean {
  if (Array.isArray(schema)) return schema.some(needsJsonSchema);
  if (!isJsonObject(schema)) return false;
  if (isJsonObject(schema['additionalProperties']) || Array.isArray(schema['prefixItems'])) return true;
  return schemasIn(schema).some(needsJsonSchema);
}

function schemasIn(schema: JsonObject): Json[] {
  const properties = isJsonObject(schema['properties']) ? Object.values(schema['properties']) : [];
  const lists = ['anyOf', 'prefixItems'].flatMap((key) => (Array.isArray(schema[key]) ? schema[key] : []));
  return [...properties, ...lists, ...(isJsonObject(schema['items']) ? [schema['items']] : [])];
}

const BOUNDS = new Set(['maxItems', 'minItems', 'maxLength', 'minLength', 'maxProperties', 'minProperties']);
const KEPT = new Set(['description', 'title', 'format', 'pattern', 'minimum', 'maximum', 'example', 'default']);

/** Types in upper case, values of an `enum` as texts, `nullable` in place of a type. */
function toOpenApi(schema: JsonObject): JsonObject {
  const lowered: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'type') lowered['type'] = String(value).toUpperCase();
    else if (key === 'enum') lowered['enum'] = value;
    else if (key === 'nullable' || KEPT.has(key)) lowered[key] = value;
    else if (BOUNDS.has(key)) lowered[key] = typeof value === 'string' ? value : JSON.stringify(value);
    else if (key === 'required' || key === 'propertyOrdering') addNames(lowered, key, schema);
    else if (key === 'properties' && isJsonObject(value)) lowered[key] = mapValues(value, toOpenApi);
    else if (key === 'items' && isJsonObject(value)) lowered[key] = toOpenApi(value);
    else if (key === 'anyOf' && Array.isArray(value)) lowered[key] = value.filter(isJsonObject).map(toOpenApi);
  }
  // The API refuses an array of it knows not what.
  if (lowered['type'] === 'ARRAY' && lowered['items'] === undefined) lowered['items'] = { type: 'STRING' };
  return lowered;
}

/** Names of members that there are: the API refuses others. */
function addNames(lowered: JsonObject, key: string, { [key]: names, properties }: JsonObject): void {
  if (!isJsonObject(properties)) return;
  const known = stringsOf(names).filter((name) => Object.hasOwn(properties, name));
  if (known.length > 0) lowered[key] = known;
}

const JSON_KEPT = new Set([
  'type',
  'format',
  'title',
  'description',
  'enum',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
]);

/** Members beyond the documented subset are left out; `nullable` is a type again. */
function toJsonSubset(schema: JsonObject): JsonObject {
  const lowered: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (JSON_KEPT.has(key)) lowered[key] = BOUNDS.has(key) ? Number(value) : value;
    else if (key === 'required' || key === 'propertyOrdering') addNames(lowered, key, schema);
    else if (key === 'properties' && isJsonObject(value)) lowered[key] = mapValues(value, toJsonSubset);
    else if (key === 'items' || key === 'additionalProperties') {
      lowered[key] = isJsonObject(value) ? toJsonSubset(value) : value;
    } else if ((key === 'anyOf' || key === 'prefixItems') && Array.isArray(value)) {
      lowered[key] = value.map((branch) => (isJsonObject(branch) ? toJsonSubset(branch) : branch));
    }
  }
  return schema['nullable'] === true ? orNull(lowered) : lowered;
}

function orNull(schema: JsonObject): JsonObject {
  const { type, anyOf } = schema;
  if (typeof type === 'string') return { ...schema, type: [type, 'null'], ...nullAmong(schema['enum']) };
  if (Array.isArray(anyOf)) return { ...schema, anyOf: [...anyOf, { type: 'null' }] };
  return { ...schema, type: 'null' };
}

function nullAmong(values: Json | undefined): JsonObject {
  return Array.isArray(values) ? { enum: [...values, null] } : {};
}

function mapValues(object: JsonObject, map: (schema: JsonObject) => JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, schema]) => [name, isJsonObject(schema) ? map(schema) : {}]),
  );
}
