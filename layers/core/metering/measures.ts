import type { WindowKind } from './windows.ts';

/*
 * Everything that can be counted, in one table. The letter stands for the measure in the holds of an account; it is
 * stored, so it never changes its meaning; so is its place in the table, and new ones come at the end.
 */

/** Which of a request's amounts a counter takes. */
export type AmountKind = 'requests' | 'softTokens' | 'hardTokens' | 'micros' | 'units' | 'flights';

export interface Measure {
  /** First part of the counter's name. */
  name: string;
  /** Null: the counter belongs to no window. */
  window: WindowKind | null;
  amount: AmountKind;
  /** `scope`: counted for a key or a whole account; `plan`: for the plan in force. */
  of: 'scope' | 'plan';
}

export const MEASURES = {
  r: { name: 'req', window: 'minute', amount: 'requests', of: 'scope' },
  t: { name: 'tok', window: 'day', amount: 'softTokens', of: 'scope' },
  T: { name: 'tok', window: 'roleDay', amount: 'softTokens', of: 'scope' },
  c: { name: 'chat', window: 'day', amount: 'units', of: 'scope' },
  h: { name: 'heavy', window: 'day', amount: 'units', of: 'scope' },
  i: { name: 'img', window: 'day', amount: 'units', of: 'scope' },
  v: { name: 'vid', window: 'day', amount: 'units', of: 'scope' },
  m: { name: 'usd', window: 'month', amount: 'micros', of: 'scope' },
  f: { name: 'fly', window: null, amount: 'flights', of: 'scope' },
  p: { name: 'plan', window: null, amount: 'hardTokens', of: 'plan' },
  q: { name: 'planUsd', window: null, amount: 'micros', of: 'plan' },
} as const satisfies Record<string, Measure>;

export type MeasureLetter = keyof typeof MEASURES;

export function isMeasureLetter(letter: string): letter is MeasureLetter {
  return Object.hasOwn(MEASURES, letter);
}

/** `<measure>#<scope>#<window>`; without a window for what is in flight, with the plan's id for a plan's use. */
export function counterName(letter: MeasureLetter, scope: string, window: string | null): string {
  const { name } = MEASURES[letter];
  return window === null ? `${name}#${scope}` : `${name}#${scope}#${window}`;
}

const SHORT_ID_CHARACTERS = 8;

/** A key's scope. Forty bits of its id are enough to tell one user's keys apart. */
export function keyScope(keyId: string): string {
  return `k:${keyId.slice(keyId.indexOf('_') + 1).slice(0, SHORT_ID_CHARACTERS)}`;
}

/** The scope of what counts for the whole account. */
export const ACCOUNT_SCOPE = 'u';
