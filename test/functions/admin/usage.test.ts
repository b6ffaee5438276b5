import type { UsageEvent } from '../../../layers/core/metering/store.ts';
import { rollUpUsage } from '../../../layers/core/metering/roll-up-usage.ts';
import { createMemoryRollUpStore } from '../../support/memory-roll-ups.ts';
import { createMemoryUsageStore } from '../../support/memory-stores.ts';
import { aUsageEvent } from '../../support/usage-events.ts';
import { createStage, type Json, type Stage } from './support/admin-stage.ts';
import type { Role } from '../../../layers/core/identity/store.ts';
import { NO_FIGURES } from '../../../layers/llm/formats/usage-figures.ts';

const DAY = 24 * 3600_000;
const NOON = Date.parse('2026-03-01T12:00:00Z');

async function stageWith(events: UsageEvent[]): Promise<Stage> {
  const usage = createMemoryUsageStore(events);
  const rollUps = createMemoryRollUpStore(usage.rows);
  const stage = createStage({ usage, rollUps });
  for (const role of ['user', 'admin', 'super_admin'] as const) await stage.as(role);
  return stage;
}

async function get(stage: Stage, role: Role, path: string): Promise<Json> {
  const answer = await stage.call(path, { headers: await stage.as(role) });
  return answer.status === 200 ? answer.json.data : answer.status;
}

const failed = {
  status: 502,
  error: 'upstream_error',
  parts: { ...NO_FIGURES },
  costMicros: 0,
};

describe('usage logs', () => {
  it('carry every field that scripts and readers rely on', async () => {
    const event = aUsageEvent(NOON - 1000, { keyId: 'key_gone', clientRequestId: 'theirs' });
    const { logs, pagination } = await get(await stageWith([event]), 'admin', '/api/usage/logs?scope=all');
    expect(pagination).toEqual({ limit: 50, offset: 0, total: 1, total_is_exact: true, next_cursor: null });
    expect(logs).toEqual([
      {
        request_id: event.requestId,
        client_request_id: 'theirs',
        source: 'reported',
        user_id: 'usr_user',
        key_id: 'key_gone',
        key_name: null,
        model: 'gpt-5',
        model_name: 'gpt-5',
        served_model: 'gpt-5.1',
        format: 'openai-chat',
        config_type: 'openai-chat',
        method: 'POST',
        endpoint: '/v1/chat/completions',
        stream: false,
        status: 200,
        status_code: 200,
        success: true,
        error: null,
        error_message: null,
        parts: {
          input: 10,
          cache_read: 2,
          cache_write_5m: 0,
          cache_write_1h: 0,
          output: 5,
          reasoning: 1,
          images: 0,
          audio: 0,
          audio_input: 0,
          audio_output: 0,
          image_input: 0,
          image_output: 0,
          video_seconds: 0,
          web_searches: 0,
        },
        input_tokens: 12,
        output_tokens: 6,
        total_tokens: 18,
        prompt_tokens: 12,
        completion_tokens: 6,
        cost_micros: 7,
        cost: 0.000007,
        quota_consumed: null,
        price_version: 1,
        first_byte_ms: 20,
        duration_ms: 100,
        client_app: 'curl',
        warnings: [],
        upstream: 'openai',
        credential: 'team-a',
        attempts: [{ upstream: 'openai', credential: 'team-a', status: 200, error: null, duration_ms: 90 }],
        created_at: '2026-03-01T11:59:59.000Z',
      },
    ]);
  });

  it('show users their own requests, and neither upstream nor credential', async () => {
    const stage = await stageWith([aUsageEvent(NOON, {}), aUsageEvent(NOON, { userId: 'usr_admin' })]);
    const { logs } = await get(stage, 'user', '/api/usage/logs');
    expect(logs).toHaveLength(1);
    expect(logs[0]).toMatchObject({ user_id: 'usr_user', upstream: null, credential: null, attempts: [] });
    expect(await get(stage, 'user', '/api/usage/logs?scope=all')).toBe(403);
    expect((await get(stage, 'admin', '/api/usage/logs?scope=all')).logs).toHaveLength(2);
  });

  it('name the key, and can be read by key by those who may see it', async () => {
    const stage = await stageWith([]);
    const made = await stage.call('/api/keys', { body: { name: 'laptop' }, headers: await stage.as('user') });
    const keyId: string = made.json.data.id;
    stage.services.usage.listEventsOfKey = createMemoryUsageStore([aUsageEvent(NOON, { keyId })]).listEventsOfKey;
    expect((await get(stage, 'user', `/api/usage/logs?key_id=${keyId}`)).logs[0].key_name).toBe('laptop');
    expect((await get(stage, 'admin', `/api/usage/logs?key_id=${keyId}`)).logs).toHaveLength(1);
    const foreign = await stage.call('/api/keys', { body: { name: 'a' }, headers: await stage.as('admin') });
    expect(await get(stage, 'user', `/api/usage/logs?key_id=${foreign.json.data.id}`)).toBe(404);
  });

  it('are filtered by time, success and model', async () => {
    const stage = await stageWith([
      aUsageEvent(NOON - 2 * DAY, { model: 'old' }),
      aUsageEvent(NOON - DAY, { model: 'failed' }, failed),
      aUsageEvent(NOON, { model: 'new' }),
    ]);
    const models = async (query: string): Promise<string[]> =>
      (await get(stage, 'user', `/api/usage/logs?${query}`)).logs.map((row: { model: string }) => row.model);
    expect(await models('')).toEqual(['new', 'failed', 'old']);
    expect(await models('success=true')).toEqual(['new', 'old']);
    expect(await models('success=false')).toEqual(['failed']);
    expect(await models('model_name=old')).toEqual(['old']);
    expect(await models('start_date=2026-02-28')).toEqual(['new', 'failed']);
    expect(await models('end_date=2026-02-28')).toEqual(['failed', 'old']);
    expect(await models('end_date=2026-02-28T12:00:00Z')).toEqual(['old']);
    expect(await models('start_date=2026-03-02&end_date=2026-03-01')).toEqual([]);
    expect(await models('limit=1&offset=1')).toEqual(['failed']);
  });

  it('go on behind a cursor', async () => {
    const stage = await stageWith([1, 2, 3].map((at) => aUsageEvent(NOON + at)));
    const first = await get(stage, 'user', '/api/usage/logs?limit=2');
    const second = await get(stage, 'user', `/api/usage/logs?limit=2&cursor=${first.pagination.next_cursor}`);
    expect([first.logs.length, second.logs.length]).toEqual([2, 1]);
    expect(second.pagination).toMatchObject({ total: null, next_cursor: null });
  });

  it.each([
    'limit=201',
    'limit=0',
    'limit=x',
    'offset=-1',
    'cursor=!',
    'success=maybe',
    'start_date=yesterday',
    'scope=none',
  ])('refuse %s and name it', async (query) => {
    const stage = await stageWith([]);
    const answer = await stage.call(`/api/usage/logs?${query}`, { headers: await stage.as('user') });
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0].path).toBe(query.split('=')[0]);
  });
});

describe('usage stats', () => {
  it('sum what the logs show', async () => {
    const stage = await stageWith([
      aUsageEvent(NOON),
      aUsageEvent(NOON, { model: 'b' }),
      aUsageEvent(NOON, {}, failed),
    ]);
    expect(await get(stage, 'user', '/api/usage/stats')).toEqual({
      total_requests: 3,
      success_requests: 2,
      failed_requests: 1,
      input_tokens: 24,
      output_tokens: 12,
      cached_tokens: 4,
      total_tokens: 36,
      cost_micros: 14,
      total_cost: 0.000014,
      total_quota_consumed: null,
      avg_duration_ms: 100,
      parts: {
        input: 20,
        cache_read: 4,
        cache_write_5m: 0,
        cache_write_1h: 0,
        output: 10,
        reasoning: 2,
        images: 0,
        audio: 0,
        audio_input: 0,
        audio_output: 0,
        image_input: 0,
        image_output: 0,
        video_seconds: 0,
        web_searches: 0,
      },
      by_model: [
        { model: 'gpt-5', requests: 2, total_tokens: 18, cost_micros: 7 },
        { model: 'b', requests: 1, total_tokens: 18, cost_micros: 7 },
      ],
      up_to_date: true,
    });
  });

  it('are zero where nothing was used', async () => {
    expect(await get(await stageWith([]), 'user', '/api/usage/stats')).toMatchObject({
      total_requests: 0,
      avg_duration_ms: 0,
    });
  });

  it('over all users are for administrators', async () => {
    const stage = await stageWith([aUsageEvent(NOON), aUsageEvent(NOON, { userId: 'usr_admin' })]);
    expect((await get(stage, 'admin', '/api/usage/stats?scope=all')).total_requests).toBe(2);
    expect((await get(stage, 'admin', '/api/usage/stats')).total_requests).toBe(1);
    expect(await get(stage, 'user', '/api/usage/stats?scope=all')).toBe(403);
  });

  it('can be split by user, key and credential, by those who may see them', async () => {
    const stage = await stageWith([
      aUsageEvent(NOON, { userId: 'usr_admin', keyId: 'key_of_admin' }),
      aUsageEvent(NOON),
      aUsageEvent(NOON, {}, { ...failed, credential: 'team-b' }),
    ]);
    const groups = async (role: Role, query: string): Promise<Json> => {
      const stats = await get(stage, role, `/api/usage/stats?${query}`);
      return typeof stats === 'number'
        ? stats
        : stats.groups.map((one: Json) => [one.id, one.requests, one.success_requests]);
    };
    const byUser = [
      ['usr_user', 2, 1],
      ['usr_admin', 1, 1],
    ];
    expect(await groups('admin', 'scope=all&group_by=user')).toEqual(byUser);
    expect(await groups('admin', 'scope=all&group_by=credential')).toEqual([
      ['openai/team-a', 2, 2],
      ['openai/team-b', 1, 0],
    ]);
    expect(await groups('admin', 'scope=all&group_by=key')).toEqual([
      ['key_a', 2, 1],
      ['key_of_admin', 1, 1],
    ]);
    expect(await groups('user', 'group_by=credential')).toBe(403);
    expect(await groups('user', 'group_by=user')).toBe(403);
    // Of keys that are gone.
    expect(await groups('user', 'group_by=key')).toEqual([['', 2, 1]]);
    const made = await stage.call('/api/keys', { body: { name: 'laptop' }, headers: await stage.as('user') });
    const keyId: string = made.json.data.id;
    const event = aUsageEvent(NOON, { keyId });
    stage.services.usage.listEventsOfKey = createMemoryUsageStore([event]).listEventsOfKey;
    expect(await groups('user', 'group_by=key')).toEqual([
      ['', 1, 0],
      [keyId, 1, 1],
    ]);
  });

  it('come as a series of days or hours of the grid, oldest first', async () => {
    const stage = await stageWith([aUsageEvent(NOON), aUsageEvent(NOON - 1800_000), aUsageEvent(NOON - 1000)]);
    const series = async (grain: string): Promise<Json> =>
      (await get(stage, 'user', `/api/usage/stats?series=${grain}`)).series.map((one: Json) => [
        one.start,
        one.requests,
      ]);
    expect(await series('hour')).toEqual([
      ['2026-03-01T11:00:00.000Z', 2],
      ['2026-03-01T12:00:00.000Z', 1],
    ]);
    expect(await series('day')).toEqual([['2026-03-01T00:00:00.000Z', 3]]);
  });
});

describe('the total of a log', () => {
  it.each([
    ['', 4, true],
    ['success=true', 3, true],
    ['success=false', 1, true],
    ['model_name=b', 1, true],
    ['limit=4', 4, true],
    // The end is not seen, so it is what the last run of the job summed up.
    ['limit=1', 4, false],
    ['limit=1&model_name=gpt-5', 3, false],
    ['offset=9', 4, false],
  ])('with %s is what matches, of roll-ups as of events', async (query, total, isExact) => {
    const events = [
      aUsageEvent(NOON - 10 * 3600_000),
      aUsageEvent(NOON - 10 * 3600_000, { model: 'b' }),
      aUsageEvent(NOON - 9 * 3600_000, {}, failed),
      aUsageEvent(NOON - 1000),
    ];
    const usage = createMemoryUsageStore(events);
    const rollUps = createMemoryRollUpStore(usage.rows);
    const stage = createStage({ usage, rollUps });
    const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
    await rollUpUsage({ store: rollUps, offsetMinutes: 0, clock: () => NOON, logger });
    for (const path of [`/api/usage/logs?${query}`, `/api/usage/logs?scope=all&${query}`]) {
      const { pagination } = await get(stage, path.includes('all') ? 'admin' : 'user', path);
      expect(pagination).toMatchObject({ total, total_is_exact: isExact });
    }
  });

  it('is not counted event by event: a page reads its own events and one more', async () => {
    const events = Array.from({ length: 30 }, (_none, index) => aUsageEvent(NOON - 1_000 * index));
    const usage = createMemoryUsageStore(events);
    let read = 0;
    const counted = {
      ...usage,
      async listEventsOfUser(...question: Parameters<typeof usage.listEventsOfUser>) {
        const page = await usage.listEventsOfUser(...question);
        read += page.items.length;
        return page;
      },
    };
    const rollUps = createMemoryRollUpStore(usage.rows);
    const stage = createStage({ usage: counted, rollUps });
    const { pagination } = await get(stage, 'user', '/api/usage/logs?limit=5');
    expect(pagination).toMatchObject({ total: 6, total_is_exact: false });
    expect(read).toBe(6);
  });
});
