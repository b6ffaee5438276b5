import type { QuotaClass } from '../catalog/store.ts';
import type { KeyLimits } from '../identity/store.ts';
import type { PlanEntitlement } from '../plans/store.ts';
import { ACCOUNT_SCOPE, counterName, MEASURES, type MeasureLetter } from './measures.ts';
import { windowAt, type Grid } from './windows.ts';

/** What a key, a user's role or a credential allows. −1 and absent = unlimited, 0 = blocked. */
export interface ScopeLimits extends KeyLimits {
  /** Tokens in 24 hours of the account's own grid. */
  tokensPerRoleDay?: number | undefined;
}

export type LimitOwner = 'key' | 'user' | 'credential';

export interface LimitedScope {
  owner: LimitOwner;
  /** `u`, or `k:<short key id>`. */
  scope: string;
  limits: ScopeLimits;
}

/** One limit that binds a request, and the counter that it is kept by. */
export interface Limit {
  owner: LimitOwner | 'plan';
  letter: MeasureLetter;
  scope: string;
  counter: string;
  limit: number;
  /** Milliseconds since the epoch; null where no time brings anything back. */
  resetAt: number | null;
  /** As a person calls it: `requests per minute`. */
  label: string;
  /** Of a plan's limit: what its owner knows the plan by. */
  planName?: string;
}

const LABELS: Readonly<Record<MeasureLetter, string>> = {
  r: 'requests per minute',
  t: 'tokens per day',
  T: 'tokens per 24 hours',
  c: 'chat requests per day',
  h: 'heavy requests per day',
  i: 'images per day',
  v: 'videos per day',
  m: 'budget per month (micro-dollars)',
  f: 'concurrent requests',
  p: 'tokens of the plan',
  q: 'budget of the plan (micro-dollars)',
};

/** Which per-day measures a request of a class takes: a heavy one takes from both. */
const CLASS_MEASURES: Readonly<Record<QuotaClass, readonly MeasureLetter[]>> = {
  chat: ['c'],
  heavy: ['h', 'c'],
  image: ['i'],
  video: ['v'],
};

export interface LimitFacts {
  /** In the order in which they refuse: the key before the user. */
  scopes: readonly LimitedScope[];
  class: QuotaClass;
  /** The request id's time, milliseconds since the epoch. */
  timeMs: number;
  /** Of the account as it was last seen. */
  plan: PlanEntitlement | null;
  grid: Grid;
}

/** Whether any limit binds at all. Where none does, no ledger account is touched. */
export function hasLimits(scopes: readonly LimitedScope[], quotaClass: QuotaClass): boolean {
  return scopes.some(({ limits }) => limitsOfScope(limits, quotaClass).length > 0);
}

/** Every limit that binds a request, in the order in which they refuse: key, role, plan. */
export function limitsInForce(facts: LimitFacts): Limit[] {
  const { scopes, timeMs, grid } = facts;
  const plan = facts.plan !== null && facts.plan.expiresAt > timeMs ? facts.plan : null;
  const limits: Limit[] = [];
  let isPlanned = false;
  for (const { owner, scope, limits: given } of scopes) {
    for (const [letter, limit] of limitsOfScope(given, facts.class)) {
      // The plan's allowance stands in for the role's token cap; where there is no cap, the plan binds nothing.
      if (letter === 'T') isPlanned = plan !== null;
      if (letter === 'T' && plan !== null) continue;
      const kind = MEASURES[letter].window;
      const window = kind === null ? null : windowAt(kind, timeMs, grid);
      const counter = counterName(letter, scope, window?.name ?? null);
      limits.push({ owner, letter, scope, counter, limit, resetAt: window?.endsAt ?? null, label: LABELS[letter] });
    }
  }
  if (plan !== null && isPlanned) limits.push(...limitsOfPlan(plan));
  return limits;
}

function limitsOfPlan(plan: PlanEntitlement): Limit[] {
  const given: [MeasureLetter, number | null][] = [
    ['p', plan.tokens],
    ['q', plan.micros],
  ];
  return given.flatMap(([letter, limit]) => {
    if (limit === null || limit < 0) return [];
    const counter = counterName(letter, plan.id, null);
    // What follows the plan is the role's own window again, so the time is worth telling.
    const { expiresAt: resetAt, name: planName } = plan;
    const named = { label: LABELS[letter], planName };
    return { owner: 'plan' as const, letter, scope: ACCOUNT_SCOPE, counter, limit, resetAt, ...named };
  });
}

type GivenLimit = readonly [MeasureLetter, number];

/** Limits are read anew every few seconds and never changed in place, so what they come to is worked out once. */
const worked = new WeakMap<ScopeLimits, Map<QuotaClass, readonly GivenLimit[]>>();

function limitsOfScope(limits: ScopeLimits, quotaClass: QuotaClass): readonly GivenLimit[] {
  let byClass = worked.get(limits);
  if (byClass === undefined) worked.set(limits, (byClass = new Map()));
  let given = byClass.get(quotaClass);
  if (given === undefined) byClass.set(quotaClass, (given = workOut(limits, quotaClass)));
  return given;
}

function workOut(limits: ScopeLimits, quotaClass: QuotaClass): GivenLimit[] {
  const { chat, heavy, image, video } = limits.perDay ?? {};
  const perDay: Partial<Record<MeasureLetter, number | undefined>> = { c: chat, h: heavy, i: image, v: video };
  const given: [MeasureLetter, number | null | undefined][] = [
    ['r', limits.requestsPerMinute],
    ['f', limits.maxConcurrent],
    ...CLASS_MEASURES[quotaClass].map((letter): [MeasureLetter, number | undefined] => [letter, perDay[letter]]),
    ['t', limits.tokensPerDay],
    ['m', limits.budgetMicrosPerMonth],
    ['T', limits.tokensPerRoleDay],
  ];
  return given.filter((entry): entry is [MeasureLetter, number] => typeof entry[1] === 'number' && entry[1] >= 0);
}
