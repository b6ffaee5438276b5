import type { UsageStats } from '../../../../layers/contract/usage.ts';
import {
  chartByGroup,
  chartByKind,
  eastOf,
  nameOfStart,
  startsOf,
} from '../../../../admin-web/src/features/usage/charts/chart-data.ts';
import { logQuestionOf } from '../../../../admin-web/src/features/usage/log-question.ts';
import { rangeOf } from '../../../../admin-web/src/features/usage/period.ts';
import { preciseMoney } from '../../../../admin-web/src/features/usage/story/precise-money.ts';
import { tokensPerSecond, waterfallOf } from '../../../../admin-web/src/features/usage/story/waterfall.ts';

const NOW = Date.parse('2026-03-01T12:34:00Z');
const HOUR = 3_600_000;

function point(start: string, requests: number) {
  return { start, ...sums(requests) };
}

function sums(requests: number) {
  return {
    requests,
    success_requests: requests,
    failed_requests: 0,
    input_tokens: 10 * requests,
    output_tokens: requests,
    cached_tokens: 4 * requests,
    total_tokens: 11 * requests,
    cost_micros: 100 * requests,
    cost: 0.0001 * requests,
    avg_duration_ms: 50,
  };
}

const [ELEVEN, NOON] = ['2026-03-01T11:00:00.000Z', '2026-03-01T12:00:00.000Z'];
const RANGE = { from: '2026-03-01T10:00:00.000Z', grain: 'hour' } as const;
const STATS = {
  series: [point(ELEVEN, 5), point(NOON, 7)],
  groups: [
    { id: 'a', name: null, ...sums(4) },
    { id: 'b.c', name: null, ...sums(6) },
    { id: '', name: null, ...sums(2) },
  ],
  group_series: [
    { id: 'a', points: [point(ELEVEN, 4)] },
    { id: 'b.c', points: [point(NOON, 6)] },
  ],
} as unknown as UsageStats;

describe('a chart', () => {
  it('has a row for every hour of its range, also for those in which nothing was used', () => {
    expect(startsOf(RANGE, STATS.series ?? [], NOW).map((at) => new Date(at).toISOString())).toEqual([
      RANGE.from,
      ELEVEN,
      NOON,
    ]);
  });

  it('stacks the groups with most first, and what is left of the whole beside them', () => {
    const { rows, series } = chartByGroup(STATS, { range: RANGE, measure: 'requests', locale: 'en-US', now: NOW });
    expect(series.map(({ id }) => id)).toEqual(['b.c', 'a', null]);
    expect(rows.map(({ s0, s1, rest }) => [s0, s1, rest])).toEqual([
      [0, 0, 0],
      [0, 4, 1],
      [6, 0, 1],
    ]);
  });

  it('draws no latency where there was no request', () => {
    const { rows, series } = chartByGroup(STATS, { range: RANGE, measure: 'latency', locale: 'en-US', now: NOW });
    expect(series.map(({ id }) => id)).not.toContain(null);
    expect(rows[0]).toMatchObject({ s0: null, s1: null });
  });

  it('tells fresh from cached input', () => {
    const rows = chartByKind(STATS, { range: RANGE, locale: 'en-US', now: NOW });
    expect(rows[2]).toMatchObject({ fresh: 42, cached: 28, output: 7 });
  });

  it('names a day by its date in the time zone of the gateway', () => {
    const shanghai = Date.parse('2026-02-28T16:00:00Z');
    const newYork = Date.parse('2026-03-01T05:00:00Z');
    expect([eastOf(shanghai), eastOf(newYork), eastOf(0)]).toEqual([8 * HOUR, -5 * HOUR, 0]);
    expect([nameOfStart(shanghai, 'day', 'en-US'), nameOfStart(newYork, 'day', 'en-US')]).toEqual(['Mar 1', 'Mar 1']);
  });
});

describe('a period', () => {
  it('of 24 hours begins 23 whole hours before the running one', () => {
    expect(rangeOf({}, NOW)).toEqual({ from: '2026-02-28T13:00:00.000Z', grain: 'hour' });
  });

  it('of chosen days includes the last one, by hours where it is short', () => {
    const range = rangeOf({ period: 'custom', from: '2026-02-01', to: '2026-02-02' }, NOW);
    expect([Date.parse(range.to ?? '') - Date.parse(range.from), range.grain]).toEqual([48 * HOUR, 'hour']);
    expect(rangeOf({ period: 'custom', from: '2026-01-01', to: '2026-02-02' }, NOW).grain).toBe('day');
  });
});

describe('the question to the log', () => {
  it('tells an outcome from a status, and leaves out what is not asked', () => {
    const asked = (status: string) => logQuestionOf({ status, slow: 500 }, { scope: 'own', now: NOW });
    expect(asked('failed')).toEqual({ scope: 'own', success: false, min_duration_ms: 500 });
    expect(asked('5xx')).toEqual({ scope: 'own', status: '5xx', min_duration_ms: 500 });
  });
});

describe('where the time of a request went', () => {
  const attempt = (duration_ms: number) => ({
    upstream: 'openai',
    credential: 'a',
    status: 200,
    error: null,
    duration_ms,
  });
  const row = { duration_ms: 100, first_byte_ms: 60, success: true, status: 200 };

  it('is the gateway’s before the attempts, which follow one another', () => {
    expect(waterfallOf({ ...row, attempts: [attempt(20), attempt(50)] })).toEqual([
      { kind: 'gateway', from: 0, to: 30 },
      { kind: 'attempt', attempt: 0, from: 30, to: 50 },
      { kind: 'attempt', attempt: 1, from: 50, to: 100 },
    ]);
  });

  it('shows attempts that ran side by side so that none is outside of the request', () => {
    const stretches = waterfallOf({ ...row, attempts: [attempt(90), attempt(40), attempt(300)] });
    expect(stretches.every(({ from, to }) => from >= 0 && to <= 100)).toBe(true);
  });

  it('is told without attempts to those who may not see them', () => {
    expect(waterfallOf({ ...row, attempts: [] })).toEqual([
      { kind: 'gateway', from: 0, to: 60 },
      { kind: 'answer', from: 60, to: 100 },
    ]);
    expect(waterfallOf({ ...row, first_byte_ms: null, attempts: [] })).toHaveLength(1);
  });

  it('gives a speed only where an answer was streamed long enough to tell', () => {
    const told = { stream: true, first_byte_ms: 100, duration_ms: 1100, output_tokens: 50 };
    expect(tokensPerSecond(told)).toBe(50);
    expect(tokensPerSecond({ ...told, duration_ms: 120 })).toBeNull();
    expect(tokensPerSecond({ ...told, stream: false })).toBeNull();
  });
});

test('a line of a cost is written with all its digits', () => {
  expect([preciseMoney(0.5, 'en-US'), preciseMoney(10, 'en-US')]).toEqual(['$0.0000005', '$0.00001']);
});
