import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { windowAt } from '../../../layers/core/metering/windows.ts';
import { localDayAt, nextLocalMidnight } from '../../../layers/kit/time/local-day.ts';

describe('the local day', () => {
  test.each([
    [480, '2026-11-21T15:59:59.999Z', '2026-11-21T16:00:00Z'],
    [480, '2026-11-21T16:00:00.000Z', '2026-11-22T16:00:00Z'],
    [-300, '2026-11-21T04:59:59.999Z', '2026-11-21T05:00:00Z'],
    [-300, '2026-11-21T05:00:00.000Z', '2026-11-22T05:00:00Z'],
    [0, '2026-11-21T23:59:59.999Z', '2026-11-22T00:00:00Z'],
    [840, '2026-11-21T09:59:59.999Z', '2026-11-21T10:00:00Z'],
    [-720, '2026-11-21T12:00:00.000Z', '2026-11-22T12:00:00Z'],
  ])('at offset %d that holds %s ends at %s', (offset, now, end) => {
    expect(new Date(nextLocalMidnight(Date.parse(now), offset)).toISOString()).toBe(end.replace('Z', '.000Z'));
  });

  test('holds its second, is a day long, and ends when the day of the quotas ends', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_000_000_000 }),
        fc.integer({ min: -720, max: 840 }),
        (seconds, offsetMinutes) => {
          const { start, end } = localDayAt(seconds, offsetMinutes);
          expect(start <= seconds && seconds < end && end - start === 86_400).toBe(true);
          expect(windowAt('day', seconds * 1_000, { createdAt: 0, offsetMinutes }).endsAt).toBe(end * 1_000);
        },
      ),
    );
  });
});
