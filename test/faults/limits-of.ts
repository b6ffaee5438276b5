import type { LimitOf } from './audit.ts';
import type { Scenario } from './scenarios.ts';

/** The scenario's limit of a counter, read from the counter's name alone. */
export function limitsOf({ limits, role, plan }: Scenario): LimitOf {
  const ofKey: Record<string, number | null | undefined> = {
    req: limits.requestsPerMinute,
    tok: limits.tokensPerDay,
    chat: limits.perDay?.chat,
    heavy: limits.perDay?.heavy,
    usd: limits.budgetMicrosPerMonth,
    fly: limits.maxConcurrent,
  };
  const ofUser: Record<string, number> = role === 'user' ? { req: 60, tok: 10_000 } : {};
  return (_accountId, counter) => {
    const [measure = '', scope = ''] = counter.split('#');
    if (measure === 'plan') return (scope === 'plan_b' ? plan?.redeemed : plan?.tokens) ?? null;
    const limit = scope === 'u' ? ofUser[measure] : ofKey[measure];
    return limit === undefined || limit === null || limit < 0 ? null : limit;
  };
}
