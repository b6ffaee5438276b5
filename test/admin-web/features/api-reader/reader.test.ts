import { curlOf, exampleOf } from '../../../../admin-web/src/features/api-reader/curl.ts';
import { byTag, findOperations, operationsOf } from '../../../../admin-web/src/features/api-reader/operations.ts';
import { fieldsOf, typeText } from '../../../../admin-web/src/features/api-reader/schema.ts';
import { describeApi } from '../../../../functions/admin/openapi.ts';
import { ROUTES } from '../../../../functions/admin/routes.ts';
import type { ApiDocument, Schema } from '../../../../admin-web/src/features/api-reader/api/openapi.ts';

const document = JSON.parse(JSON.stringify(describeApi(ROUTES, 'test'))) as ApiDocument;
const { schemas } = document.components;
const operations = operationsOf(document);
const call = (id: string) => {
  const found = operations.find((operation) => operation.id === id);
  if (!found) throw new Error(`no operation ${id}`);
  return found;
};

describe('the reader of the API', () => {
  it('has every call once, each under its tag', () => {
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
    expect([...byTag(operations).values()].flat()).toHaveLength(operations.length);
    expect(operations.length).toBeGreaterThan(ROUTES.length);
  });

  it('tells who may call', () => {
    expect(call('getApiKeys').caller).toEqual({ kind: 'session', permission: 'keys:own' });
    expect(call('postV1ChatCompletions').caller).toEqual({ kind: 'key' });
    expect(call('postApiAuthLogin').caller).toEqual({ kind: 'anybody' });
  });

  it('finds by all words, in any order, in path, summary and right', () => {
    const paths = findOperations(operations, 'keys:own POST').map(({ path }) => path);
    expect(paths).toContain('/api/keys');
    expect(findOperations(operations, 'no such call at all')).toEqual([]);
    expect(findOperations(operations, ' ')).toHaveLength(operations.length);
  });

  it('writes types in a few signs', () => {
    expect(typeText({ type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } }, {})).toBe(
      '(string | null)[]',
    );
    expect(typeText({ enum: ['a', 'b'] }, {})).toBe('"a" | "b"');
    expect(typeText({ $ref: '#/components/schemas/Failure' }, schemas)).toBe('object');
    expect(typeText({ type: ['string', 'null'], format: 'date-time' }, {})).toBe('string (date-time) | null');
  });

  it('knows the fields of what may be one thing or another, and of the items of a list', () => {
    const either: Schema = {
      anyOf: [
        { type: 'object', properties: { a: {} }, required: ['a'] },
        { type: 'object', properties: { b: {} } },
      ],
    };
    expect(fieldsOf({ type: 'array', items: either }, {}).map(({ name, isRequired }) => [name, isRequired])).toEqual([
      ['a', false],
      ['b', false],
    ]);
  });

  it('gives every call an example that can be pasted', () => {
    for (const operation of operations) {
      const text = curlOf(operation, { origin: 'https://llm.example.com', schemas });
      expect(text).toContain('https://llm.example.com/');
      expect(text).not.toContain('{name');
    }
    expect(exampleOf(call('postApiKeys').body ?? {}, schemas)).toEqual({ name: 'string' });
  });
});
