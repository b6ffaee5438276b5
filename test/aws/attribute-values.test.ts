import { describe, expect, it } from '@jest/globals';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as fc from 'fast-check';
import { fromAttributeMap, toAttributeMap } from '../../layers/aws/attribute-values.ts';
import type { Document, DocumentValue } from '../../layers/aws/table-client.ts';

const value: fc.Arbitrary<DocumentValue> = fc.letrec<{ value: DocumentValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.maxSafeInteger(),
    fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
      .filter((n) => n === 0 || Math.abs(n) > 1e-100),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 20 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;
const document = fc.dictionary(fc.string({ minLength: 1 }), value, { noNullPrototype: true }) as fc.Arbitrary<Document>;

/** Negative zero is stored as zero. */
function withoutNegativeZero(input: DocumentValue | undefined): unknown {
  if (Object.is(input, -0)) return 0;
  if (Array.isArray(input)) return input.map(withoutNegativeZero);
  if (typeof input !== 'object' || input === null || input instanceof Uint8Array) return input;
  return Object.fromEntries(Object.entries(input).map(([name, entry]) => [name, withoutNegativeZero(entry)]));
}

describe('attribute values', () => {
  it('every document comes back as it was', () => {
    fc.assert(
      fc.property(document, (input) => {
        expect(fromAttributeMap(JSON.parse(JSON.stringify(toAttributeMap(input))))).toEqual(withoutNegativeZero(input));
      }),
    );
  });

  it("agrees with the SDK's own marshaller, but for bytes, which it leaves to the wire", () => {
    const input = { s: 'x', n: [0, -1.5, 1e21 / 1e10], b: true, z: null, l: [[], {}], m: { a: { b: '' } } };
    expect(toAttributeMap(input)).toEqual(marshall(input));
  });

  it('leaves out what is undefined, at any depth', () => {
    expect(toAttributeMap({ a: undefined, b: { c: undefined, d: 1 } })).toEqual({ b: { M: { d: { N: '1' } } } });
  });

  it.each([NaN, Infinity, 2 ** 53, -(2 ** 60), 1e300, 5e-324])(
    'refuses to store %p, which would not come back',
    (n) => {
      expect(() => toAttributeMap({ n })).toThrow(RangeError);
    },
  );

  it.each(['9007199254740993', '1E+40', '-123456789012345678901234567890'])(
    'refuses to read %s, which a JavaScript number would round',
    (text) => {
      expect(() => fromAttributeMap({ n: { N: text } })).toThrow(RangeError);
    },
  );

  it('refuses what is no plain value, and sets, which we never write', () => {
    expect(() => toAttributeMap({ when: (() => 1) as never })).toThrow(TypeError);
    expect(() => toAttributeMap({ many: 1n as never })).toThrow(TypeError);
    expect(() => fromAttributeMap({ set: { SS: ['a'] } })).toThrow(/type SS/);
  });

  it('an attribute called __proto__ is an attribute', () => {
    const input = JSON.parse('{"__proto__": {"x": 1}}') as Document;
    const back = fromAttributeMap(toAttributeMap(input));
    expect(Object.keys(back)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
  });
});
