import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import { camelOf } from './fields.ts';

/**
 * Google's schema object as the JSON Schema that it stands for: types in lower case, `nullable` as a type, bounds as
 * numbers (the API writes int64 as text). What is JSON Schema already stays as it is.
 * https://ai.google.dev/api/caching#Schema
 */
export function raiseSchema(schema: JsonObject): JsonObject {
  const raised: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (value === null || key === 'nullable') continue;
    const name = camelOf(key);
    const read = READERS.get(name);
    if (name === 'type' && value === 'TYPE_UNSPECIFIED') continue;
    raised[read ? name : key] = read ? read(value) : value;
  }
  return schema['nullable'] === true ? nullable(raised) : raised;
}

const asIs = (value: Json): Json => value;
const raise = (value: Json): Json => (isJsonObject(value) ? raiseSchema(value) : value);
const raiseAll = (value: Json): Json => (Array.isArray(value) ? value.map(raise) : value);
const bound = (value: Json): Json => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value);

const raiseEach = (value: Json): Json => {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, raise(schema)]));
};

const lowerCase = (value: Json): Json => {
  if (typeof value === 'string') return value.toLowerCase();
  return Array.isArray(value) ? value.map(lowerCase) : value;
};

const READERS: ReadonlyMap<string, (value: Json) => Json> = new Map(
  Object.entries({
    type: lowerCase,
    properties: raiseEach,
    items: raise,
    prefixItems: raiseAll,
    anyOf: raiseAll,
    oneOf: raiseAll,
    allOf: raiseAll,
    additionalProperties: raise,
    $defs: raiseEach,
    definitions: raiseEach,
    maxItems: bound,
    minItems: bound,
    maxLength: bound,
    minLength: bound,
    maxProperties: bound,
    minProperties: bound,
    propertyOrdering: asIs,
  }),
);

function nullable(schema: JsonObject): JsonObject {
  const { type } = schema;
  if (typeof type === 'string') return { ...schema, type: [type, 'null'], ...nullableEnum(schema) };
  if (Array.isArray(schema['anyOf'])) return { ...schema, anyOf: [...schema['anyOf'], { type: 'null' }] };
  return { ...schema, nullable: true };
}

/** A list of values must name null too, or it forbids what the type allows. */
function nullableEnum({ enum: values }: JsonObject): JsonObject {
  return Array.isArray(values) && !values.includes(null) ? { enum: [...values, null] } : {};
}
