import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createScheduler, readSchedule, type Schedule } from '../../../infra/local/schedules.ts';

const MINUTE_MS = 60_000;

function scheduleOf(properties: Record<string, string>): Schedule {
  const target = { Arn: 'arn:f', Input: '{"a":1}' };
  return readSchedule('sweep', { ScheduleExpression: 'rate(5 minutes)', Target: target, ...properties });
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('schedules', () => {
  test('run at their rate with their input, and no more once stopped', async () => {
    const runs: unknown[] = [];
    const run = async ({ functionArn, payload }: Schedule) => void runs.push([functionArn, payload]);
    const scheduler = createScheduler({ schedules: [scheduleOf({})], run, now: () => Date.now() });
    scheduler.start();
    await jest.advanceTimersByTimeAsync(11 * MINUTE_MS);
    expect(runs).toEqual([
      ['arn:f', { a: 1 }],
      ['arn:f', { a: 1 }],
    ]);
    scheduler.stop();
    await jest.advanceTimersByTimeAsync(60 * MINUTE_MS);
    expect(runs).toHaveLength(2);
  });

  test('leave out a tick while the last run goes on', async () => {
    const first = Promise.withResolvers<void>();
    let runs = 0;
    const run = () => ((runs += 1) === 1 ? first.promise : Promise.resolve());
    createScheduler({ schedules: [scheduleOf({})], run, now: () => Date.now() }).start();
    await jest.advanceTimersByTimeAsync(20 * MINUTE_MS);
    expect(runs).toBe(1);
    first.resolve();
    await jest.advanceTimersByTimeAsync(5 * MINUTE_MS);
    expect(runs).toBe(2);
  });

  test('do not run when disabled', async () => {
    let runs = 0;
    const run = async () => void (runs += 1);
    createScheduler({ schedules: [scheduleOf({ State: 'DISABLED' })], run, now: () => Date.now() }).start();
    await jest.advanceTimersByTimeAsync(60 * MINUTE_MS);
    expect(runs).toBe(0);
  });

  test('by cron wait beyond the longest timer, and follow a clock that is moved', async () => {
    jest.setSystemTime(Date.parse('2027-01-01T00:00:00Z'));
    let runs = 0;
    let shiftMs = 0;
    const schedule = scheduleOf({ ScheduleExpression: 'cron(0 0 1 3 ? *)' });
    const run = async () => void (runs += 1);
    const scheduler = createScheduler({ schedules: [schedule], run, now: () => Date.now() + shiftMs });
    scheduler.start();
    await jest.advanceTimersByTimeAsync(58 * 24 * 60 * MINUTE_MS);
    expect(runs).toBe(0);
    await jest.advanceTimersByTimeAsync(24 * 60 * MINUTE_MS);
    expect(runs).toBe(1);
    shiftMs = Date.parse('2028-02-29T23:59:00Z') - Date.now();
    scheduler.start();
    await jest.advanceTimersByTimeAsync(2 * MINUTE_MS);
    expect(runs).toBe(2);
  });
});
