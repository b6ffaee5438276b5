import { isSameJson } from '@sluice/kit/json/same-json';
import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';

/** What is merged may be simplified once more; after so many rounds it is simple enough. */
const MOST_ROUNDS = 4;

/**
 * A schema without references in fewer words, which mean the same or, where Gemini has no word, less: `const` is an
 * `enum` of one, `oneOf` is `anyOf`, `allOf` is merged, a list of types is a union, `null` among them is `nullable`,
 * values of an `enum` are texts, each schema has a type where one can be told. Conditions, `not`, patterns of names and
 * the like are left out. Simplifying twice changes nothing.
 */
export function simplify(schema: JsonObject): JsonObject {
  let simple = simplifyOnce(schema);
  for (let round = 1; round < MOST_ROUNDS; round += 1) {
    const again = simplifyOnce(simple);
    if (isSameJson(again, simple)) break;
    simple = again;
  }
  return simple;
}

function simplifyOnce(schema: JsonObject): JsonObject {
  const merged = mergeAll(schema);
  const simple: JsonObject = {};
  for (const [key, value] of Object.entries(merged)) simplifyMember(simple, key, value);
  return settleFormat(settleUnion(settleType(simple)));
}

function simplifyMember(simple: JsonObject, key: string, value: Json): void {
  switch (key) {
    case 'properties':
      if (isJsonObject(value)) simple[key] = eachSchema(value);
      return;
    case 'items':
      if (isJsonObject(value)) simple[key] = simplifyOnce(value);
      // Draft 7 wrote tuples so.
      else if (Array.isArray(value)) simple['prefixItems'] = value.map(asSchema);
      return;
    case 'prefixItems':
      if (Array.isArray(value)) simple[key] = value.map(asSchema);
      return;
    case 'anyOf':
    case 'oneOf':
      if (Array.isArray(value)) simple['anyOf'] = [...unionOf(simple), ...value.map(asSchema)];
      return;
    case 'additionalProperties':
      // An open or a closed object cannot be told from the usual one; a map of typed values can.
      if (isJsonObject(value)) {
        const values = simplifyOnce(value);
        if (Object.keys(values).length > 0) simple[key] = values;
      }
      return;
    case 'const':
      simple['enum'] = [value];
      return;
    case 'exclusiveMinimum':
      simple['minimum'] ??= value;
      return;
    case 'exclusiveMaximum':
      simple['maximum'] ??= value;
      return;
    case 'examples':
      if (Array.isArray(value) && value.length > 0) simple['example'] = value[0] as Json;
      return;
    default:
      if (KEPT.has(key)) simple[key] = value;
  }
}

const KEPT = new Set([
  'type',
  'title',
  'description',
  'enum',
  'format',
  'pattern',
  'default',
  'example',
  'nullable',
  'required',
  'propertyOrdering',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
]);

/** `true` allows anything; `false` nothing, which nobody can say. */
function asSchema(value: Json): JsonObject {
  return isJsonObject(value) ? simplifyOnce(value) : {};
}

function eachSchema(schemas: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, asSchema(schema)]));
}

function unionOf(schema: JsonObject): Json[] {
  return Array.isArray(schema['anyOf']) ? schema['anyOf'] : [];
}

/** All branches of `allOf` in one: properties and demands together, of all else the first word counts. */
function mergeAll(schema: JsonObject): JsonObject {
  const branches = schema['allOf'];
  if (!Array.isArray(branches)) return schema;
  const { allOf: _branches, ...own } = schema;
  let merged: JsonObject = own;
  for (const branch of branches) if (isJsonObject(branch)) merged = mergeTwo(merged, mergeAll(branch));
  return merged;
}

function mergeTwo(one: JsonObject, other: JsonObject): JsonObject {
  const merged: JsonObject = { ...other, ...one };
  const [first, second] = [one['properties'], other['properties']];
  if (isJsonObject(first) && isJsonObject(second)) merged['properties'] = mergeProperties(first, second);
  if (Array.isArray(one['required']) && Array.isArray(other['required'])) {
    merged['required'] = [...new Set([...one['required'], ...other['required']])];
  }
  if (Array.isArray(one['enum']) && Array.isArray(other['enum'])) {
    const allowed = new Set(other['enum']);
    merged['enum'] = one['enum'].filter((value) => allowed.has(value));
  }
  return merged;
}

function mergeProperties(one: JsonObject, other: JsonObject): JsonObject {
  const merged: JsonObject = { ...one };
  for (const [name, schema] of Object.entries(other)) {
    const mine = merged[name];
    merged[name] = isJsonObject(mine) && isJsonObject(schema) ? mergeTwo(mine, schema) : schema;
  }
  return merged;
}

/** One type, in lower case; several become a union of their own. */
function settleType(schema: JsonObject): JsonObject {
  const { type: given, ...rest } = schema;
  const types = (Array.isArray(given) ? given : [given]).filter((word): word is string => typeof word === 'string');
  const words = [...new Set(types.map((word) => word.toLowerCase()))];
  const isNullable = words.includes('null') || rest['nullable'] === true;
  const named = words.filter((word) => word !== 'null');
  if (named.length > 1 && rest['anyOf'] === undefined) return splitTypes(rest, named, isNullable);
  const settled: JsonObject = { ...rest };
  const type = named[0] ?? guessType(rest);
  if (type !== undefined && rest['anyOf'] === undefined) settled['type'] = type;
  else if (named.length > 0) settled['type'] = named[0] as string;
  delete settled['nullable'];
  if (isNullable) settled['nullable'] = true;
  return settleEnum(settled);
}

/** Members by the type that they belong to; others stay outside of the union. */
const BELONGS: Readonly<Record<string, string>> = {
  properties: 'object',
  required: 'object',
  propertyOrdering: 'object',
  additionalProperties: 'object',
  minProperties: 'object',
  maxProperties: 'object',
  items: 'array',
  prefixItems: 'array',
  minItems: 'array',
  maxItems: 'array',
  pattern: 'string',
  minLength: 'string',
  maxLength: 'string',
  format: 'string',
};

function splitTypes(schema: JsonObject, types: string[], isNullable: boolean): JsonObject {
  const outside: JsonObject = {};
  const branches = new Map(types.map((type) => [type, { type } as JsonObject]));
  for (const [key, value] of Object.entries(schema)) {
    const owner = Object.hasOwn(BELONGS, key) ? BELONGS[key] : undefined;
    if (owner !== undefined && branches.has(owner)) (branches.get(owner) as JsonObject)[key] = value;
    else if (key !== 'nullable' && owner === undefined && key !== 'enum') outside[key] = value;
  }
  const anyOf = [...branches.values()].map(settleEnum);
  return { ...outside, anyOf, ...(isNullable && { nullable: true }) };
}

function guessType(schema: JsonObject): string | undefined {
  const owner = Object.keys(schema).find((key) => Object.hasOwn(BELONGS, key) && key !== 'format');
  if (owner !== undefined) return BELONGS[owner];
  const values = schema['enum'];
  if (!Array.isArray(values)) return undefined;
  const named = values.filter((value) => value !== null);
  if (named.length > 0 && named.every((value) => typeof value === 'number')) return 'number';
  return named.length > 0 && named.every((value) => typeof value === 'boolean') ? 'boolean' : 'string';
}

/** Gemini compares an enum's values as texts, and knows them for texts and integers; nothing of null stands among them. */
function settleEnum(schema: JsonObject): JsonObject {
  const values = schema['enum'];
  if (!Array.isArray(values)) return schema;
  const named = values.filter((value) => value !== null);
  const isNullable = named.length < values.length;
  const { enum: _values, ...rest } = schema;
  const settled: JsonObject = isNullable ? { ...rest, nullable: true } : rest;
  if (named.length === 0) return settled;
  const texts = [...new Set(named.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))))];
  // The API refuses an empty text among the values: then the type alone must do.
  if (texts.includes('') || settled['type'] === 'boolean') return settled;
  return { ...settled, enum: texts };
}

/** Formats beyond these are refused: https://ai.google.dev/api/caching#Schema */
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  string: ['enum', 'date-time'],
  number: ['float', 'double'],
  integer: ['int32', 'int64'],
};

function settleFormat(schema: JsonObject): JsonObject {
  const { format, ...rest } = schema;
  if (format === undefined) return schema;
  const isKnown = typeof format === 'string' && FORMATS[String(schema['type'])]?.includes(format);
  return isKnown ? schema : rest;
}

/** A branch `null` is `nullable`; a union of one is that one; a union inside of a union is part of it. */
function settleUnion(schema: JsonObject): JsonObject {
  const given = schema['anyOf'];
  if (!Array.isArray(given)) return schema;
  const { anyOf: _union, ...rest } = schema;
  const branches = (given as JsonObject[]).flatMap((branch) =>
    Array.isArray(branch['anyOf']) && Object.keys(branch).length === 1 ? (branch['anyOf'] as JsonObject[]) : [branch],
  );
  const named = branches.filter((branch) => !isNull(branch));
  const settled: JsonObject = named.length < branches.length ? { ...rest, nullable: true } : rest;
  if (named.length === 0) return settled;
  if (named.length === 1) return mergeTwo(settled, named[0] as JsonObject);
  return pushDown(settled, named);
}

/** Beside a union the API takes nothing that says what a value must be: that goes into each branch. */
function pushDown(schema: JsonObject, branches: JsonObject[]): JsonObject {
  const about: JsonObject = {};
  const shared: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'type' || key === 'enum' || Object.hasOwn(BELONGS, key)) shared[key] = value;
    else about[key] = value;
  }
  if (Object.keys(shared).length === 0) return { ...about, anyOf: branches };
  return { ...about, anyOf: branches.map((branch) => mergeTwo(branch, shared)) };
}

/** What is left of `{type: 'null'}`. */
function isNull(branch: JsonObject): boolean {
  return branch['nullable'] === true && Object.keys(branch).length === 1;
}
