import { z } from 'zod';

const MICROS_PER_DOLLAR = 1_000_000;
const MAX_DOLLARS = 1_000_000;
const DECIMAL = /^(\d{1,7})(?:\.(\d{1,6}))?$/;

/**
 * Dollars as written to integer micro-dollars, exactly: the digits are read, no binary fraction is multiplied.
 * @param dollars e.g. `1.25` or `"0.075"`; at most 6 decimals and one million dollars
 * @returns null when the amount is negative, too large, or has more decimals than a micro-dollar can hold
 */
export function dollarsToMicros(dollars: number | string): number | null {
  const match = DECIMAL.exec(plainDecimal(dollars));
  if (!match) return null;
  const [, whole = '0', fraction = ''] = match;
  const micros = Number(whole) * MICROS_PER_DOLLAR + Number(fraction.padEnd(6, '0'));
  return micros <= MAX_DOLLARS * MICROS_PER_DOLLAR ? micros : null;
}

/** The exact inverse of `dollarsToMicros`, as the number that JSON writes with the fewest digits. */
export function microsToDollars(micros: number): number {
  const whole = Math.floor(micros / MICROS_PER_DOLLAR);
  return Number(`${whole}.${String(micros % MICROS_PER_DOLLAR).padStart(6, '0')}`);
}

/** JavaScript writes small numbers with an exponent (`1e-6`); a price list does not. */
function plainDecimal(dollars: number | string): string {
  if (typeof dollars === 'string') return dollars;
  const text = String(dollars);
  const small = /^(\d)(?:\.(\d+))?e-(\d+)$/.exec(text);
  if (!small) return text;
  const [, digit = '', more = '', exponent = '0'] = small;
  return `0.${'0'.repeat(Number(exponent) - 1)}${digit}${more}`;
}

/** Dollars (a number, or text where a number would lose digits), read into integer micro-dollars. */
export const dollars = z
  .union([z.number(), z.string()])
  .transform((amount, context) => {
    const micros = dollarsToMicros(amount);
    if (micros !== null) return micros;
    context.addIssue({
      code: 'custom',
      message: 'Expected dollars from 0 to 1000000 with at most 6 decimals, e.g. 1.25',
    });
    return z.NEVER;
  })
  .meta({ description: 'Dollars, 0 to 1000000, at most 6 decimals.' });
