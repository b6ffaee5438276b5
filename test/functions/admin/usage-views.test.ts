import type { Role } from '../../../layers/core/identity/store.ts';
import { rollUpUsage } from '../../../layers/core/metering/roll-up-usage.ts';
import type { UsageEvent } from '../../../layers/core/metering/store.ts';
import { NO_FIGURES } from '../../../layers/llm/formats/usage-figures.ts';
import { createMemoryRollUpStore } from '../../support/memory-roll-ups.ts';
import { createMemoryUsageStore } from '../../support/memory-stores.ts';
import { aUsageEvent } from '../../support/usage-events.ts';
import { aDocument, createStage, type Json, type Stage } from './support/admin-stage.ts';

const HOUR = 3600_000;
const DAY = 24 * HOUR;
const NOON = Date.parse('2026-03-01T12:00:00Z');
const FAILED = { status: 502, error: 'upstream_error', parts: { ...NO_FIGURES }, costMicros: 0 };

/** Each costs 7 micro-dollars and takes 18 tokens; made in the order of their days, so that each day can be rolled up. */
const BY_DAY: readonly (readonly [daysAgo: number, events: () => UsageEvent[]])[] = [
  [9, () => [aUsageEvent(NOON - 9 * DAY, { model: 'old' })]],
  [2, () => [aUsageEvent(NOON - 2 * DAY), aUsageEvent(NOON - 2 * DAY, { userId: 'usr_admin', keyId: 'key_b' })]],
  [0, () => [aUsageEvent(NOON - 3 * HOUR, {}, FAILED), aUsageEvent(NOON - 1_000), aUsageEvent(NOON, { model: 'b' })]],
];

/** A job that ran every day, as its schedule does. */
async function aStage(offsetMinutes = 0): Promise<Stage> {
  const usage = createMemoryUsageStore([]);
  const rollUps = createMemoryRollUpStore(usage.rows);
  const stage = createStage({ usage, rollUps });
  for (const role of ['user', 'admin', 'super_admin'] as const) await stage.as(role);
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const run = (at: number) => rollUpUsage({ store: rollUps, offsetMinutes, clock: () => at, logger });
  await run(NOON - 10 * DAY);
  for (const [daysAgo, events] of BY_DAY) {
    for (const event of events()) usage.rows.set(event.requestId, event);
    for (let more = true; more;) more = (await run(NOON - daysAgo * DAY)).more;
  }
  return stage;
}

async function get(stage: Stage, role: Role, path: string): Promise<Json> {
  const answer = await stage.call(path, { headers: await stage.as(role) });
  return answer.status === 200 ? answer.json : answer.status;
}

describe('the summary', () => {
  it('tells today, lately and ever, of the caller or of everybody', async () => {
    const stage = await aStage();
    const requests = (data: Json): number[] =>
      [data.today, data.last_7_days, data.last_30_days, data.lifetime].map((sums: Json) => sums.requests);
    expect(requests((await get(stage, 'user', '/api/usage/summary')).data)).toEqual([3, 4, 5, 5]);
    expect(requests((await get(stage, 'admin', '/api/usage/summary')).data)).toEqual([0, 1, 1, 1]);
    expect(requests((await get(stage, 'admin', '/api/usage/summary?scope=all')).data)).toEqual([3, 5, 6, 6]);
    expect(requests((await get(stage, 'admin', '/api/usage/summary?user=usr_user')).data)).toEqual([3, 4, 5, 5]);
    const { top_models: models, today } = (await get(stage, 'user', '/api/usage/summary')).data;
    expect(models.map((one: Json) => [one.model, one.cost_micros])).toEqual([
      ['gpt-5', 14],
      ['b', 7],
      ['old', 7],
    ]);
    expect(today).toMatchObject({ requests: 3, failed_requests: 1, cost_micros: 14, cost: 0.000014, total_tokens: 36 });
  });

  it('of all time does not shrink when the requests, their slices and hours are gone', async () => {
    const stage = await aStage();
    const rollUps = stage.services.rollUps as ReturnType<typeof createMemoryRollUpStore>;
    const usage = stage.services.usage as ReturnType<typeof createMemoryUsageStore>;
    const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
    // Each day is closed, and compared once more a day later.
    for (stage.now.ms = NOON; stage.now.ms < NOON + 4 * DAY; stage.now.ms += DAY / 2) {
      for (let more = true; more;) {
        ({ more } = await rollUpUsage({ store: rollUps, offsetMinutes: 0, clock: () => stage.now.ms, logger }));
      }
    }
    const lifetime = async () => (await get(stage, 'admin', '/api/usage/summary?scope=all')).data.lifetime;
    const before = await lifetime();
    expect(before.requests).toBe(6);
    usage.rows.clear();
    for (const name of rollUps.stored.keys()) if (!name.startsWith('day')) rollUps.stored.delete(name);
    for (const [name, { grain }] of rollUps.rows) if (grain === 'hour') rollUps.rows.delete(name);
    stage.now.ms = NOON + 95 * DAY;
    expect(await lifetime()).toEqual(before);
    expect((await get(stage, 'user', '/api/usage/stats')).data.total_requests).toBe(5);
    expect((await get(stage, 'user', '/api/usage/logs')).data.logs).toEqual([]);
  });
});

describe('consumption', () => {
  it('has every day of its time, models and keys, and adds up', async () => {
    const { data } = await get(await aStage(), 'user', '/api/usage/consumption?timeRange=7d');
    expect(data.by_day.map((day: Json) => [day.date, day.requests])).toEqual([
      ['2026-02-23', 0],
      ['2026-02-24', 0],
      ['2026-02-25', 0],
      ['2026-02-26', 0],
      ['2026-02-27', 1],
      ['2026-02-28', 0],
      ['2026-03-01', 3],
    ]);
    expect(data.total.requests).toBe(4);
    expect(data.by_model.map((one: Json) => [one.model, one.requests])).toEqual([
      ['gpt-5', 3],
      ['b', 1],
    ]);
  });

  it('of a user is by the keys that there are, and by those that are gone, and adds up', async () => {
    const stage = await aStage();
    const byKey = async (path: string, who: Role = 'user'): Promise<[string, number][]> =>
      (await get(stage, who, path)).data.by_key.map((one: Json) => [one.id, one.requests]);
    expect(await byKey('/api/usage/consumption?timeRange=7d')).toEqual([['', 4]]);
    await stage.identity.createKey({
      id: 'key_a',
      ownerId: 'usr_user',
      name: 'a',
      digest: 'digest-a',
      pepperVersion: 'v1',
      preview: 'sk-…a',
      enabled: true,
      expiresAt: null,
      models: ['*'],
      limits: {},
      createdAt: NOON - 10 * DAY,
    });
    expect(await byKey('/api/usage/consumption?timeRange=7d')).toEqual([['key_a', 4]]);
    expect(await byKey('/api/stats?timeRange=30d')).toEqual([['key_a', 5]]);
    expect(await byKey('/api/stats?user=usr_admin', 'super_admin')).toEqual([['', 1]]);
  });

  it('of everybody is by all keys', async () => {
    const { data } = await get(await aStage(), 'admin', '/api/usage/consumption?scope=all&timeRange=7d');
    expect(data.by_key.map((one: Json) => [one.id, one.requests])).toEqual([
      ['key_a', 4],
      ['key_b', 1],
    ]);
  });

  it.each(['7', '7w', '0d', '400d', '-1d'])('refuses the time %s', async (timeRange) => {
    expect(await get(await aStage(), 'user', `/api/usage/consumption?timeRange=${timeRange}`)).toBe(400);
  });
});

describe('the usage page of a user', () => {
  it('has sums, series without gaps, limits, plan and the last requests, under both names', async () => {
    const stage = await aStage();
    const page = await get(stage, 'user', '/api/user/usage?timeRange=7d');
    const { success, data, ...beside } = page;
    expect([success, beside]).toEqual([true, data]);
    expect(data.usage).toMatchObject({
      period: '7d',
      totalRequests: 4,
      totalTokens: 54,
      totalCost: 0.000021,
      successRate: 0.75,
      averageResponseTime: 100,
    });
    expect(data.usage.dailyUsage).toHaveLength(7);
    expect(data.usage.hourlyUsage).toHaveLength(24);
    expect(data.usage.hourlyUsage.filter((hour: Json) => hour.requests > 0)).toEqual([
      { hour: '2026-03-01T09:00:00.000Z', requests: 1, tokens: 0, cost: 0 },
      { hour: '2026-03-01T11:00:00.000Z', requests: 1, tokens: 18, cost: 0.000007 },
      { hour: '2026-03-01T12:00:00.000Z', requests: 1, tokens: 18, cost: 0.000007 },
    ]);
    expect(data.usage.topModels[0]).toEqual({ model: 'gpt-5', requests: 3, tokens: 36, cost: 0.000014 });
    expect(data.history).toHaveLength(4);
    expect(data.plan).toBeNull();
    expect(data.quota).toMatchObject({ source: 'role', limit: 10_000, used: 0, remaining: 10_000 });
    expect(data.limits.map((limit: Json) => limit.label)).toContain('requests per minute');
  });

  it('invents nothing where nothing was used', async () => {
    const stage = createStage();
    const { data } = await get(stage, 'user', '/api/user/usage');
    expect(data.usage).toMatchObject({ totalRequests: 0, successRate: null, averageResponseTime: null, topModels: [] });
    expect(data.history).toEqual([]);
  });

  it('follows the day of the configured time zone', async () => {
    const stage = await aStage(480);
    const { data } = await get(stage, 'user', '/api/user/usage?timeRange=3d');
    // Noon in Greenwich is evening in the east: the same date; the day began at 16:00 the day before.
    expect(data.usage.dailyUsage.map((day: Json) => [day.date, day.requests])).toEqual([
      ['2026-02-27', 1],
      ['2026-02-28', 0],
      ['2026-03-01', 3],
    ]);
  });

  it('of somebody else is for administrators', async () => {
    const stage = await aStage();
    expect(await get(stage, 'user', '/api/user/usage?user=usr_admin')).toBe(403);
    expect((await get(stage, 'admin', '/api/user/usage?user=usr_user')).data.usage.totalRequests).toBe(4);
  });
});

describe('every view of usage', () => {
  const VIEWS = ['/api/usage/summary', '/api/usage/consumption', '/api/usage/accounts', '/api/stats'];

  it.each(VIEWS)('%s refuses users who ask for all, or for another one', async (path) => {
    const stage = await aStage();
    expect(await get(stage, 'user', `${path}?scope=all`)).toBe(403);
    expect(await get(stage, 'user', `${path}?user=some-admin`)).toBe(403);
  });

  it.each(['/api/admin/system-stats', '/api/v1/admin/metrics', '/api/v1/admin/logs/files', '/api/v1/admin/logs/tail'])(
    '%s is for administrators',
    async (path) => {
      const stage = await aStage();
      expect(await get(stage, 'user', path)).toBe(403);
      expect((await get(stage, 'admin', path)).success).toBe(true);
    },
  );
});

describe('the dashboard', () => {
  it('is the caller’s own', async () => {
    const stage = await aStage();
    await stage.call('/api/keys', { body: { name: 'laptop' }, headers: await stage.as('user') });
    const { data } = await get(stage, 'user', '/api/user/dashboard');
    expect(data.user).toMatchObject({ id: 'usr_user', username: 'some-user' });
    expect(data.keys).toEqual({ total: 1, enabled: 1 });
    expect(data.usage.lifetime.requests).toBe(5);
    expect(data.recent.map((row: Json) => row.user_id)).toEqual(Array(5).fill('usr_user'));
  });
});

describe('totals', () => {
  it('are the user’s own, or everybody’s for administrators', async () => {
    const stage = await aStage();
    const own = (await get(stage, 'user', '/api/stats')).data;
    expect(own).toMatchObject({ requests: 5, tokens: 72, errors: 1, cost: 0.000028, accounts: null, workers: null });
    const all = (await get(stage, 'admin', '/api/stats?timeRange=7d')).data;
    expect(all).toMatchObject({ requests: 6, errors: 1, accounts: { total: 0, enabled: 0 } });
    expect(all.by_key.map((one: Json) => one.requests)).toEqual([4, 1]);
    expect((await get(stage, 'admin', '/api/stats?user=usr_user')).data.requests).toBe(5);
  });
});

describe('accounts', () => {
  it('are upstream accounts for administrators, none for others', async () => {
    const stage = await aStage();
    const { data } = await get(stage, 'admin', '/api/usage/accounts');
    expect(data.accounts.map((one: Json) => [one.id, one.requests])).toEqual([['openai/team-a', 5]]);
    expect((await get(stage, 'user', '/api/usage/accounts')).data.accounts).toEqual([]);
  });
});

describe('system stats', () => {
  it('have one row a day with users, active users and sums', async () => {
    const stage = await aStage();
    for (const user of stage.identity.rows.users.values()) user.createdAt = NOON - DAY;
    const { data } = await get(stage, 'admin', '/api/admin/system-stats?period=7d');
    expect(data.stats.map((day: Json) => [day.date, day.total_users, day.active_users, day.total_requests])).toEqual([
      ['2026-02-23', 0, 0, 0],
      ['2026-02-24', 0, 0, 0],
      ['2026-02-25', 0, 0, 0],
      ['2026-02-26', 0, 0, 0],
      ['2026-02-27', 0, 2, 2],
      ['2026-02-28', 3, 0, 0],
      ['2026-03-01', 3, 1, 3],
    ]);
    expect(data.totals).toMatchObject({ total_users: 3, active_users: 2, total_requests: 5, failed_requests: 1 });
    expect(await get(stage, 'admin', '/api/admin/system-stats?period=1y')).toBe(400);
  });
});

describe('the older console', () => {
  it('has credentials by state and requests by hour, day and model', async () => {
    const stage = await aStage();
    await stage.call('/api/admin/import', { body: aDocument(), headers: await stage.as('super_admin') });
    const { tokens, cache, request_stats: stats } = await get(stage, 'admin', '/api/v1/admin/metrics');
    expect(tokens).toMatchObject({ total: 1, active: 1, cooling: 0, expired: 0, disabled: 0, total_calls: 6 });
    const none = { bytes: 0, count: 0, size_mb: 0 };
    expect(cache).toEqual({ local_image: none, local_video: none });
    expect([stats.hourly.length, stats.daily.length]).toEqual([24, 14]);
    expect(stats.summary).toEqual({ total: 3, success: 2, failed: 1, success_rate: 2 / 3 });
    expect(stats.daily.at(-1)).toEqual({ date: '2026-03-01', success: 2, failed: 1 });
    expect(stats.models).toEqual([
      { model: 'gpt-5', count: 4 },
      { model: 'b', count: 1 },
    ]);
  });

  it('reads the log as files of days and lines of text', async () => {
    const stage = await aStage();
    const { files } = await get(stage, 'admin', '/api/v1/admin/logs/files');
    expect(files).toEqual([
      { name: '2026-03-01.log', date: '2026-03-01', lines: 3 },
      { name: '2026-02-27.log', date: '2026-02-27', lines: 2 },
      { name: '2026-02-20.log', date: '2026-02-20', lines: 1 },
    ]);
    const { lines } = await get(stage, 'admin', '/api/v1/admin/logs/tail?lines=50');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toBe('2026-02-20T12:00:00.000Z | 200 | old | - | key_a | -');
    expect(lines[3]).toBe('2026-03-01T09:00:00.000Z | 502 | gpt-5 | - | key_a | upstream_error');
    const day = await get(stage, 'admin', '/api/v1/admin/logs/tail?file=2026-02-27.log');
    expect([day.file, day.lines.length]).toEqual(['2026-02-27.log', 2]);
    expect(await get(stage, 'admin', '/api/v1/admin/logs/tail?lines=49')).toBe(400);
    expect(await get(stage, 'admin', '/api/v1/admin/logs/tail?file=../../etc')).toBe(400);
    expect((await get(stage, 'admin', '/api/v1/admin/logs/tail?file=2026-02-30')).lines).toEqual([]);
    expect((await get(stage, 'admin', '/api/v1/admin/logs/tail?file=2026-13-41')).lines).toEqual([]);
  });

  it('cannot be told a line that nobody wrote', async () => {
    const stage = createStage({ usage: createMemoryUsageStore([]) });
    const usage = createMemoryUsageStore([aUsageEvent(NOON, { model: 'x\n2026 | 200 | forged' })]);
    stage.services.usage = usage;
    stage.services.rollUps = createMemoryRollUpStore(usage.rows);
    const { lines } = await get(stage, 'admin', '/api/v1/admin/logs/tail');
    expect(lines).toEqual(['2026-03-01T12:00:00.000Z | 200 | x 2026   200   forged | - | key_a | -']);
  });
});
