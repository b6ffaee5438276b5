import type { KeyLimits } from '../../../layers/core/identity/store.ts';
import { remainingOf } from '../../../layers/core/sharing/remaining.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const DAY = `d${(Date.parse('2026-03-10T00:00:00Z') / 1_000).toString(36)}`;
const MONTH = `M${(Date.parse('2026-03-01T00:00:00Z') / 1_000).toString(36)}`;

const remaining = (limits: KeyLimits, counters: Record<string, number> = {}) =>
  remainingOf({
    credential: { limits },
    account: { createdAt: NOW / 1_000 - 86_400, counters },
    class: 'chat',
    nowMs: NOW,
    offsetMinutes: 0,
  });

describe('what remains of a credential', () => {
  it('is all of it where it has no limits, or limits of speed only', () => {
    expect(remaining({})).toEqual({ fraction: 10_000, resetAt: null });
    expect(remaining({ requestsPerMinute: 1, maxConcurrent: 1 }, { 'fly#u': 1 }).fraction).toBe(10_000);
    expect(remaining({ tokensPerDay: -1 }).fraction).toBe(10_000);
  });

  it('is the least share that its days and months leave, with the end of that one', () => {
    const limits = { tokensPerDay: 1_000, budgetMicrosPerMonth: 1_000_000, perDay: { chat: 10, image: 0 } };
    const used = { [`tok#u#${DAY}`]: 250, [`usd#u#${MONTH}`]: 400_001, [`chat#u#${DAY}`]: 1 };
    expect(remaining(limits, used)).toEqual({ fraction: 5_999, resetAt: Date.parse('2026-04-01T00:00:00Z') });
  });

  it('is nothing where it is blocked or overdrawn, and is counted from the window that is', () => {
    expect(remaining({ tokensPerDay: 0 }).fraction).toBe(0);
    expect(remaining({ tokensPerDay: 10 }, { [`tok#u#${DAY}`]: 11 }).fraction).toBe(0);
    expect(remaining({ tokensPerDay: 10 }, { 'tok#u#d0': 9 }).fraction).toBe(10_000);
  });
});
