import type { UsageQuotas } from '@sluice/contract/usage-views';

export type Limit = UsageQuotas['limits'][number];

/** What each limit counts, by the words that the API names it with. */
const KINDS = {
  'requests per minute': { name: 'requestsPerMinute', unit: 'count' },
  'tokens per day': { name: 'tokensPerDay', unit: 'count' },
  'tokens per 24 hours': { name: 'tokensPer24Hours', unit: 'count' },
  'chat requests per day': { name: 'chatPerDay', unit: 'count' },
  'heavy requests per day': { name: 'heavyPerDay', unit: 'count' },
  'images per day': { name: 'imagesPerDay', unit: 'count' },
  'videos per day': { name: 'videosPerDay', unit: 'count' },
  'budget per month (micro-dollars)': { name: 'budgetPerMonth', unit: 'micros' },
  'concurrent requests': { name: 'concurrent', unit: 'count' },
} as const;

export type LimitKind = (typeof KINDS)[keyof typeof KINDS];

/** Null: a limit that this console does not know yet; its own label tells it. */
export function kindOf({ label }: Pick<Limit, 'label'>): LimitKind | null {
  return label in KINDS ? KINDS[label as keyof typeof KINDS] : null;
}

/** Share that is used, of one; a limit of nothing is used up. */
export function shareUsed({ used, limit }: Pick<Limit, 'used' | 'limit'>): number {
  return limit <= 0 ? 1 : Math.min(1, Math.max(0, used / limit));
}

/** Limits of the account and its keys, tightest first. Those of a plan are told with the plan. */
export function tightestFirst(limits: readonly Limit[]): Limit[] {
  return limits.filter(({ owner }) => owner !== 'plan').toSorted((a, b) => shareUsed(b) - shareUsed(a));
}
