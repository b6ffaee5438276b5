import { describe, expect, test } from '@jest/globals';
import { parseScheduleExpression } from '../../../infra/local/schedule-expression.ts';

function next(expression: string, after: string, timeZone?: string): string | undefined {
  const instant = parseScheduleExpression(expression, timeZone).next(Date.parse(after));
  return instant === undefined ? undefined : new Date(instant).toISOString();
}

describe('schedule expressions', () => {
  test.each([
    ['rate(5 minutes)', '2027-01-01T00:01:00Z', '2027-01-01T00:06:00.000Z'],
    ['rate(1 hour)', '2027-01-01T00:01:00Z', '2027-01-01T01:01:00.000Z'],
    ['cron(0 16 * * ? *)', '2027-01-01T16:00:00Z', '2027-01-02T16:00:00.000Z'],
    ['cron(*/15 * * * ? *)', '2027-01-01T00:14:59Z', '2027-01-01T00:15:00.000Z'],
    ['cron(30 8 ? * MON-FRI *)', '2027-01-01T09:00:00Z', '2027-01-04T08:30:00.000Z'],
    ['cron(0 0 1 JAN,JUL ? *)', '2027-01-01T00:00:00Z', '2027-07-01T00:00:00.000Z'],
  ])('%s after %s is %s', (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected);
  });

  test('cron follows the wall clock of its zone over a change of summer time', () => {
    expect(next('cron(0 8 * * ? *)', '2027-03-27T12:00:00Z', 'Europe/Berlin')).toBe('2027-03-28T06:00:00.000Z');
    expect(next('cron(0 8 * * ? *)', '2027-03-27T00:00:00Z', 'Europe/Berlin')).toBe('2027-03-27T07:00:00.000Z');
  });

  test('a year that has passed never comes', () => {
    expect(next('cron(0 0 1 1 ? 2020)', '2027-01-01T00:00:00Z')).toBeUndefined();
  });

  test.each(['at(2027-01-01T00:00:00)', 'cron(0 0 L * ? *)', 'cron(* * *)', 'every day'])(
    '%s stops the start by name',
    (text) => {
      expect(() => parseScheduleExpression(text)).toThrow(text);
    },
  );
});
