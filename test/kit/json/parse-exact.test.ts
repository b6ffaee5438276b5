import fc from 'fast-check';
import { isExactNumber, parseExact } from '@sluice/kit/json/parse-exact';

describe('parsing exactly', () => {
  test.each([
    '12345678901234567890',
    '1.0',
    '1e5',
    '-0',
    '0.10',
    '1E400',
    '123456789012345678.5',
    '12345678.123456789',
    '-0.12345678901234567',
  ])('writes %s as it was', (number) => {
    const text = `{"a":[${number}]}`;
    expect(JSON.stringify(parseExact(text))).toBe(text);
  });

  test('gives plain numbers where nothing would be lost', () => {
    expect(parseExact('{"a":1.5,"b":[9007199254740991],"c":"1.0"}')).toEqual({
      a: 1.5,
      b: [9007199254740991],
      c: '1.0',
    });
  });

  test('tells a number that is kept as text from other values', () => {
    expect(isExactNumber(parseExact('1.0'))).toBe(true);
    expect([1, 'a', null, {}, []].some(isExactNumber)).toBe(false);
  });

  test('agrees with JSON.parse on everything that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const plain = JSON.stringify(JSON.parse(text));
        expect(JSON.stringify(parseExact(plain))).toBe(plain);
      }),
    );
  });
});
