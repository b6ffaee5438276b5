import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { timeOfRequestId, timePrefixOfRequestIds } from '@sluice/kit/ids/request-id';
import type { Clock } from '@sluice/kit/time/clock';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { QuotaClass } from '../catalog/store.ts';
import type { AdmissionWrite, LedgerAccount, LedgerAccountStore } from './account-store.ts';
import {
  PLAN_LIFE_MS,
  ROOM_LIFE_MS,
  useByAnswer,
  useByView,
  type AccountView,
  type AccountViews,
} from './account-views.ts';
import { decide, type Decision, type Demand, type Refusal } from './decision.ts';
import { decodeHold, encodeHold } from './hold-text.ts';
import { amountOf } from './holds.ts';
import { hasLimits, limitsInForce, type Limit, type LimitedScope } from './limits.ts';
import { ADMISSION_MARGIN_MS, MINUTE_MARGIN_MS } from './margin.ts';
import { ACCOUNT_SCOPE, MEASURES, type MeasureLetter } from './measures.ts';
import { limitHeaders, refusalError } from './refusals.ts';
import { isPastRetention } from './windows.ts';

/*
 * Admission to one ledger account (architecture.md §4, docs/decisions/0014). What to hold is computed from what this
 * process saw last; one conditional write takes it or shows why not, and what it shows is computed with again. The
 * write is never repeated blindly: after a lost answer one consistent read decides.
 */

/** Who wants to take what from which account. */
export interface AdmissionRequest {
  requestId: string;
  accountId: string;
  scopes: readonly LimitedScope[];
  class: QuotaClass;
  demand: Demand;
}

/** A hold that was, or may have been, taken; enough to settle it. */
export interface TakenHold {
  accountId: string;
  requestId: string;
  text: string;
  /** Of the account, seconds since the epoch. */
  createdAt: number;
  /** Counter names that are past retention; the settlement forgets them. */
  outdated: readonly string[];
}

/** A request on its way into an account. */
export interface Ticket {
  request: AdmissionRequest;
  next: Proposal;
}

export interface Admitted {
  hold: TakenHold;
  outputCap: number | null;
  /** `x-ratelimit-*` */
  headers: Record<string, string>;
}

export interface Admission {
  /**
   * Computes what to hold. Nothing is written, but for an account that is used for the first time.
   * @returns null when no limit binds
   * @throws GatewayError the limit's refusal, `store_unavailable`
   */
  prepare(request: AdmissionRequest): Promise<Ticket | null>;
  /**
   * Takes it.
   * @param note told of every hold that may be standing in the account, before the write that puts it there; told
   * null when it is sure that there is none
   * @throws GatewayError the limit's refusal, `store_unavailable`
   */
  take(ticket: Ticket, note: (hold: TakenHold | null) => void): Promise<Admitted>;
}

export interface AdmissionDeps {
  accounts: Pick<LedgerAccountStore, 'admit' | 'read' | 'ensure'>;
  views: AccountViews;
  clock: Clock;
  scheduler: Pick<Scheduler, 'monotonicMs'>;
  /** Minutes east of UTC that days and months follow. */
  timeZoneOffsetMinutes: number;
  /** Told of accounts that show holds as old as the margin. */
  onStale(account: LedgerAccount): void;
}

interface Proposal {
  write: AdmissionWrite;
  createdAt: number;
  limits: readonly Limit[];
  outputCap: number | null;
  isShort: boolean;
}

/** A refusal, and what the caller is told of its limits with it. */
interface Refused extends Refusal {
  headers: Record<string, string>;
}

/** Each round computes with what the last one showed, so more are needed only where others are always quicker. */
const MOST_ROUNDS = 5;
/** An item holds 400 KB; each hold takes some 50 bytes, and each write is paid by the item's size. */
const MOST_HOLDS = 2_000;
/** Names that one settlement forgets. */
const MOST_OUTDATED = 25;

export function createAdmission(deps: AdmissionDeps): Admission {
  const reread = createRereading(deps);
  return {
    async prepare(request) {
      if (!hasLimits(request.scopes, request.class)) return null;
      let view = deps.views.get(request.accountId) ?? (await readView(deps, request, false));
      let proposal = propose(deps, request, view, useByView(view, deps.scheduler.monotonicMs()));
      if (isOutdatedPlan(deps, proposal, view) || isOutdatedRoom(deps, proposal, view)) {
        view = await reread(request);
        proposal = propose(deps, request, view, useByView(view, deps.scheduler.monotonicMs()));
      }
      return { request, next: orThrow(deps, proposal) };
    },
    take: (ticket, note) => take(deps, ticket, note),
  };
}

type Asking = Pick<AdmissionRequest, 'accountId' | 'requestId'>;

/** Of a flood that is refused, one reads for all. */
function createRereading(deps: AdmissionDeps): (request: Asking) => Promise<AccountView> {
  const underWay = new Map<string, Promise<AccountView>>();
  return (request) => {
    const { accountId } = request;
    const known = underWay.get(accountId);
    if (known !== undefined) return known;
    const reading = readView(deps, request, true).finally(() => underWay.delete(accountId));
    underWay.set(accountId, reading);
    return reading;
  };
}

async function readView(deps: AdmissionDeps, request: Asking, consistent: boolean): Promise<AccountView> {
  const stored = await unlessUnavailable(deps.accounts.read(request.accountId, { consistent }));
  const account = stored?.whole ? stored : await create(deps, request);
  return deps.views.saw(account, deps.scheduler.monotonicMs());
}

/** Its minutes begin with the request that brings it about, however long the store took since. */
function create(deps: AdmissionDeps, { accountId, requestId }: Asking): Promise<LedgerAccount> {
  const beganAt = timeOfRequestId(requestId) ?? deps.clock();
  return unlessUnavailable(deps.accounts.ensure(accountId, Math.floor(beganAt / 1_000)));
}

/** A refusal by a plan that may have been extended or replaced since it was seen. */
function isOutdatedPlan(deps: AdmissionDeps, proposal: Proposal | Refused, view: AccountView): boolean {
  if (!('reason' in proposal) || (proposal.limit.owner !== 'plan' && proposal.limit.letter !== 'T')) return false;
  return deps.scheduler.monotonicMs() - view.seenAt > PLAN_LIFE_MS;
}

function isOutdatedRoom(deps: AdmissionDeps, proposal: Proposal | Refused, view: AccountView): boolean {
  return 'isShort' in proposal && proposal.isShort && deps.scheduler.monotonicMs() - view.seenAt > ROOM_LIFE_MS;
}

type Seen = Pick<AccountView, 'createdAt' | 'entitlement' | 'plan' | 'counters'>;

/** The write for an account that looks like this, or what refuses it. */
function propose(
  { timeZoneOffsetMinutes, clock }: AdmissionDeps,
  request: AdmissionRequest,
  seen: Seen,
  use: ReturnType<typeof useByAnswer>,
): Proposal | Refused {
  const { requestId, accountId, scopes, demand } = request;
  const timeMs = timeOfRequestId(requestId) ?? 0;
  const grid = { createdAt: seen.createdAt, offsetMinutes: timeZoneOffsetMinutes };
  const inForce = limitsInForce({ scopes, class: request.class, timeMs, plan: seen.plan, grid });
  // A request that turns to this credential late began in a minute that is over.
  const isLate = isFurther(request) && clock() - timeMs > MINUTE_MARGIN_MS;
  const limits = isLate ? inForce.filter((limit) => !isOfMinute(limit.letter)) : inForce;
  const decision = decide(limits, demand, use);
  if (decision.kind === 'refused') return { ...decision.refusal, headers: limitHeaders(limits, use.likely) };
  const { amounts } = decision;
  return {
    write: {
      accountId,
      requestId,
      hold: holdText(limits, decision, seen.plan?.id ?? null, timeZoneOffsetMinutes),
      entitlement: seen.entitlement,
      counters: limits.map(({ letter, counter, limit }) => {
        const amount = amountOf(letter, amounts);
        return { name: counter, amount, room: limit - amount };
      }),
      mostHolds: MOST_HOLDS,
    },
    createdAt: seen.createdAt,
    limits,
    outputCap: decision.outputCap,
    isShort: decision.isShort,
  };
}

function holdText(
  limits: readonly Limit[],
  { amounts }: Extract<Decision, { kind: 'hold' }>,
  planId: string | null,
  offsetMinutes: number,
): string {
  const kinds = new Set(limits.map(({ letter }) => MEASURES[letter].amount as string));
  const ofAccount = limits.filter(({ scope }) => scope === ACCOUNT_SCOPE);
  const ofKey = limits.filter(({ scope }) => scope !== ACCOUNT_SCOPE);
  return encodeHold({
    accountMeasures: ofAccount.map(({ letter }) => letter),
    keyScope: ofKey[0]?.scope ?? null,
    keyMeasures: ofKey.map(({ letter }) => letter),
    amounts: {
      softTokens: kinds.has('softTokens') ? amounts.softTokens : 0,
      hardTokens: kinds.has('hardTokens') ? amounts.hardTokens : 0,
      micros: kinds.has('micros') ? amounts.micros : 0,
      units: kinds.has('units') ? amounts.units : 0,
    },
    offsetMinutes,
    planId: ofAccount.some(({ owner }) => owner === 'plan') ? planId : null,
  });
}

function orThrow({ clock }: AdmissionDeps, proposal: Proposal | Refused): Proposal {
  if ('reason' in proposal) throw refusalError(proposal, clock(), proposal.headers);
  return proposal;
}

async function take(
  deps: AdmissionDeps,
  { request, next }: Ticket,
  note: (hold: TakenHold | null) => void,
): Promise<Admitted> {
  let proposal = next;
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    assertInTime(deps, proposal);
    note(takenHold(proposal, []));
    const outcome = await deps.accounts
      .admit(proposal.write)
      .catch((cause: unknown) => ({ outcome: 'lost', cause }) as const);
    if (outcome.outcome === 'lost') return decideByRead(deps, proposal, outcome.cause);
    if (outcome.outcome === 'admitted') return finish(deps, proposal, outcome.account);
    note(null);
    const stood = outcome.account;
    if (stood?.whole) noteStale(deps, stood);
    const account = stood?.whole ? stood : await create(deps, request);
    if (request.requestId in account.holds) throw unavailable('A hold stands under this id already');
    const { floors } = deps.views.sawRefusal(account, deps.scheduler.monotonicMs());
    if (Object.keys(account.holds).length >= MOST_HOLDS) throw tooManyOpen();
    const again = propose(deps, request, account, useByAnswer(account));
    proposal = orThrow(deps, 'reason' in again ? inUseOrUsedUp(again, floors, proposal) : again);
  }
  throw tooManyOpen();
}

function takenHold({ write, createdAt }: Proposal, outdated: readonly string[]): TakenHold {
  return { accountId: write.accountId, requestId: write.requestId, text: write.hold, createdAt, outdated };
}

/** A process may have been frozen for minutes: an id that old is over, and others may have repaired it. */
export function assertYoung({ clock }: Pick<AdmissionDeps, 'clock'>, requestId: string): void {
  const ageMs = clock() - (timeOfRequestId(requestId) ?? 0);
  if (ageMs > ADMISSION_MARGIN_MS) throw unavailable(`Request id is ${ageMs} ms old`);
}

/** As `assertYoung`; minutes are forgotten sooner. */
function assertInTime(deps: AdmissionDeps, { write, limits }: Proposal): void {
  assertYoung(deps, write.requestId);
  const ageMs = deps.clock() - (timeOfRequestId(write.requestId) ?? 0);
  if (ageMs > MINUTE_MARGIN_MS && limits.some(({ letter }) => isOfMinute(letter))) {
    throw unavailable(new Error(`Request id is ${ageMs} ms old, and counted by the minute`));
  }
}

function isOfMinute(letter: MeasureLetter): boolean {
  return MEASURES[letter].window === 'minute';
}

function isFurther({ scopes }: AdmissionRequest): boolean {
  return scopes.every(({ owner }) => owner === 'credential');
}

function finish(deps: AdmissionDeps, proposal: Proposal, account: LedgerAccount): Admitted {
  deps.views.saw(account, deps.scheduler.monotonicMs());
  noteStale(deps, account);
  assertInTime(deps, proposal);
  return {
    hold: takenHold(proposal, outdatedCounters(account, deps.clock())),
    outputCap: proposal.outputCap,
    headers: limitHeaders(proposal.limits, useByAnswer(account).likely),
  };
}

/**
 * Counters that nothing is added to any more: of windows past retention, and of plans that are neither in force nor
 * held by a request under way. No request can be admitted under such a plan, since its entitlement has passed.
 */
export function outdatedCounters(account: LedgerAccount, nowMs: number): string[] {
  const names = Object.keys(account.counters);
  const oldPlans = names.filter((name) => isPlanCounter(name) && planOf(name) !== account.plan?.id);
  const held = oldPlans.length === 0 ? [] : Object.values(account.holds).map((text) => decodeHold(text).planId);
  return names
    .filter((name) => isPastRetention(name, nowMs) || (oldPlans.includes(name) && !held.includes(planOf(name))))
    .slice(0, MOST_OUTDATED);
}

function isPlanCounter(name: string): boolean {
  return name.startsWith(`${MEASURES.p.name}#`) || name.startsWith(`${MEASURES.q.name}#`);
}

function planOf(counterName: string): string {
  return counterName.slice(counterName.indexOf('#') + 1);
}

/** The answer was lost. A hold that is there counts; one that is not may land yet, and is then given back by repair. */
async function decideByRead(deps: AdmissionDeps, proposal: Proposal, cause: unknown): Promise<Admitted> {
  const { accountId, requestId, hold } = proposal.write;
  const account = await unlessUnavailable(deps.accounts.read(accountId, { consistent: true }));
  if (account?.holds[requestId] === hold) return finish(deps, proposal, account);
  throw unavailable(cause);
}

/** Where the open holds alone stand in the way, waiting for the window's end would be bad advice. */
function inUseOrUsedUp(refusal: Refused, floors: AccountView['floors'], { write }: Proposal): Refused {
  if (refusal.reason !== 'used-up') return refusal;
  const { counter } = refusal.limit;
  const floor = floors[counter] ?? 0;
  const room = write.counters.find(({ name }) => name === counter)?.room ?? -1;
  return floor <= room ? { ...refusal, reason: 'in-use' } : refusal;
}

function noteStale({ clock, onStale }: AdmissionDeps, account: LedgerAccount): void {
  // Ids sort by their time, so no hold needs to be decoded.
  const before = timePrefixOfRequestIds(clock() - ADMISSION_MARGIN_MS);
  for (const requestId in account.holds) {
    if (requestId >= before) continue;
    onStale(account);
    return;
  }
}

async function unlessUnavailable<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (cause) {
    throw unavailable(cause);
  }
}

/** Admission is never guessed: without an answer nothing is sent upstream. */
export function unavailable(cause: unknown): GatewayError {
  return new GatewayError('store_unavailable', {
    message: 'The request could not be written down, so it was not sent. Please try again.',
    retryAfterSeconds: 1,
    internal: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}

function tooManyOpen(): GatewayError {
  return new GatewayError('rate_limit_exceeded', {
    message: 'Too many requests of this account are under way at the same time. Please try again.',
    retryAfterSeconds: 1,
  });
}
