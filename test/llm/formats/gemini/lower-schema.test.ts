import { jest } from '@jest/globals';
import fc from 'fast-check';
import { lowerParameters, lowerSchema } from '@sluice/llm/formats/gemini/parts/lower-schema';
import { raiseSchema } from '@sluice/llm/formats/gemini/parts/raise-schema';
import { isJsonObject, type Json, type JsonObject } from '@sluice/llm/neutral/json';

/** `LAW_RUNS=10000` for a long run; fast-check names seed and path of what fails. */
const RUNS = Number(process.env['LAW_RUNS'] ?? '') || 60;
jest.setTimeout(Math.max(30_000, RUNS * 200));

const lowered = (schema: JsonObject) => lowerSchema(schema).schema;
const property = (schema: JsonObject) =>
  (lowered({ type: 'object', properties: { it: schema } })['properties'] as JsonObject)['it'];

describe("Google's schema object", () => {
  test('types are in upper case and bounds are texts', () => {
    expect(lowerSchema({ type: 'array', items: { type: 'integer', minimum: 1 }, maxItems: 3 })).toEqual({
      kind: 'openapi',
      schema: { type: 'ARRAY', items: { type: 'INTEGER', minimum: 1 }, maxItems: '3' },
    });
  });

  test('references are replaced by what they mean', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { a: { $ref: '#/$defs/A', description: 'mine' }, b: { $ref: '#/definitions/B%20b' } },
      $defs: { A: { type: 'string', description: 'theirs' } },
      definitions: { 'B b': { type: 'number' } },
    };
    expect(lowered(schema)).toEqual({
      type: 'OBJECT',
      properties: { a: { type: 'STRING', description: 'mine' }, b: { type: 'NUMBER' } },
    });
  });

  test('a definition that holds itself is repeated a few times and then left open', () => {
    const schema = {
      $ref: '#/$defs/Node',
      $defs: {
        Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' }, value: { type: 'string' } } },
      },
    };
    const cut = { type: 'OBJECT' };
    const inner = { type: 'OBJECT', properties: { next: cut, value: { type: 'STRING' } } };
    expect(lowered(schema)).toEqual({ type: 'OBJECT', properties: { next: inner, value: { type: 'STRING' } } });
  });

  test('definitions that double each other end in bounded size and time', () => {
    const $defs: JsonObject = {};
    for (let index = 0; index < 40; index += 1) {
      const next = { $ref: `#/$defs/D${index + 1}` };
      $defs[`D${index}`] = { type: 'object', properties: { left: next, right: next } };
    }
    const text = JSON.stringify(lowered({ $ref: '#/$defs/D0', $defs }));
    expect(text.length).toBeLessThan(1_000_000);
  });

  test('a reference to nothing, or to another file, allows anything', () => {
    expect(property({ $ref: '#/$defs/None' })).toEqual({});
    expect(property({ $ref: 'https://example.com/x.json' })).toEqual({});
  });

  test('properties may be named as keywords are', () => {
    const properties = {
      $ref: { type: 'string' },
      ref: { type: 'string' },
      type: { type: 'integer' },
      anyOf: { type: 'string' },
    };
    expect(lowered({ type: 'object', properties, required: ['type', 'ref'] })).toEqual({
      type: 'OBJECT',
      properties: {
        $ref: { type: 'STRING' },
        ref: { type: 'STRING' },
        type: { type: 'INTEGER' },
        anyOf: { type: 'STRING' },
      },
      required: ['type', 'ref'],
    });
  });

  test.each<[string, JsonObject, JsonObject]>([
    ['const is an enum of one', { const: 'a' }, { type: 'STRING', enum: ['a'] }],
    ['const of a number keeps its type', { type: 'integer', const: 3 }, { type: 'INTEGER', enum: ['3'] }],
    ['an enum of numbers is one of texts', { enum: [1, 2] }, { type: 'NUMBER', enum: ['1', '2'] }],
    [
      'null in an enum is nullable',
      { type: 'string', enum: ['a', null] },
      { type: 'STRING', enum: ['a'], nullable: true },
    ],
    ['an enum with an empty text is only its type', { type: 'string', enum: ['', 'a'] }, { type: 'STRING' }],
    ['a type list with null is nullable', { type: ['string', 'null'] }, { type: 'STRING', nullable: true }],
    [
      'a type list is a union',
      { type: ['string', 'integer'], description: 'x' },
      { description: 'x', anyOf: [{ type: 'STRING' }, { type: 'INTEGER' }] },
    ],
    [
      'oneOf is anyOf',
      { oneOf: [{ type: 'string' }, { type: 'number' }] },
      { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }] },
    ],
    [
      'a union with null is nullable',
      { anyOf: [{ type: 'string' }, { type: 'null' }] },
      { type: 'STRING', nullable: true },
    ],
    [
      'what stands beside a union goes into its branches',
      { type: 'object', properties: { a: { type: 'string' } }, anyOf: [{ required: ['a'] }, { description: 'b' }] },
      {
        anyOf: [
          { type: 'OBJECT', properties: { a: { type: 'STRING' } }, required: ['a'] },
          { type: 'OBJECT', properties: { a: { type: 'STRING' } }, description: 'b' },
        ],
      },
    ],
    [
      'allOf is merged',
      {
        allOf: [
          { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
          { properties: { b: { type: 'string' } }, required: ['b'] },
        ],
      },
      {
        type: 'OBJECT',
        properties: { a: { type: 'STRING' }, b: { type: 'STRING' } },
        required: ['a', 'b'],
      },
    ],
    ['unknown formats are left out', { type: 'string', format: 'uri' }, { type: 'STRING' }],
    ['known formats stay', { type: 'string', format: 'date-time' }, { type: 'STRING', format: 'date-time' }],
    ['an array of it knows not what is one of texts', { type: 'array' }, { type: 'ARRAY', items: { type: 'STRING' } }],
    ['a type is guessed where it is missing', { properties: { a: {} } }, { type: 'OBJECT', properties: { a: {} } }],
    [
      'names of members that there are not are left out',
      { type: 'object', properties: { a: {} }, required: ['a', 'b'] },
      { type: 'OBJECT', properties: { a: {} }, required: ['a'] },
    ],
    [
      'conditions and closed objects are left out',
      { type: 'object', properties: { a: { not: {} } }, additionalProperties: false, if: {}, else: {} },
      { type: 'OBJECT', properties: { a: {} } },
    ],
  ])('%s', (_name, schema, expected) => {
    expect(property(schema)).toEqual(expected);
  });
});

describe('what it cannot say', () => {
  test('maps and tuples go as JSON Schema in the supported subset', () => {
    const schema: JsonObject = {
      type: 'object',
      properties: {
        map: { type: ['object', 'null'], additionalProperties: { type: 'integer' }, $comment: 'x' },
        tuple: { type: 'array', items: [{ type: 'string' }, { const: 'b' }] },
      },
    };
    expect(lowerSchema(schema)).toEqual({
      kind: 'json',
      schema: {
        type: 'object',
        properties: {
          map: { type: ['object', 'null'], additionalProperties: { type: 'integer' } },
          tuple: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'string', enum: ['b'] }] },
        },
      },
    });
  });
});

describe('parameters of functions', () => {
  test('a union at the root is one object, whose tag may have all values', () => {
    const branch = (kind: string, more: JsonObject): JsonObject => ({
      type: 'object',
      properties: { kind: { const: kind }, ...more },
      required: ['kind', ...Object.keys(more)],
    });
    const schema = { anyOf: [branch('a', { x: { type: 'string' } }), branch('b', { x: { type: 'integer' } })] };
    expect(lowerParameters(schema)).toEqual({
      kind: 'openapi',
      schema: {
        type: 'OBJECT',
        properties: {
          kind: { type: 'STRING', enum: ['a', 'b'] },
          x: { anyOf: [{ type: 'STRING' }, { type: 'INTEGER' }] },
        },
        required: ['kind', 'x'],
      },
    });
  });

  test('no properties are no parameters', () => {
    expect(lowerParameters({ type: 'object', properties: {} })).toBeNull();
    expect(lowerParameters({})).toBeNull();
  });
});

const leaf = fc.constantFrom<JsonObject>(
  { type: 'string' },
  { type: ['integer', 'null'], minimum: 1 },
  { const: 'x' },
  { enum: ['a', 'b', null] },
  { enum: [1, 2] },
  { type: 'boolean', enum: [true] },
  { $ref: '#/$defs/D' },
  { type: 'null' },
  {},
);
const { schema: someSchema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
  schema: fc.oneof<fc.Arbitrary<object>[]>(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.record({ type: fc.constant('array'), items: tie('schema'), maxItems: fc.constantFrom<Json>(3, '3') }),
    fc.record({
      type: fc.constantFrom<Json>('object', 'OBJECT'),
      properties: fc.dictionary(fc.constantFrom('a', 'type', '$ref', 'items'), tie('schema')),
      required: fc.constant<Json>(['a', 'zzz']),
      additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
    }),
    fc.record({ anyOf: fc.array(tie('schema'), { maxLength: 3 }), description: fc.constant('d') }),
    fc.record({ oneOf: fc.array(tie('schema'), { maxLength: 3 }), nullable: fc.boolean() }),
    fc.record({ allOf: fc.array(tie('schema'), { maxLength: 3 }), title: fc.constant('t') }),
  ) as fc.Arbitrary<JsonObject>,
}));

const KEYWORDS = new Set([
  'type',
  'properties',
  'items',
  'required',
  'anyOf',
  'enum',
  'nullable',
  'description',
  'title',
  'minimum',
  'maxItems',
  'prefixItems',
  'additionalProperties',
  'format',
]);

function onlyKeywords(schema: Json): void {
  if (!isJsonObject(schema)) return;
  for (const key of Object.keys(schema)) expect(KEYWORDS).toContain(key);
  for (const key of ['properties'])
    for (const inner of Object.values((schema[key] ?? {}) as JsonObject)) onlyKeywords(inner);
  onlyKeywords(schema['items'] ?? null);
  for (const inner of (schema['anyOf'] ?? []) as Json[]) onlyKeywords(inner);
}

describe('any schema', () => {
  test('is lowered to words that the API knows, and lowering it twice changes nothing', () => {
    fc.assert(
      fc.property(someSchema, (schema) => {
        const given = { ...schema, $defs: { D: { type: 'object', properties: { d: { $ref: '#/$defs/D' } } } } };
        const once = lowerSchema(given);
        onlyKeywords(once.schema);
        expect(lowerSchema(once.schema)).toEqual(once);
        // Back in JSON Schema it is lowered to the same, so that what was cached stays of use.
        expect(lowerSchema(raiseSchema(once.schema))).toEqual(once);
      }),
      { numRuns: RUNS * 5 },
    );
  });
});
