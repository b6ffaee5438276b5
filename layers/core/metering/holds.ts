import { timeOfRequestId } from '@sluice/kit/ids/request-id';
import { totalTokens } from '@sluice/llm/formats/usage-figures';
import { ACCOUNT_SCOPE, counterName, MEASURES, type MeasureLetter } from './measures.ts';
import type { UsageClosing } from './store.ts';
import { isPastRetention, windowAt, type Grid } from './windows.ts';

/** What was added for one request, and to which counters (`hold-text.ts` writes it). */
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
      if (closing.units !== undefined) return closing.units;
      return letter === 'i' && closing.parts.images > 0 ? closing.parts.images : held;
    case 'micros':
      return closing.costMicros;
    case 'softTokens':
    case 'hardTokens':
      return totalTokens(closing.parts);
  }
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
