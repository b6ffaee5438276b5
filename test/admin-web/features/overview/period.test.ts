import { startOfPeriod } from '../../../../admin-web/src/features/overview/period.ts';

describe('a period that ends now', () => {
  const now = Date.parse('2026-11-21T12:04:59Z');

  it('began so long ago, on the five minutes', () => {
    expect(startOfPeriod('24h', now)).toBe('2026-11-20T12:00:00.000Z');
    expect(startOfPeriod('7d', now)).toBe('2026-11-14T12:00:00.000Z');
  });

  it('is the same question for five minutes', () => {
    expect(startOfPeriod('30d', now - 4 * 60_000)).toBe(startOfPeriod('30d', now));
  });

  it('of all time has no beginning', () => {
    expect(startOfPeriod('all', now)).toBeUndefined();
  });
});
