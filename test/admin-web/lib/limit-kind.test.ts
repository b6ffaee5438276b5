import { describe, expect, test } from '@jest/globals';
import { dayPoints } from '../../../admin-web/src/features/overview/dashboard/day-points.ts';
import { kindOf, shareUsed, tightestFirst, type Limit } from '../../../admin-web/src/lib/limit-kind.ts';

function limitOf(owner: Limit['owner'], used: number, limit = 100): Limit {
  return { owner, key: null, label: 'tokens per day', limit, used, remaining: limit - used, resets_at: null };
}

describe('limits on the dashboard', () => {
  test('come tightest first, without those that the plan tells', () => {
    const limits = [limitOf('user', 10), limitOf('plan', 99), limitOf('key', 80)];
    expect(tightestFirst(limits).map(({ used }) => used)).toEqual([80, 10]);
  });

  test('of nothing are used up, and none is used more than wholly', () => {
    expect(shareUsed({ used: 0, limit: 0 })).toBe(1);
    expect(shareUsed({ used: 300, limit: 100 })).toBe(1);
    expect(shareUsed({ used: 25, limit: 100 })).toBe(0.25);
  });

  test('that this console does not know keep their own words', () => {
    expect(kindOf({ label: 'requests per minute' })?.name).toBe('requestsPerMinute');
    expect(kindOf({ label: 'moons per year' })).toBeNull();
  });
});

test('a day of the chart is the same date wherever the reader is', () => {
  const days = [{ date: '2026-03-01', requests: 2, total_tokens: 30, cost: 0.5 }];
  expect(dayPoints(days, 'en-US')).toEqual([{ day: 'Mar 1', requests: 2, tokens: 30, cost: 0.5 }]);
});
