import { backOffAfter } from './back-off.ts';
import type { RefreshPolicy } from '../store.ts';
import type { Alarm, ExchangeOutcome, RefreshCause, RefreshOutcome, RefreshResult } from './outcome.ts';
import { ambiguousWrite, beginWrite, clearWrite, invalidWrite, saveWrite, takeOverWrite } from './rules.ts';
import type { SealedGrant, TokenRow, TokenWrite } from './tokens.ts';

/*
 * One refresh, as a machine without clock, store or network: each step takes what was learnt and says what to do next.
 * `refresh.ts` carries it out; test/faults/refresh explores every order in which several of them can run and break off.
 *
 *   looking → (waiting → looking)* → beginning → exchanging → saving → done
 *                                                          ↘ closing (clear, invalid, ambiguous) → done
 *                                                           saving ↘ puttingAside → done
 */

/** How long one attempt may take until it counts as broken off. */
export const LEASE_MS = 30_000;
/** From the first byte sent to the last one read. */
export const EXCHANGE_TIMEOUT_MS = 10_000;
/** A process that was asleep, and has less than this left of its lease, sends nothing any more. */
const NEEDED_MS = EXCHANGE_TIMEOUT_MS + 5_000;
/** An upstream that refuses each access token it is shown does not make us ask for more and more of them. */
const BETWEEN_REJECTIONS_MS = 5_000;
const POLL_MS = 250;
/** Those who wait for another's attempt give up a little after its lease. */
const LONGEST_WAIT_MS = LEASE_MS + 5_000;
const MOST_TRIES = 3;
/** Nothing is dearer than tokens that were received. */
const MOST_SAVE_TRIES = 6;

export interface RefreshFacts {
  /** Unique; names the attempt. */
  attempt: string;
  /** Who asks, for the lease. */
  owner: string;
  cause: RefreshCause;
  policy: RefreshPolicy;
  /** Epoch milliseconds. */
  startedAt: number;
}

type Phase =
  | { name: 'looking'; lost: number }
  | { name: 'waiting' }
  | { name: 'beginning'; row: TokenRow; until: number }
  | { name: 'exchanging'; row: TokenRow; until: number }
  | { name: 'saving'; row: TokenRow; grant: SealedGrant; write: TokenWrite; lost: number }
  | { name: 'putting-aside'; row: TokenRow; grant: SealedGrant; why: 'superseded' | 'unsaved'; lost: number }
  | { name: 'closing'; attempt: string; rotation: number; write: TokenWrite; result: RefreshResult; lost: number }
  | { name: 'done' };

export interface Machine {
  facts: RefreshFacts;
  phase: Phase;
  /** Our intent may stand in the row, though we never heard so. */
  mayHold: boolean;
  /** The rotation that was found first: one that is higher was refreshed meanwhile. */
  firstRotation: number | null;
  /** This attempt follows one of unknown outcome. */
  isRepeat: boolean;
}

export type Command =
  | { do: 'read' }
  | { do: 'wait'; ms: number }
  | { do: 'write'; write: TokenWrite; afterMs: number }
  | { do: 'exchange'; row: TokenRow }
  | { do: 'put-aside'; row: TokenRow; grant: SealedGrant; why: 'superseded' | 'unsaved'; afterMs: number }
  | { do: 'done'; result: RefreshResult };

export type News =
  | { got: 'row'; row: TokenRow | null }
  | { got: 'woken' }
  | { got: 'written' }
  | { got: 'refused'; row: TokenRow | null }
  /** The store failed; the write may have been made. */
  | { got: 'lost' }
  | { got: 'outcome'; outcome: ExchangeOutcome };

export interface Step {
  machine: Machine;
  command: Command;
  alarms: readonly Alarm[];
}

export function begin(facts: RefreshFacts): Step {
  const machine: Machine = {
    facts,
    phase: { name: 'looking', lost: 0 },
    mayHold: false,
    firstRotation: null,
    isRepeat: false,
  };
  return { machine, command: { do: 'read' }, alarms: [] };
}

/** @param now epoch milliseconds at which the news came */
export function next(machine: Machine, news: News, now: number): Step {
  const { phase } = machine;
  switch (phase.name) {
    case 'looking':
      if (news.got === 'row') return decide(machine, news.row, now);
      return phase.lost + 1 < MOST_TRIES ? look(machine, phase.lost + 1) : withoutStore(machine, now);
    case 'waiting':
      return look(machine, 0);
    case 'beginning':
      return begun(machine, phase, news, now);
    case 'exchanging':
      if (news.got !== 'outcome') throw unexpected(machine, news);
      return exchanged(machine, phase.row, news.outcome, now);
    case 'saving':
      return saved(machine, phase, news);
    case 'putting-aside':
      return putAside(machine, phase, news);
    case 'closing':
      return closed(machine, phase, news, now);
    case 'done':
      throw unexpected(machine, news);
  }
}

function unexpected({ phase }: Machine, { got }: News): Error {
  return new Error(`A refresh that is ${phase.name} does not know what to do with ${got}.`);
}

/** The row as it stands: what follows from it for this cause. */
function decide(given: Machine, row: TokenRow | null, now: number): Step {
  const { cause, policy, attempt } = given.facts;
  if (row === null) return done(given, 'not-found', 'There is no such credential.');
  const machine = { ...given, firstRotation: given.firstRotation ?? row.rotation };
  // The answer to our own beginning was lost.
  if (row.intent === attempt && machine.mayHold) {
    return exchange({ ...machine, isRepeat: row.isRepeated }, row, row.lease?.until ?? now, now);
  }
  if (isAnswered(machine, row)) return done(machine, 'current', 'It was refreshed meanwhile.');
  if (row.refreshToken === null) return done(machine, 'no-refresh-token', 'There is no refresh token.');
  const mayInsist = cause.kind === 'manual' && cause.onceMore;
  if (row.intent !== null) {
    const isOver = row.ambiguous !== null || row.lease === null || row.lease.until <= now;
    if (!isOver) return wait(machine, row.lease?.until ?? now, now);
    if (mayInsist || (policy.ambiguous === 'send-once-more' && !row.isRepeated)) return takeOver(machine, row, now);
    if (row.ambiguous !== null) return done(machine, 'ambiguous', row.ambiguous.reason);
    return flag(machine, { attempt: row.intent, rotation: row.rotation, reason: BROKEN_OFF }, now);
  }
  if (row.invalid !== null && !mayInsist) return done(machine, 'invalid', row.invalid.reason);
  if (row.backOff !== null && row.backOff.until > now && cause.kind !== 'manual') {
    return done(machine, 'backing-off', row.lastResult?.text ?? 'The last refresh failed.');
  }
  if (!isWanted(cause, row, now)) return done(machine, 'not-due', 'It is not due.');
  const write = beginWrite(row, attemptAt(machine, row, now), mayInsist);
  return tryToBegin({ ...machine, isRepeat: false }, row, write, now);
}

const BROKEN_OFF = 'An attempt to refresh it broke off, and nobody knows whether the server took it.';

function isAnswered({ facts: { cause }, firstRotation }: Machine, row: TokenRow): boolean {
  if (firstRotation !== null && row.rotation > firstRotation) return true;
  if (cause.kind === 'access-token') return row.accessToken !== null && row.accessDigest !== cause.digest;
  return cause.kind === 'manual' && row.refreshedAt !== null && row.refreshedAt > cause.since;
}

function isWanted(cause: RefreshCause, row: TokenRow, now: number): boolean {
  if (cause.kind === 'manual') return true;
  if (cause.kind === 'access-token') {
    return !isRejected(cause, row, now) || row.rejectedAt === null || row.rejectedAt <= now - BETWEEN_REJECTIONS_MS;
  }
  if (row.dueAt !== null && row.dueAt <= now) return true;
  return cause.staleBefore !== null && (row.staleSince ?? cause.staleBefore) < cause.staleBefore;
}

/** An upstream refused a token whose time was not over. */
function isRejected(cause: RefreshCause, row: TokenRow, now: number): boolean {
  const isOver = row.accessExpiresAt !== null && row.accessExpiresAt <= now;
  return cause.kind === 'access-token' && row.accessToken !== null && !isOver;
}

function attemptAt({ facts }: Machine, row: TokenRow, now: number): Parameters<typeof beginWrite>[1] {
  const { attempt: id, owner, cause } = facts;
  return { id, owner, now, leaseMs: LEASE_MS, isForRejected: isRejected(cause, row, now) };
}

function look(machine: Machine, lost: number): Step {
  return go(machine, { name: 'looking', lost }, { do: 'read' });
}

/** A sweep has others to look after; everybody else is told the outcome. */
function wait(machine: Machine, until: number, now: number): Step {
  const { cause, startedAt } = machine.facts;
  if (cause.kind === 'schedule' || now - startedAt > LONGEST_WAIT_MS) {
    return done(machine, 'busy', 'Another attempt is under way.');
  }
  return go(machine, { name: 'waiting' }, { do: 'wait', ms: Math.min(POLL_MS, until - now + 1) });
}

function tryToBegin(machine: Machine, row: TokenRow, write: TokenWrite, now: number): Step {
  const phase: Phase = { name: 'beginning', row, until: now + LEASE_MS };
  return go({ ...machine, mayHold: true }, phase, { do: 'write', write, afterMs: 0 });
}

/** Whose outcome is unknown is told of all the same. */
function takeOver(machine: Machine, row: TokenRow, now: number): Step {
  const step = tryToBegin({ ...machine, isRepeat: true }, row, takeOverWrite(row, attemptAt(machine, row, now)), now);
  if (row.ambiguous !== null || row.intent === null) return step;
  const text = `${BROKEN_OFF} It is tried once more.`;
  return { ...step, alarms: [{ ...alarm(machine, 'credential_refresh_ambiguous', text), attempt: row.intent }] };
}

function begun(machine: Machine, phase: Phase & { name: 'beginning' }, news: News, now: number): Step {
  if (news.got === 'written') return exchange(machine, phase.row, phase.until, now);
  if (news.got === 'lost') return look(machine, 0);
  if (news.got !== 'refused') throw unexpected(machine, news);
  return decide(machine, news.row, now);
}

/** Where it took us too long to get here, others may have given us up: nothing is sent. */
function exchange(machine: Machine, row: TokenRow, until: number, now: number): Step {
  if (until - now >= NEEDED_MS) {
    return go(machine, { name: 'exchanging', row, until }, { do: 'exchange', row });
  }
  return clear(machine, row, { outcome: 'failed', text: 'The attempt began too late.' }, { now, retryAfterMs: null });
}

function exchanged(machine: Machine, row: TokenRow, outcome: ExchangeOutcome, now: number): Step {
  const { attempt, policy } = machine.facts;
  const { text } = outcome;
  switch (outcome.kind) {
    case 'granted':
      return save(machine, row, outcome.grant, saveWrite(row, outcome.grant, { attempt, now, text }));
    case 'not-sent':
      return clear(machine, row, { outcome: 'failed', text }, { now, retryAfterMs: null });
    case 'refused':
      return clear(machine, row, { outcome: 'failed', text }, { now, retryAfterMs: outcome.retryAfterMs });
    case 'server-error': {
      if (policy.serverError === 'unknown') return flag(machine, ours(machine, row, text), now);
      const { retryAfterMs } = outcome;
      return clear(machine, row, { outcome: 'failed', text }, { now, retryAfterMs, isServerError: true });
    }
    case 'invalid-grant': {
      const write = invalidWrite(row, { attempt, now, reason: text });
      return close(machine, row.rotation, write, { outcome: 'invalid', text });
    }
    case 'unknown':
      return flag(machine, ours(machine, row, text), now);
  }
}

function ours({ facts }: Machine, row: TokenRow, reason: string): Parameters<typeof flag>[1] {
  return { attempt: facts.attempt, rotation: row.rotation, reason };
}

function clear(
  machine: Machine,
  row: TokenRow,
  result: RefreshResult,
  facts: { now: number; retryAfterMs: number | null; isServerError?: boolean },
): Step {
  const { attempt, policy } = machine.facts;
  const { now, retryAfterMs, isServerError = false } = facts;
  // What this attempt knows of itself says nothing of the one before it.
  if (machine.isRepeat && policy.ambiguous === 'stop') return flag(machine, ours(machine, row, result.text), now);
  const backOff = backOffAfter(row, { now, retryAfterMs, isSpent: isServerError && isLastTry(row, policy) });
  const write = clearWrite({ attempt, now, outcome: result.outcome, text: result.text, backOff });
  const step = close(machine, row.rotation, write, result);
  if (!isServerError || !isLastTry(row, policy)) return step;
  return { ...step, alarms: [alarm(machine, 'credential_refresh_failing', result.text)] };
}

function isLastTry({ backOff }: TokenRow, { serverErrorTries }: RefreshPolicy): boolean {
  return (backOff?.failures ?? 0) + 1 >= serverErrorTries;
}

/** Somebody is told before it is written down, so that breaking off in between is not silent either. */
function flag(machine: Machine, facts: { attempt: string; rotation: number; reason: string }, now: number): Step {
  const { attempt, rotation, reason } = facts;
  const write = ambiguousWrite({ attempt, now, reason });
  const step = close(machine, rotation, write, { outcome: 'ambiguous', text: reason }, attempt);
  return { ...step, alarms: [{ ...alarm(machine, 'credential_refresh_ambiguous', reason), attempt }] };
}

function save(machine: Machine, row: TokenRow, grant: SealedGrant, write: TokenWrite): Step {
  return go(machine, { name: 'saving', row, grant, write, lost: 0 }, { do: 'write', write, afterMs: 0 });
}

function saved(machine: Machine, phase: Phase & { name: 'saving' }, news: News): Step {
  const { row, grant, write } = phase;
  if (news.got === 'written') return done(machine, 'refreshed', 'It is refreshed.');
  if (news.got === 'refused') {
    // The answer to an earlier saving of ours was lost.
    if (news.row?.savedBy.includes(machine.facts.attempt)) return done(machine, 'refreshed', 'It is refreshed.');
    return setAside(machine, row, grant, 'superseded');
  }
  const lost = phase.lost + 1;
  if (lost >= MOST_SAVE_TRIES) return setAside(machine, row, grant, 'unsaved');
  return go(machine, { ...phase, lost }, { do: 'write', write, afterMs: pauseBefore(lost) });
}

function pauseBefore(lost: number): number {
  return 50 * 3 ** (lost - 1);
}

function setAside(machine: Machine, row: TokenRow, grant: SealedGrant, why: 'superseded' | 'unsaved'): Step {
  const step = go(machine, { name: 'putting-aside', row, grant, why, lost: 0 }, putAsideCommand(row, grant, why, 0));
  return { ...step, alarms: [alarm(machine, `credential_tokens_${why}`, ASIDE[why])] };
}

const ASIDE = {
  superseded: 'Tokens came after the operator had given another refresh token; they lie aside.',
  unsaved: 'Tokens could not be saved; they lie aside.',
} as const;

function putAsideCommand(row: TokenRow, grant: SealedGrant, why: 'superseded' | 'unsaved', afterMs: number): Command {
  return { do: 'put-aside', row, grant, why, afterMs };
}

function putAside(machine: Machine, phase: Phase & { name: 'putting-aside' }, news: News): Step {
  const { row, grant, why } = phase;
  if (news.got === 'written') return done(machine, why, ASIDE[why]);
  const lost = phase.lost + 1;
  if (lost < MOST_TRIES) {
    return go(machine, { ...phase, lost }, putAsideCommand(row, grant, why, pauseBefore(lost)));
  }
  const text = 'No store takes tokens that were received; they stand here, sealed.';
  return { ...done(machine, why, text), alarms: [{ ...alarm(machine, 'credential_tokens_in_log', text), grant }] };
}

/** @param attempt whose end it is, where it is not ours */
function close(machine: Machine, rotation: number, write: TokenWrite, result: RefreshResult, attempt?: string): Step {
  const phase: Phase = {
    name: 'closing',
    attempt: attempt ?? machine.facts.attempt,
    rotation,
    write,
    result,
    lost: 0,
  };
  return go(machine, phase, { do: 'write', write, afterMs: 0 });
}

function closed(machine: Machine, phase: Phase & { name: 'closing' }, news: News, now: number): Step {
  const { result, write, rotation, attempt } = phase;
  if (news.got === 'written') return conclude(machine, result);
  if (news.got === 'lost') {
    const lost = phase.lost + 1;
    if (lost >= MOST_TRIES) return conclude(machine, result);
    return go(machine, { ...phase, lost }, { do: 'write', write, afterMs: pauseBefore(lost) });
  }
  const row = news.got === 'refused' ? news.row : null;
  if (row === null) return done(machine, 'not-found', 'The credential was deleted meanwhile.');
  if (row.rotation !== rotation) return done(machine, 'current', 'It was refreshed meanwhile.');
  // Our own writing, whose answer was lost, or somebody else who came to know the same.
  if (attempt === machine.facts.attempt || row.intent === null) return conclude(machine, result);
  return decide(machine, row, now);
}

function conclude(machine: Machine, { outcome, text }: RefreshResult): Step {
  const step = done(machine, outcome, text);
  if (outcome !== 'invalid') return step;
  return { ...step, alarms: [alarm(machine, 'credential_refresh_token_invalid', text)] };
}

/** The store does not answer. An intent of ours that may stand there is taken back, since nothing was sent. */
function withoutStore(machine: Machine, now: number): Step {
  const result: RefreshResult = { outcome: 'store-unavailable', text: 'The store does not answer.' };
  if (!machine.mayHold) return done(machine, result.outcome, result.text);
  const { attempt } = machine.facts;
  const backOff = { until: now, failures: 0 };
  const write = clearWrite({ attempt, now, outcome: 'failed', text: result.text, backOff });
  return close(machine, machine.firstRotation ?? 0, write, result);
}

function alarm({ facts }: Machine, event: Alarm['event'], text: string): Alarm {
  return { event, attempt: facts.attempt, text, grant: null };
}

function go(machine: Machine, phase: Phase, command: Command): Step {
  return { machine: { ...machine, phase }, command, alarms: [] };
}

function done(machine: Machine, outcome: RefreshOutcome, text: string): Step {
  return go(machine, { name: 'done' }, { do: 'done', result: { outcome, text } });
}
