import { timeOfRequestId } from '@sluice/kit/ids/request-id';
import { ACCOUNT_SCOPE, counterName, isMeasureLetter, MEASURES, type MeasureLetter } from './measures.ts';
import type { UsageClosing } from './store.ts';
import { isPastRetention, windowAt, type Grid } from './windows.ts';

/*
 * A hold tells which counters were added to, and how much, so that whoever settles it needs neither today's limits nor
 * today's prices or plan. Its text is kept short: every write of the account is paid by its size.
 *
 *   <letters for the account>/<short key id>/<letters for the key>/<soft>/<hard>/<micros>/<units>/<offset>/<plan id>
 *
 * Numbers in base 36, parts that are nothing empty, empty parts at the end left away.
 */

export interface Hold {
  /** Measures counted for the whole account, those of its plan among them. */
  accountMeasures: readonly MeasureLetter[];
  /** `k:<short key id>`; null when nothing was counted for a key. */
  keyScope: string | null;
  keyMeasures: readonly MeasureLetter[];
  amounts: HeldAmounts;
  /** By which day and month the windows were cut. */
  offsetMinutes: number;
  planId: string | null;
}

/** Held or used; `requests` and `flights` are 1 while a request is under way. */
export interface HeldAmounts {
  softTokens: number;
  hardTokens: number;
  micros: number;
  units: number;
}

export function encodeHold(hold: Hold): string {
  const { softTokens, hardTokens, micros, units } = hold.amounts;
  return [
    hold.accountMeasures.join(''),
    hold.keyScope?.slice(2) ?? '',
    hold.keyMeasures.join(''),
    ...[softTokens, hardTokens, micros, units, hold.offsetMinutes].map((value) =>
      value === 0 ? '' : value.toString(36),
    ),
    hold.planId ?? '',
  ]
    .join('/')
    .replace(/\/+$/, '');
}

export function decodeHold(text: string): Hold {
  const [account = '', key = '', keyed = '', soft, hard, micros, units, offset, plan] = text.split('/');
  return {
    accountMeasures: lettersOf(account),
    keyScope: key === '' ? null : `k:${key}`,
    keyMeasures: lettersOf(keyed),
    amounts: {
      softTokens: numberOf(soft),
      hardTokens: numberOf(hard),
      micros: numberOf(micros),
      units: numberOf(units),
    },
    offsetMinutes: numberOf(offset),
    planId: plan || null,
  };
}

function lettersOf(text: string): MeasureLetter[] {
  return [...text].filter(isMeasureLetter);
}

function numberOf(text: string | undefined): number {
  return text ? Number.parseInt(text, 36) : 0;
}

/** A hold where it stands. */
export interface PlacedHold {
  requestId: string;
  hold: Hold;
  /** Seconds since the epoch, of the account. */
  createdAt: number;
}

export interface HeldCounter {
  name: string;
  letter: MeasureLetter;
  held: number;
}

/** Every counter that the hold was added to. */
export function countersOfHold({ requestId, hold, createdAt }: PlacedHold): HeldCounter[] {
  const grid: Grid = { createdAt, offsetMinutes: hold.offsetMinutes };
  const timeMs = timeOfRequestId(requestId) ?? 0;
  const counter = (letter: MeasureLetter, scope: string): HeldCounter => {
    const { window } = MEASURES[letter];
    const name = counterName(letter, scope, window === null ? null : windowAt(window, timeMs, grid).name);
    return { name, letter, held: amountOf(letter, hold.amounts) };
  };
  return [
    ...hold.accountMeasures.map((letter) =>
      counter(letter, MEASURES[letter].of === 'plan' ? (hold.planId ?? '') : ACCOUNT_SCOPE),
    ),
    ...hold.keyMeasures.map((letter) => counter(letter, hold.keyScope ?? '')),
  ];
}

export function amountOf(letter: MeasureLetter, amounts: HeldAmounts): number {
  const kind = MEASURES[letter].amount;
  return kind === 'requests' || kind === 'flights' ? 1 : amounts[kind];
}

/** What stays on the counters for a closed event. A `void` one leaves nothing: nothing was made for it. */
export function settledAmount(letter: MeasureLetter, held: number, closing: UsageClosing): number {
  if (closing.source === 'void') return 0;
  switch (MEASURES[letter].amount) {
    case 'flights':
      return 0;
    case 'requests':
      return 1;
    case 'units':
      return letter === 'i' && closing.parts.images > 0 ? closing.parts.images : held;
    case 'micros':
      return closing.costMicros;
    case 'softTokens':
    case 'hardTokens':
      return totalTokens(closing);
  }
}

/** All tokens, whatever they cost. */
export function totalTokens({ parts }: Pick<UsageClosing, 'parts'>): number {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning, audio } = parts;
  return input + cacheRead + cacheWrite5m + cacheWrite1h + output + reasoning + audio;
}

/**
 * From what is held to what was used. A counter whose window is past retention may be forgotten already and is not
 * brought back.
 */
export function settlementAdditions(
  placed: PlacedHold,
  closing: UsageClosing,
  nowMs: number,
): { name: string; amount: number }[] {
  return countersOfHold(placed)
    .filter(({ name }) => !isPastRetention(name, nowMs))
    .map(({ name, letter, held }) => ({ name, amount: settledAmount(letter, held, closing) - held }))
    .filter(({ amount }) => amount !== 0);
}
