import type { KeyLimits } from '../../layers/core/identity/store.ts';
import type { LimitOf } from './audit.ts';
import type { Scenario } from './scenarios.ts';

/** The scenario's limit of a counter, read from the counter's name alone. */
export function limitsOf({ limits, role, plan, credentialLimits = {} }: Scenario): LimitOf {
  const ofKey = byMeasure(limits);
  const ofCredential = byMeasure(credentialLimits);
  const ofUser: Limits = role === 'user' ? { req: 60, tok: 10_000 } : {};
  return (accountId, counter) => {
    const [measure = '', scope = ''] = counter.split('#');
    if (measure === 'plan') return (scope === 'plan_b' ? plan?.redeemed : plan?.tokens) ?? null;
    const ofAccount = accountId.startsWith('credential:') ? ofCredential : ofUser;
    const limit = scope === 'u' ? ofAccount[measure] : ofKey[measure];
    return limit === undefined || limit === null || limit < 0 ? null : limit;
  };
}

type Limits = Readonly<Record<string, number | null | undefined>>;

function byMeasure(limits: KeyLimits): Limits {
  return {
    req: limits.requestsPerMinute,
    tok: limits.tokensPerDay,
    chat: limits.perDay?.chat,
    heavy: limits.perDay?.heavy,
    usd: limits.budgetMicrosPerMonth,
    fly: limits.maxConcurrent,
  };
}
