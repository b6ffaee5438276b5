import { rollUpUsage } from '../../../layers/core/metering/roll-up-usage.ts';
import { createMemoryRollUpStore } from '../../support/memory-roll-ups.ts';
import { createMemoryUsageStore } from '../../support/memory-stores.ts';
import { aUsageEvent } from '../../support/usage-events.ts';
import { createStage, type Json, type Stage } from './support/admin-stage.ts';

const MINUTE = 60_000;

interface Asking extends Stage {
  get: (query: string) => Promise<Json>;
  rollUp: (from: number) => Promise<void>;
  serve: (
    minutesAgo: number,
    change?: { model?: string; credential?: string; status?: number; firstByteMs?: number },
  ) => void;
}

async function asking(): Promise<Asking> {
  const usage = createMemoryUsageStore();
  const rollUps = createMemoryRollUpStore(usage.rows);
  const stage = createStage({ usage, rollUps });
  const headers = await stage.as('super_admin');
  return {
    ...stage,
    usage,
    async rollUp(from) {
      const logger = stage.services.log;
      await rollUpUsage({ store: rollUps, offsetMinutes: 0, clock: () => stage.now.ms, logger });
      await rollUpUsage({ store: rollUps, offsetMinutes: 0, clock: () => stage.now.ms, logger }, { from });
    },
    get: async (query) => (await stage.call(`/api/admin/metrics${query}`, { headers })).json.data,
    serve(minutesAgo, { model = 'gpt-5', credential = 'team-a', status = 200, firstByteMs = 100 } = {}) {
      const error = status < 400 ? null : 'upstream_error';
      const attempts = [{ upstream: 'openai', credential, status, error, durationMs: 2_900 }];
      const closing = { credential, status, firstByteMs, error, durationMs: 3_000, attempts };
      const event = aUsageEvent(stage.now.ms - minutesAgo * MINUTE, { model }, closing);
      usage.rows.set(event.requestId, event);
    },
  };
}

describe('the latest metrics', () => {
  it('are of what was served: figures, lists, what is under way', async () => {
    const { get, serve, usage, now } = await asking();
    serve(2);
    serve(3, { status: 502, credential: 'team-b', model: 'other' });
    serve(30, { firstByteMs: 4_000 });
    const open = aUsageEvent(now.ms - MINUTE);
    usage.rows.set(open.requestId, { ...open, phase: 'open', closing: null });
    const latest = await get('');
    expect(latest).toMatchObject({ type: 'latest', inFlight: 1, upToDate: true });
    expect(latest.last5Minutes).toMatchObject({ requests: 2, failed: 1, faults: 1, errorRatePercent: 50 });
    expect(latest.lastHour).toMatchObject({ requests: 3, succeeded: 2, meanFirstByteMs: 1400, meanDurationMs: 3000 });
    expect(latest.lastHour.p95FirstByteMs).toBeGreaterThan(latest.lastHour.p50FirstByteMs);
    expect(latest.byModel.map((one: Json) => [one.name, one.requests])).toEqual([
      ['gpt-5', 2],
      ['other', 1],
    ]);
    expect(latest.byUpstream.map((one: Json) => [one.name, one.requests])).toEqual([['openai', 3]]);
    expect(latest.byCredential.map((one: Json) => one.name)).toEqual(['openai/team-a', 'openai/team-b']);
    expect(latest.alerts).toEqual({ active: 0, critical: 0, unknown: 0, evaluatedAt: null });
  });

  it('without a request tell no rates and no times: there are none', async () => {
    const { get } = await asking();
    const { lastHour, inFlight } = await get('?type=latest');
    const unknown = Object.entries(lastHour).filter(([, value]) => value === null);
    expect(unknown.map(([name]) => name)).toEqual([
      'errorRatePercent',
      'meanDurationMs',
      'p50DurationMs',
      'p95DurationMs',
      'meanFirstByteMs',
      'p50FirstByteMs',
      'p95FirstByteMs',
    ]);
    expect([lastHour.requests, inFlight]).toEqual([0, 0]);
  });

  it('are of one model or one upstream where asked', async () => {
    const { get, serve } = await asking();
    serve(1);
    serve(1, { model: 'other', credential: 'team-b' });
    expect((await get('?model=other')).lastHour.requests).toBe(1);
    expect((await get('?upstream=openai')).lastHour.requests).toBe(2);
    expect((await get('?upstream=openai&credential=team-b')).byModel).toMatchObject([{ name: 'other' }]);
    expect((await get('?upstream=none')).lastHour.requests).toBe(0);
  });

  it('are measured at most once in three seconds', async () => {
    const { get, serve, now } = await asking();
    expect((await get('')).lastHour.requests).toBe(0);
    serve(1);
    expect((await get('')).lastHour.requests).toBe(0);
    now.ms += 3_000;
    expect((await get('')).lastHour.requests).toBe(1);
  });
});

describe('the history', () => {
  it('has a point for every interval, those without a request too', async () => {
    const { get, serve, now } = await asking();
    serve(2);
    serve(12);
    const from = new Date(now.ms - 15 * MINUTE).toISOString();
    const { points, interval } = await get(`?type=history&from=${from}`);
    expect(interval).toBe('5m');
    expect(points.map((point: Json) => point.requests)).toEqual([1, 0, 1, 0]);
    expect(points[0].start).toBe(from);
    expect(points[1]).toMatchObject({ errorRatePercent: null, tokens: 0 });
    const hours = (await get('?type=history&interval=1h')).points;
    expect(hours).toHaveLength(7 * 24 + 1);
    expect(hours.at(-2).requests).toBe(2);
  });

  it.each([
    ['from=2026-03-01T11:00:00Z&to=2026-03-01T10:00:00Z', /ends before/],
    ['from=2026-01-01T00:00:00Z', /at most 48 hours/],
    ['interval=1h&from=2025-01-01T00:00:00Z', /at most 744 hours/],
    ['interval=2m', /interval/],
    ['credential=team-a', /upstream/],
    ['from=yesterday', /from/],
  ])('refuses %s', async (query, message) => {
    const stage = createStage();
    const answer = await stage.call(`/api/admin/metrics?type=history&${query}`, {
      headers: await stage.as('super_admin'),
    });
    expect([answer.status, answer.json.error]).toEqual([400, expect.stringMatching(message)]);
  });
});

describe('the trend', () => {
  it('sets a period against the one before', async () => {
    const { get, serve, rollUp, now } = await asking();
    for (let index = 0; index < 3; index += 1) serve(60);
    serve(25 * 60);
    serve(26 * 60, { status: 500 });
    await rollUp(now.ms - 3 * 24 * 60 * MINUTE);
    const trend = await get('?type=trend');
    expect(trend).toMatchObject({
      period: '24h',
      current: { requests: 3 },
      previous: { requests: 2, errorRatePercent: 50 },
    });
    expect(trend.changePercent).toMatchObject({ requests: 50, errorRatePercent: -100, faults: -100 });
    expect(trend.points.length).toBeGreaterThanOrEqual(24);
    const before = (await get('?type=trend&period=7d')).changePercent;
    expect(before.requests).toBeNull();
  });
});
