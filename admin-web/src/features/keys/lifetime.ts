export const LIFETIMES = ['unlimited', '30d', '90d', '365d'] as const;
export type Lifetime = (typeof LIFETIMES)[number];

const DAYS: Record<Exclude<Lifetime, 'unlimited'>, number> = { '30d': 30, '90d': 90, '365d': 365 };
const DAY_MS = 86_400_000;

/** The instant a key made now expires at, as the API takes it; null = never. */
export function expiryOf(lifetime: Lifetime, now: number): string | null {
  return lifetime === 'unlimited' ? null : new Date(now + DAYS[lifetime] * DAY_MS).toISOString();
}
