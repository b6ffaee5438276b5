/** Exact arithmetic on plain decimal texts ("-12.5"), which is how the engine keeps every number. */

import { validationFailure } from './failures.ts';

/** Up to here, text compares and adds as a JavaScript integer without loss. */
const EXACT_INTEGER_DIGITS = 15;
const PLAIN_INTEGER = /^-?\d+$/;

function isSmallInteger(text: string): boolean {
  return text.length <= EXACT_INTEGER_DIGITS && PLAIN_INTEGER.test(text);
}

function fractionDigits(text: string): number {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
}

/** The number as an integer of 10^-scale. */
function scaled(text: string, scale: number): bigint {
  return BigInt(text.replace('.', '') + '0'.repeat(scale - fractionDigits(text)));
}

export function compareDecimals(one: string, other: string): number {
  if (one === other) return 0;
  if (isSmallInteger(one) && isSmallInteger(other)) return Number(one) - Number(other);
  const scale = Math.max(fractionDigits(one), fractionDigits(other));
  const difference = scaled(one, scale) - scaled(other, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function toText(value: bigint, scale: number): string {
  const sign = value < 0n ? '-' : '';
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  return sign + (fraction === '' ? whole : `${whole}.${fraction}`);
}

/** DynamoDB keeps 38 significant digits and magnitudes up to 9.99…E+125; beyond that it refuses. */
function checkRange(text: string): string {
  const digits = text.replace('-', '').replace('.', '').replace(/^0+/, '').replace(/0+$/, '');
  if (digits.length > 38) throw validationFailure('Attempting to store more than 38 significant digits in a Number');
  const whole = text.replace('-', '').split('.')[0]!;
  if (whole.length > 126) {
    throw validationFailure('Number overflow. Attempting to store a number with magnitude larger than supported range');
  }
  return text;
}

/** one + other, or one - other when `sign` is -1. */
export function addDecimals(one: string, other: string, sign: 1 | -1): string {
  if (isSmallInteger(one) && isSmallInteger(other)) return String(Number(one) + sign * Number(other));
  const scale = Math.max(fractionDigits(one), fractionDigits(other));
  return checkRange(toText(scaled(one, scale) + BigInt(sign) * scaled(other, scale), scale));
}
