import fc from 'fast-check';
import { addDecimals, compareDecimals } from '../../../../infra/local/store/dynamodb/decimals.ts';

/** A plain decimal text with its exact value as an integer of 10^-12. */
const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 12 }))
  .map(([digits, scale]) => {
    const sign = digits < 0n ? '-' : '';
    const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
    const [whole, fraction] = [text.slice(0, text.length - scale), text.slice(text.length - scale)];
    return { text: sign + (scale === 0 ? whole : `${whole}.${fraction}`), value: digits * 10n ** BigInt(12 - scale) };
  });

test('sums and differences are exact', () => {
  fc.assert(
    fc.property(decimal, decimal, (one, other) => {
      const sum = addDecimals(one.text, other.text, 1);
      expect(compareDecimals(addDecimals(sum, other.text, -1), one.text)).toBe(0);
      const scaled = BigInt(sum.replace('.', '') + '0'.repeat(12 - (sum.split('.')[1] ?? '').length));
      expect(scaled).toBe(one.value + other.value);
    }),
  );
});

test('order is the order of the values', () => {
  fc.assert(
    fc.property(decimal, decimal, (one, other) => {
      const expected = one.value < other.value ? -1 : one.value > other.value ? 1 : 0;
      expect(Math.sign(compareDecimals(one.text, other.text))).toBe(expected);
    }),
  );
});

test('a sum of more than 38 digits is refused rather than rounded', () => {
  expect(() => addDecimals('1', `0.${'0'.repeat(37)}1`, 1)).toThrow(/38 significant digits/);
});
