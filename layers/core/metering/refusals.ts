import type { ErrorCode } from '@sluice/kit/errors/catalogue';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Refusal } from './decision.ts';
import type { Limit } from './limits.ts';
import { MEASURES } from './measures.ts';

const OWNERS = {
  key: 'this API key',
  user: 'the owner of this API key',
  credential: 'this credential',
} as const;

/** What is held by requests under way comes back within seconds, not at the window's end. */
const SOON_MS = 2_000;

/**
 * A refusal as the caller reads it: which limit, how much, and when to come again.
 * @param nowMs milliseconds since the epoch
 */
export function refusalError(
  { limit, reason }: Refusal,
  nowMs: number,
  headers: Record<string, string> = {},
): GatewayError {
  const what =
    limit.owner === 'plan' ? `${limit.label} "${limit.planName}"` : `${limit.label} of ${OWNERS[limit.owner]}`;
  const resetAt = reason === 'in-use' || limit.letter === 'f' ? nowMs + SOON_MS : limit.resetAt;
  const retryAfterSeconds =
    reason === 'blocked' || reason === 'too-large' || resetAt === null
      ? undefined
      : Math.max(1, Math.ceil((resetAt - nowMs) / 1_000));
  const message = {
    blocked: `Limit reached: ${what}: 0, so such requests are blocked.`,
    'too-large': `The request is larger than the limit: ${what}: ${limit.limit}.`,
    'used-up': `Limit reached: ${what}: ${limit.limit}.${resetSentence(limit)}`,
    'in-use': `Limit reached: ${what}: ${limit.limit}. What is left is held by requests under way.`,
  }[reason];
  return new GatewayError(codeOf(limit), { message, retryAfterSeconds, headers });
}

function resetSentence({ resetAt, owner }: Limit): string {
  if (resetAt === null) return '';
  const time = new Date(resetAt).toISOString();
  return owner === 'plan' ? ` The plan ends at ${time}.` : ` It resets at ${time}.`;
}

function codeOf({ letter }: Limit): ErrorCode {
  const { amount } = MEASURES[letter];
  if (amount === 'micros' || amount === 'hardTokens') return 'insufficient_quota';
  return amount === 'units' ? 'daily_quota_exceeded' : 'rate_limit_exceeded';
}

/**
 * OpenAI's six headers, from the tightest limit on requests and on tokens. Resets are milliseconds since the epoch,
 * as our own clients have read them from the beginning.
 */
export function limitHeaders(limits: readonly Limit[], useOf: (counter: string) => number): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [kind, letters] of KINDS) {
    let tightest: Limit | null = null;
    let remaining = Infinity;
    for (const limit of limits) {
      if (!letters.includes(limit.letter)) continue;
      const left = Math.max(0, limit.limit - useOf(limit.counter));
      if (tightest !== null && left >= remaining) continue;
      tightest = limit;
      remaining = left;
    }
    if (tightest === null) continue;
    headers[`x-ratelimit-limit-${kind}`] = String(tightest.limit);
    headers[`x-ratelimit-remaining-${kind}`] = String(remaining);
    if (tightest.resetAt !== null) headers[`x-ratelimit-reset-${kind}`] = String(tightest.resetAt);
  }
  return headers;
}

const KINDS: readonly (readonly [string, string])[] = [
  ['requests', 'r'],
  ['tokens', 'tTp'],
];
