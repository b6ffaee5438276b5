import * as fc from 'fast-check';
import { dollars, dollarsToMicros, microsToDollars } from '../../layers/contract/money.ts';

const MAX_MICROS = 1_000_000 * 1_000_000;

describe('dollars as integer micros', () => {
  it.each([
    [1.25, 1_250_000],
    ['1.25', 1_250_000],
    [0.1, 100_000],
    [0.000001, 1],
    [1e-6, 1],
    [1.5e-5, 15],
    ['0.075', 75_000],
    [0, 0],
    [1_000_000, MAX_MICROS],
    [4.35, 4_350_000],
  ])('reads %p as %p micros', (written, micros) => {
    expect(dollarsToMicros(written)).toBe(micros);
  });

  it.each([
    [0.0000001],
    ['1.0000000'],
    [-1],
    ['-0'],
    [1e21],
    [1_000_000.000001],
    ['1e3'],
    [''],
    ['1,5'],
    [NaN],
    [Infinity],
    [' 1'],
  ])('refuses %p', (written) => {
    expect(dollarsToMicros(written)).toBeNull();
    expect(dollars.safeParse(written).success).toBe(false);
  });

  it('gives back every amount of micros exactly, through the number and through its JSON', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_MICROS }), (micros) => {
        const written = microsToDollars(micros);
        expect(dollarsToMicros(written)).toBe(micros);
        expect(dollarsToMicros(JSON.parse(JSON.stringify(written)) as number)).toBe(micros);
      }),
    );
  });

  it('reads every decimal text of up to six places exactly, as text and as a JSON number', () => {
    const text = fc
      .tuple(fc.integer({ min: 0, max: 999_999 }), fc.stringMatching(/^\d{1,6}$/))
      .map(([whole, fraction]) => `${whole}.${fraction}`);
    fc.assert(
      fc.property(text, (written) => {
        const [whole = '', fraction = ''] = written.split('.');
        const expected = BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
        expect(BigInt(dollarsToMicros(written) ?? -1)).toBe(expected);
        expect(BigInt(dollarsToMicros(JSON.parse(written) as number) ?? -1)).toBe(expected);
      }),
    );
  });

  it('never rounds: a seventh decimal that is not zero is refused', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9999 }),
        fc.integer({ min: 0, max: 999_999 }),
        fc.integer({ min: 1, max: 9 }),
        (whole, six, seventh) => {
          expect(dollarsToMicros(Number(`${whole}.${String(six).padStart(6, '0')}${seventh}`))).toBeNull();
        },
      ),
    );
  });
});
