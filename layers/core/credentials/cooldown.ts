import type { IncomingHttpHeaders } from 'node:http';
import { readErrorWords, saidUntil, type ErrorWords } from './own-word.ts';
import type { RestReason } from './pool-state.ts';

/** What went wrong with one call, as far as the upstream or the credential can be blamed. */
export type UpstreamFailure =
  | { kind: 'status'; status: number; headers: IncomingHttpHeaders; body: Uint8Array }
  /** No connection. */
  | { kind: 'unreachable' }
  /** It took too long: to answer, to begin its answer, or in the middle of it. */
  | { kind: 'timed-out' }
  /** The connection or the stream broke, or the stream told an error. */
  | { kind: 'broken' };

/** What a failure means for the (credential, model) pair that failed. */
export interface Rest {
  reason: RestReason;
  /** `credential`: every model of it is concerned. */
  scope: 'model' | 'credential';
  /** So many such failures in a row until it rests; 1 = at once. */
  threshold: number;
  /** Epoch milliseconds. */
  until: number;
  /** `until` is what the upstream itself said. */
  ownWord: boolean;
}

interface Rule {
  reason: RestReason;
  scope: Rest['scope'];
  threshold: number;
  /** First rest; each further one in a row is twice as long. */
  firstMs: number;
  longestMs: number;
  /** The longest that the upstream's own word is believed; 0 = it is not asked. */
  believedMs: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A single 500 may be the request's own fault, and a poisoned request must not take the pool down. */
const RULES = {
  burst: at('rate_limited', 'model', [1, 2 * SECOND, 5 * MINUTE, 6 * HOUR]),
  daily: at('quota_exhausted', 'model', [1, 10 * MINUTE, HOUR, 25 * HOUR]),
  quota: at('quota_exhausted', 'credential', [1, 5 * MINUTE, HOUR, 25 * HOUR]),
  payment: at('payment_required', 'credential', [1, 5 * MINUTE, HOUR, 25 * HOUR]),
  invalid: at('credential_invalid', 'credential', [1, MINUTE, HOUR, 0]),
  forbiddenModel: at('credential_invalid', 'model', [1, MINUTE, HOUR, 0]),
  overloaded: at('overloaded', 'model', [1, 2 * SECOND, MINUTE, 10 * MINUTE]),
  gateway: at('overloaded', 'model', [2, 2 * SECOND, MINUTE, 10 * MINUTE]),
  failing: at('broken', 'model', [3, 2 * SECOND, MINUTE, 10 * MINUTE]),
  unreachable: at('unreachable', 'credential', [1, SECOND, 30 * SECOND, 0]),
  timedOut: at('timed_out', 'model', [2, MINUTE, 10 * MINUTE, 0]),
  broken: at('broken', 'model', [2, 2 * SECOND, MINUTE, 0]),
} as const;

function at(
  reason: RestReason,
  scope: Rest['scope'],
  [threshold, firstMs, longestMs, believedMs]: readonly [number, number, number, number],
): Rule {
  return { reason, scope, threshold, firstMs, longestMs, believedMs };
}

/**
 * How long to leave a pair alone after a failure: what the upstream says where it says it, else a back-off that grows
 * with the rests before it.
 * @param previousRests rests in a row, without a success between them
 * @returns null when nobody but the client's own request is to blame
 */
export function cooldown(failure: UpstreamFailure, previousRests: number, nowMs: number): Rest | null {
  const words = failure.kind === 'status' ? readErrorWords(failure.body) : null;
  const rule = ruleFor(failure, words);
  if (rule === null) return null;
  const { reason, scope, threshold } = rule;
  const said = failure.kind === 'status' && words !== null ? saidUntil(failure.headers, words, nowMs) : null;
  if (said !== null && said > nowMs && rule.believedMs > 0) {
    return { reason, scope, threshold: 1, until: Math.min(said, nowMs + rule.believedMs), ownWord: true };
  }
  const backOff = Math.min(rule.firstMs * 2 ** Math.min(previousRests, 20), rule.longestMs);
  return { reason, scope, threshold, until: nowMs + backOff, ownWord: false };
}

/** A refusal that is about the account and not about the request, whatever its status says. */
export function isAboutAccount(failure: UpstreamFailure): boolean {
  const rest = cooldown(failure, 0, 0);
  return rest !== null && rest.scope === 'credential' && failure.kind === 'status';
}

function ruleFor(failure: UpstreamFailure, words: ErrorWords | null): Rule | null {
  switch (failure.kind) {
    case 'unreachable':
      return RULES.unreachable;
    case 'timed-out':
      return RULES.timedOut;
    case 'broken':
      return RULES.broken;
    case 'status':
      return words === null ? null : ruleForStatus(failure.status, words);
  }
}

function ruleForStatus(status: number, words: ErrorWords): Rule | null {
  switch (status) {
    case 401:
      return RULES.invalid;
    case 402:
      return RULES.payment;
    case 403:
      if (saysQuota(words)) return RULES.quota;
      return /model/i.test(`${words.codes.join(' ')} ${words.message}`) ? RULES.forbiddenModel : RULES.invalid;
    case 408:
      return RULES.timedOut;
    case 429:
      if (saysQuota(words)) return RULES.quota;
      return words.isDaily ? RULES.daily : RULES.burst;
    case 503:
    case 529:
      return RULES.overloaded;
    case 502:
    case 504:
      return RULES.gateway;
    default:
      if (status >= 500) return RULES.failing;
      return status === 400 && saysQuota(words) ? RULES.quota : null;
  }
}

const QUOTA_CODES = new Set([
  'insufficient_quota',
  'billing_hard_limit_reached',
  'billing_not_active',
  'billing_error',
  'access_terminated',
]);

/** The account is out of money or allowance, which no pause of seconds heals. */
function saysQuota({ codes, message }: ErrorWords): boolean {
  return (
    codes.some((code) => QUOTA_CODES.has(code)) ||
    /credit balance is too low|used all available credits|spending limit/i.test(message)
  );
}
