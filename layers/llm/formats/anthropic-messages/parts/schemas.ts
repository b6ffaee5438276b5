import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import { looseArray, looseObject } from '../../reading.ts';

/**
 * A tool's input schema. Its root must be of type `object` and may be no union
 * (`input_schema does not support oneOf, allOf, or anyOf at the top level`).
 */
export function encodeInputSchema(schema: JsonObject | null): JsonObject {
  if (schema === null) return { type: 'object', properties: {} };
  const merged = mergeRootUnions(schema);
  return merged['type'] === 'object' ? merged : { ...merged, type: 'object' };
}

const UNIONS = ['anyOf', 'oneOf', 'allOf'] as const;

/** All properties of all alternatives; required is what each of them requires. */
function mergeRootUnions(schema: JsonObject): JsonObject {
  if (!UNIONS.some((name) => Array.isArray(schema[name]))) return schema;
  const { anyOf, oneOf, allOf, ...rest } = schema;
  const alternatives = [...looseArray(anyOf), ...looseArray(oneOf)].filter(isJsonObject);
  const parts = looseArray(allOf).filter(isJsonObject);
  const properties = [...alternatives, ...parts].reduce<JsonObject>(
    (all, { properties: some }) => ({ ...all, ...looseObject(some) }),
    looseObject(rest['properties']),
  );
  const everywhere = looseArray(alternatives[0]?.['required']).filter((name) =>
    alternatives.every(({ required }) => looseArray(required).includes(name)),
  );
  const required = [
    ...looseArray(rest['required']),
    ...parts.flatMap((part) => looseArray(part['required'])),
    ...everywhere,
  ];
  return {
    ...rest,
    properties,
    ...(required.length > 0 && { required: [...new Set(required)] }),
  };
}

/** Keywords that structured outputs refuse: https://docs.claude.com/en/docs/build-with-claude/structured-outputs */
const REFUSED = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
];
/** Keywords whose value is a map of names to schemas. */
const MAPS = new Set(['properties', '$defs', 'definitions', 'patternProperties']);

/** The schema of an answer: objects are closed, and bounds that cannot be enforced stand in the description. */
export function encodeOutputSchema(schema: JsonObject): JsonObject {
  const encoded: JsonObject = {};
  const told: string[] = [];
  for (const [name, value] of Object.entries(schema)) {
    if (REFUSED.includes(name)) told.push(`${name}: ${JSON.stringify(value)}`);
    else if (MAPS.has(name) && isJsonObject(value)) encoded[name] = mapValues(value);
    else encoded[name] = encodeNested(value);
  }
  if (told.length > 0) {
    const description = typeof schema['description'] === 'string' ? `${schema['description']} ` : '';
    encoded['description'] = `${description}(${told.join(', ')})`;
  }
  if (schema['type'] === 'object' || isJsonObject(schema['properties'])) encoded['additionalProperties'] = false;
  return encoded;
}

function mapValues(schemas: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schemas).map(([name, value]) => [name, encodeNested(value)]));
}

function encodeNested(value: Json): Json {
  if (Array.isArray(value)) return value.map(encodeNested);
  return isJsonObject(value) ? encodeOutputSchema(value) : value;
}
