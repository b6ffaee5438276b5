import type { Role } from '../../../layers/core/identity/store.ts';
import { rollUpUsage } from '../../../layers/core/metering/roll-up-usage.ts';
import type { UsageEvent } from '../../../layers/core/metering/store.ts';
import { NO_FIGURES } from '../../../layers/llm/formats/usage-figures.ts';
import { createMemoryRollUpStore } from '../../support/memory-roll-ups.ts';
import { createMemoryUsageStore } from '../../support/memory-stores.ts';
import { aUsageEvent } from '../../support/usage-events.ts';
import { createStage, type Json, type Stage } from './support/admin-stage.ts';

const HOUR = 3600_000;
const NOON = Date.parse('2026-03-01T12:00:00Z');
const FAILED = { status: 502, error: 'upstream_error', parts: { ...NO_FIGURES }, costMicros: 0 };

/** Half of them rolled up, half of them young. */
const EVENTS: UsageEvent[] = [
  aUsageEvent(NOON - 10 * HOUR, { clientApp: 'claude-cli', format: 'anthropic-messages' }),
  aUsageEvent(NOON - 10 * HOUR + 1, { clientApp: 'claude-cli', model: 'b' }, FAILED),
  aUsageEvent(NOON - 9 * HOUR, { userId: 'usr_admin', keyId: 'key_of_admin', clientApp: null }),
  aUsageEvent(NOON - 2_000, { clientApp: 'curl' }, { credential: 'team-b' }),
  aUsageEvent(NOON - 1_000, { userId: 'usr_admin', keyId: 'key_of_admin' }, { upstream: 'azure', credential: 'one' }),
];

async function aStage(isRolledUp: boolean, events: UsageEvent[] = EVENTS): Promise<Stage> {
  const usage = createMemoryUsageStore(events);
  const rollUps = createMemoryRollUpStore(usage.rows);
  const stage = createStage({ usage, rollUps });
  for (const role of ['user', 'admin', 'super_admin'] as const) await stage.as(role);
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
  if (isRolledUp) await rollUpUsage({ store: rollUps, offsetMinutes: 0, clock: () => NOON, logger });
  return stage;
}

async function get(stage: Stage, role: Role, path: string): Promise<Json> {
  const answer = await stage.call(path, { headers: await stage.as(role) });
  return answer.status === 200 ? answer.json.data : answer.status;
}

/** Question by an administrator, and how many of the events it is about. */
const QUESTIONS: [query: string, requests: number][] = [
  ['scope=all', 5],
  ['scope=all&client_app=claude-cli', 2],
  ['scope=all&client_app=', 1],
  ['scope=all&client_app=claude-cli&model_name=b', 1],
  ['scope=all&config_type=anthropic-messages', 1],
  ['scope=all&config_type=openai-chat&client_app=claude-cli', 1],
  ['scope=all&success=false', 1],
  ['credential=openai/team-b', 1],
  ['upstream=azure', 1],
  ['upstream=openai&success=true', 3],
  ['user=usr_user', 3],
  ['user=some-user', 3],
  ['user=user@example.com&client_app=curl', 1],
  ['user=usr_admin&credential=azure/one', 1],
  ['key=key_of_admin', 2],
  ['key_id=key_of_admin&user=usr_user', 0],
  ['client_app=curl', 1],
  ['', 2],
];

describe('usage', () => {
  it.each(QUESTIONS)('is narrowed by %s to as many requests in the log as in the sums', async (query, requests) => {
    const stage = await aStage(true);
    const stats = await get(stage, 'admin', `/api/usage/stats?${query}`);
    const { logs, pagination } = await get(stage, 'admin', `/api/usage/logs?${query}`);
    expect([stats.total_requests, logs.length, pagination.total]).toEqual([requests, requests, requests]);
    expect(stats.up_to_date).toBe(true);
  });
});

describe('the log', () => {
  it.each([
    ['status=502', 1],
    ['status=5xx', 1],
    ['status=2xx', 4],
    ['error=upstream_error', 1],
    ['stream=true', 0],
    ['stream=false&status=200', 4],
    ['min_duration_ms=100', 5],
    ['min_duration_ms=101', 0],
  ])('is narrowed by %s, and counts what is left', async (query, requests) => {
    const { logs, pagination } = await get(await aStage(true), 'admin', `/api/usage/logs?scope=all&${query}`);
    expect([logs.length, pagination.total]).toEqual([requests, requests]);
  });

  it.each(['status=6xx', 'status=ok', 'min_duration_ms=-1', 'stream=yes'])('refuses %s', async (query) => {
    expect(await get(await aStage(true), 'admin', `/api/usage/logs?${query}`)).toBe(400);
  });
});

describe('groups over time', () => {
  it.each(['user', 'key', 'model', 'credential', 'upstream', 'client_app', 'config_type'])(
    'by %s add up to their sums, by hours and by days',
    async (by) => {
      const stage = await aStage(true);
      for (const grain of ['hour', 'day']) {
        const query = `scope=all&group_by=${by}&series=${grain}&start_date=2026-02-28`;
        const { groups, group_series: series } = await get(stage, 'admin', `/api/usage/stats?${query}`);
        const requests = (points: Json[]): number => points.reduce((all, point) => all + point.requests, 0);
        expect(series.map((one: Json) => [one.id, requests(one.points)])).toEqual(
          groups.map((group: Json) => [group.id, group.requests]),
        );
      }
    },
  );

  it('are told to users of their own keys', async () => {
    const stage = await aStage(true);
    const made = await stage.call('/api/keys', { body: { name: 'laptop' }, headers: await stage.as('user') });
    const { group_series: series } = await get(stage, 'user', '/api/usage/stats?group_by=key&series=day');
    // What a deleted key used has no rows of its own, and a key that was never used is no group.
    expect(made.status).toBe(201);
    expect(series).toEqual([]);
  });

  it('are of one upstream by the sums of its credentials', async () => {
    const stage = await aStage(true);
    const query = 'scope=all&upstream=openai&group_by=credential&series=day';
    const { groups, group_series: series } = await get(stage, 'admin', `/api/usage/stats?${query}`);
    expect(groups.map((group: Json) => group.id)).toEqual(['openai/team-a', 'openai/team-b']);
    expect(series).toHaveLength(2);
  });
});

describe('groups', () => {
  it.each([
    [
      'scope=all&group_by=client_app',
      [
        ['claude-cli', 2],
        ['curl', 2],
        ['', 1],
      ],
    ],
    [
      'scope=all&group_by=config_type',
      [
        ['openai-chat', 4],
        ['anthropic-messages', 1],
      ],
    ],
    [
      'scope=all&group_by=upstream',
      [
        ['openai', 4],
        ['azure', 1],
      ],
    ],
    [
      'scope=all&group_by=model',
      [
        ['gpt-5', 4],
        ['b', 1],
      ],
    ],
    [
      'scope=all&group_by=user&success=true',
      [
        ['usr_admin', 2],
        ['usr_user', 2],
      ],
    ],
    [
      'user=usr_user&group_by=credential',
      [
        ['openai/team-a', 2],
        ['openai/team-b', 1],
      ],
    ],
    [
      'user=usr_user&group_by=client_app',
      [
        ['claude-cli', 2],
        ['curl', 1],
      ],
    ],
  ])('with %s add up to what they are groups of', async (query, expected) => {
    const stats = await get(await aStage(true), 'admin', `/api/usage/stats?${query}`);
    expect(stats.groups.map((group: Json) => [group.id, group.requests])).toEqual(expected);
    const sum = (name: string): number => stats.groups.reduce((all: number, group: Json) => all + group[name], 0);
    expect([sum('cost_micros'), sum('total_tokens')]).toEqual([stats.cost_micros, stats.total_tokens]);
  });

  it('come in the order that is asked for, no more than that', async () => {
    const stage = await aStage(true);
    const ids = async (query: string): Promise<string[]> =>
      (await get(stage, 'admin', `/api/usage/stats?scope=all&group_by=model&${query}`)).groups.map(
        (one: Json) => one.id,
      );
    expect(await ids('sort=cost')).toEqual(['gpt-5', 'b']);
    expect(await ids('sort=tokens&top=1')).toEqual(['gpt-5']);
    expect(await get(stage, 'admin', '/api/usage/stats?sort=name')).toBe(400);
    // As many requests, one of which was free of charge.
    const users = await get(stage, 'admin', '/api/usage/stats?scope=all&group_by=user&sort=cost');
    expect(users.groups.map((one: Json) => [one.id, one.cost_micros])).toEqual([
      ['usr_user', 14],
      ['usr_admin', 14],
    ]);
  });

  it('tell the names of users and keys that are still there', async () => {
    const stage = await aStage(true);
    const { groups } = await get(stage, 'admin', '/api/usage/stats?scope=all&group_by=user');
    expect(groups.map((group: Json) => group.name)).toEqual(['some-user', 'some-admin']);
    const keys = await get(stage, 'admin', '/api/usage/stats?scope=all&group_by=key');
    expect(keys.groups.map((group: Json) => [group.id, group.name])).toEqual([
      ['key_a', null],
      ['key_of_admin', null],
    ]);
  });
});

describe('users', () => {
  it.each([
    ['scope=all', 403],
    ['user=usr_admin', 403],
    ['user=some-admin', 403],
    ['upstream=openai', 403],
    ['credential=openai/team-a', 403],
    ['group_by=upstream', 403],
  ])('may not ask for %s', async (query, status) => {
    const stage = await aStage(true);
    expect(await get(stage, 'user', `/api/usage/stats?${query}`)).toBe(status);
    if (!query.startsWith('group_by')) {
      for (const path of ['/api/usage/logs', '/api/usage/logs.csv']) {
        const { status: refused } = await stage.call(`${path}?${query}`, { headers: await stage.as('user') });
        expect(refused).toBe(status);
      }
    }
  });

  it('see their own under any name of theirs, by program and language, and one request by its id', async () => {
    const stage = await aStage(true);
    const count = async (query: string): Promise<number> =>
      (await get(stage, 'user', `/api/usage/stats?${query}`)).total_requests;
    expect(await Promise.all(['', 'user=usr_user', 'user=some-user', 'user=user@example.com'].map(count))).toEqual([
      3, 3, 3, 3,
    ]);
    expect(await count('client_app=claude-cli&success=true')).toBe(1);
    const [own, foreign] = [EVENTS[0]!, EVENTS[2]!];
    const logs = async (id: string): Promise<number> =>
      (await get(stage, 'user', `/api/usage/logs?request_id=${id}`)).logs.length;
    expect([await logs(own.requestId), await logs(foreign.requestId)]).toEqual([1, 0]);
    expect((await get(stage, 'admin', `/api/usage/logs?scope=all&request_id=${foreign.requestId}`)).logs).toHaveLength(
      1,
    );
  });

  it('see the requests of their deleted key, and nothing of anybody’s', async () => {
    const stage = await aStage(true);
    expect((await get(stage, 'user', '/api/usage/stats?key=key_a')).total_requests).toBe(3);
    expect((await get(stage, 'user', '/api/usage/stats?key=key_of_admin')).total_requests).toBe(0);
    const { logs } = await get(stage, 'user', '/api/usage/logs?key=key_a');
    expect(logs.map((row: Json) => [row.key_id, row.key_name])).toEqual(logs.map(() => ['key_a', null]));
    expect(logs).toHaveLength(3);
    expect((await get(stage, 'user', '/api/usage/logs?key=key_of_admin')).logs).toEqual([]);
  });
});

describe('the log as a file', () => {
  const parse = (text: string): string[][] =>
    text
      .trimEnd()
      .split('\r\n')
      .map((line) => line.split(','));

  it('has the rows of the log, one line each', async () => {
    const stage = await aStage(true);
    const answer = await stage.call('/api/usage/logs.csv?scope=all', { headers: await stage.as('admin') });
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="usage.csv"',
    });
    expect(answer.headers['x-next-cursor']).toBeUndefined();
    const [head = [], ...rows] = parse(answer.text);
    expect(rows).toHaveLength(5);
    const column = (name: string): (string | undefined)[] => rows.map((row) => row[head.indexOf(name)]);
    expect(column('cost_micros')).toEqual(['7', '7', '7', '0', '7']);
    expect(column('credential')).toEqual(['one', 'team-b', 'team-a', 'team-a', 'team-a']);
    const paged = await stage.call('/api/usage/logs?scope=all&format=csv', { headers: await stage.as('admin') });
    expect(paged.text).toBe(answer.text);
  });

  it('goes on behind the cursor of its head, whole and once', async () => {
    const stage = await aStage(true);
    const headers = await stage.as('admin');
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const path = `/api/usage/logs.csv?scope=all&limit=2${cursor ? `&cursor=${cursor}` : ''}`;
      const answer = await stage.call(path, { headers });
      ids.push(
        ...parse(answer.text)
          .slice(1)
          .map((row) => row[1] ?? ''),
      );
      cursor = answer.headers['x-next-cursor'] as string | undefined;
      expect(Boolean(cursor)).toBe(Boolean(answer.headers['x-sluice-warnings']));
    } while (cursor);
    expect(ids).toEqual(
      EVENTS.map((event) => event.requestId)
        .toSorted()
        .toReversed(),
    );
  });

  it('makes plain what a spreadsheet would run, and quotes what would break a line', async () => {
    const event = aUsageEvent(NOON, { clientApp: '=HYPERLINK("http://x","y")', model: 'a,b' });
    const stage = await aStage(false, [event]);
    const { text } = await stage.call('/api/usage/logs.csv', { headers: await stage.as('user') });
    expect(text).toContain(`"'=HYPERLINK(""http://x"",""y"")"`);
    expect(text).toContain('"a,b"');
  });

  it('takes times without a zone as UTC, wherever it runs', async () => {
    const stage = await aStage(false, [aUsageEvent(NOON - HOUR), aUsageEvent(NOON - 3 * HOUR)]);
    const local = new Date(NOON - 2 * HOUR).toISOString().slice(0, 19);
    for (const [query, count] of [
      [`start_date=${local}`, 1],
      [`end_date=${local}.000`, 1],
      [`start_date=${local}Z`, 1],
      [`start_date=${local}%2B00:00`, 1],
      [`start_date=${local}-02:00`, 0],
      [`start_date=${local}%2B02:00`, 2],
    ] as const) {
      expect([query, (await get(stage, 'user', `/api/usage/logs?${query}`)).logs.length]).toEqual([query, count]);
    }
  });

  it('shows users neither upstream nor credential', async () => {
    const stage = await aStage(true);
    const { text } = await stage.call('/api/usage/logs.csv', { headers: await stage.as('user') });
    expect(text).not.toMatch(/team-a|team-b/);
  });
});

describe('a filter that lets hardly anything through', () => {
  it('ends a page early, with a cursor that leads on', async () => {
    const rare = aUsageEvent(NOON - HOUR, { clientApp: 'rare' });
    const events = Array.from({ length: 3_500 }, (_none, index) => aUsageEvent(NOON - index));
    const stage = await aStage(false, [...events, rare]);
    const first = await get(stage, 'user', '/api/usage/logs?client_app=rare');
    expect(first.logs).toEqual([]);
    expect(first.pagination.next_cursor).not.toBeNull();
    const second = await get(stage, 'user', `/api/usage/logs?client_app=rare&cursor=${first.pagination.next_cursor}`);
    expect(second.logs.map((row: Json) => row.request_id)).toEqual([rare.requestId]);
  });

  it('sums the last of so many requests, and says that it did', async () => {
    const events = Array.from({ length: 5_001 }, (_none, index) => aUsageEvent(NOON - index));
    const stage = await aStage(false, events);
    expect(await get(stage, 'user', '/api/usage/stats?success=true')).toMatchObject({
      total_requests: 5_000,
      up_to_date: false,
    });
  });
});
