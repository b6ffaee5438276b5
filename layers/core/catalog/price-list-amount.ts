/** An amount of money in a list, as integer micro-dollars. */
export type Amount = { kind: 'micros'; micros: number; isRounded: boolean } | { kind: 'unreadable'; message: string };

const DECIMAL = /^(\d{1,30})(?:\.(\d{1,40}))?(?:e([+-]?\d{1,3}))?$/i;
/** One million dollars. */
const MOST_MICROS = 1_000_000_000_000n;

/**
 * Dollars as they are written, times ten to a power, as an integer: the digits are shifted, no binary fraction is
 * multiplied. What is finer than an integer is rounded half up.
 * @param value a number, whose shortest text is read, or a text; `1.25e-06` is 1 250 000 by twelve places
 * @param places 12: dollars a token to micro-dollars a million tokens; 6: dollars a piece to micro-dollars a piece
 */
export function readAmount(value: unknown, places: number): Amount {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  const match = DECIMAL.exec(text);
  if (!match) return { kind: 'unreadable', message: 'Expected an amount of dollars that is not negative' };
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const shift = places + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  const divisor = shift < 0 ? 10n ** BigInt(-shift) : 1n;
  const scaled = shift > 0 ? digits * 10n ** BigInt(shift) : digits;
  const micros = (2n * scaled + divisor) / (2n * divisor);
  if (micros > MOST_MICROS) return { kind: 'unreadable', message: 'The amount is more than a million dollars' };
  return { kind: 'micros', micros: Number(micros), isRounded: micros * divisor !== scaled };
}
