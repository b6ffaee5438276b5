import type { Hold } from './holds.ts';
import { isMeasureLetter, MEASURES, type MeasureLetter } from './measures.ts';

/*
 * A hold tells which counters were added to, and how much, so that whoever settles it needs neither today's limits nor
 * today's prices or plan. Its text is kept short, since every write of the account is paid by its size:
 *
 *   0<account's measures>/<short key id>/<key's measures>/<soft>/<hard>/<micros>/<units>/<offset>/<plan id>
 *
 * Measures are bits in the order of their table; numbers in base 36, one unit and an offset of eight hours empty, other
 * parts that are nothing empty, empty parts at the end left away. Texts that do not begin with 0 are of the first
 * version, which named measures by their letters and left nothing empty but zeros.
 */

const LETTERS = Object.keys(MEASURES).filter(isMeasureLetter);
/** What is left away: the one unit of a call, and the offset that a deployment begins with. */
const USUAL_UNITS = 1;
const USUAL_OFFSET = 480;

export function encodeHold(hold: Hold): string {
  const { softTokens, hardTokens, micros, units } = hold.amounts;
  return [
    `0${numberText(bitsOf(hold.accountMeasures))}`,
    hold.keyScope?.slice(2) ?? '',
    ...[bitsOf(hold.keyMeasures), softTokens, hardTokens, micros, units - USUAL_UNITS].map(numberText),
    numberText(hold.offsetMinutes - USUAL_OFFSET),
    hold.planId ?? '',
  ]
    .join('/')
    .replace(/\/+$/, '');
}

export function decodeHold(text: string): Hold {
  const [account = '', key = '', keyed = '', soft, hard, micros, units, offset, plan] = text.split('/');
  const isFirst = !account.startsWith('0');
  return {
    accountMeasures: isFirst ? lettersIn(account) : lettersOf(numberOf(account)),
    keyScope: key === '' ? null : `k:${key}`,
    keyMeasures: isFirst ? lettersIn(keyed) : lettersOf(numberOf(keyed)),
    amounts: {
      softTokens: numberOf(soft),
      hardTokens: numberOf(hard),
      micros: numberOf(micros),
      units: numberOf(units) + (isFirst ? 0 : USUAL_UNITS),
    },
    offsetMinutes: numberOf(offset) + (isFirst ? 0 : USUAL_OFFSET),
    planId: plan || null,
  };
}

function bitsOf(letters: readonly MeasureLetter[]): number {
  let bits = 0;
  for (const letter of letters) bits |= 1 << LETTERS.indexOf(letter);
  return bits;
}

function lettersOf(bits: number): MeasureLetter[] {
  return LETTERS.filter((_letter, place) => (bits & (1 << place)) !== 0);
}

function lettersIn(text: string): MeasureLetter[] {
  return [...text].filter(isMeasureLetter);
}

function numberText(value: number): string {
  return value === 0 ? '' : value.toString(36);
}

function numberOf(text: string | undefined): number {
  return text ? Number.parseInt(text, 36) : 0;
}
