import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { UsageLogRow } from '../../layers/contract/usage.ts';
import { chatEvents, startFakeUpstream, type FakeUpstream, type Step } from '../support/fake-upstream.ts';
import { importInto, marker, until, type AdminClient } from '../support/gateway.ts';
import { createLimitedKey, type LimitedKey } from '../support/limited-key.ts';
import { countersOfKey, moveClock, ownUserId, readLedgerAccount, type LedgerAccountView } from '../support/ledger.ts';
import { createGate, createLoad, type Load, type LoadAnswer } from '../support/load.ts';
import {
  readReady,
  removeDirectory,
  sharedAssembly,
  startStack,
  temporaryDirectory,
  type Stack,
} from '../support/stack.ts';

/** One of three relay processes dies while it serves its share of fifty streams. */
const dataDirectory = temporaryDirectory('crash');
/** Noon in the time zone that days are counted in, far from every window's end. */
const CLOCK = '2031-05-06T04:00:00Z';
const LATER_MS = 5 * 3600_000;
const STREAMS = 50;
const MAX_TOKENS = 40;
const MODEL = 'crash-model';
const VICTIM = 'relay-1';

let stack: Stack;
let upstream: FakeUpstream;
let admin: AdminClient;
let load: Load;
let key: LimitedKey;
let userId: string;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  stack = await startStack({
    cloudAssembly: sharedAssembly(),
    dataDirectory,
    args: ['--relays', '3', '--clock', CLOCK],
  });
  admin = await importInto(stack.ready, {
    version: 1,
    upstreams: [{ name: 'gated', format: 'openai-chat', vendor: 'openai-compatible', baseUrl: upstream.baseUrl }],
    credentials: [{ upstream: 'gated', name: 'only', secret: 'gated-secret' }],
    models: [
      { name: MODEL, routes: [{ upstream: 'gated', model: 'up' }], price: { inputPerMillion: 3, outputPerMillion: 7 } },
    ],
  });
  userId = await ownUserId(admin);
  load = createLoad(stack.ready, STREAMS);
  key = await createLimitedKey(admin, {
    requestsPerMinute: 1_000_000,
    tokensPerDay: 1_000_000_000,
    perDay: { chat: 1000 },
    budgetMicrosPerMonth: 1_000_000_000,
    maxConcurrent: STREAMS,
  });
}, 150_000);
afterAll(async () => {
  load?.close();
  await stack?.stop();
  await upstream?.close();
  removeDirectory(dataDirectory);
}, 60_000);

/** Streams that say two words, and the rest when the gate opens. */
function gatedStream(gate: Promise<void>): Step[] {
  const usage = { prompt_tokens: 11, completion_tokens: 6, total_tokens: 17 };
  const [role = '', one = '', two = '', ...rest] = chatEvents(['One', ' two', ' three', ' four'], { usage });
  return [
    { head: 200, headers: { 'content-type': 'text/event-stream' } },
    ...[role, one, two].map((write) => ({ write })),
    { waitFor: gate },
    ...rest.map((write) => ({ write })),
  ];
}

function bodyOf(mark: string): string {
  const messages = [{ role: 'user', content: mark }];
  return JSON.stringify({ model: MODEL, stream: true, max_tokens: MAX_TOKENS, messages });
}

async function rowsOfKey(): Promise<UsageLogRow[]> {
  const { body } = await admin.call('GET', `/api/usage/logs?limit=200&scope=all&key_id=${key.id}`);
  return (body['data'] as { logs: UsageLogRow[] }).logs;
}

function sumOf(rows: readonly UsageLogRow[], read: (row: UsageLogRow) => number): number {
  return rows.reduce((sum, row) => sum + read(row), 0);
}

async function sweepNow(): Promise<Record<string, unknown>> {
  const { status, body } = await admin.call('POST', '/api/admin/schedules/sweep-holds/run', { olderThanMs: 0 });
  expect(status).toBe(200);
  return body['data'] as Record<string, unknown>;
}

function account(): Promise<LedgerAccountView> {
  return readLedgerAccount(admin, userId);
}

async function openHolds(): Promise<number> {
  return Object.keys((await account()).holds).length;
}

describe('kill -9 of one of three relays in the middle of fifty streams', () => {
  let answers: LoadAnswer[];
  let cut: LoadAnswer[];

  test('cuts the streams of that process alone, and it comes back by itself', async () => {
    const gate = createGate();
    upstream.answer(() => gatedStream(gate.opened));
    let speaking = 0;
    const calls = Array.from({ length: STREAMS }, () => {
      let heard = false;
      const onPiece = (soFar: string): void => {
        if (heard || !soFar.includes(' two')) return;
        heard = true;
        speaking += 1;
      };
      return load.call({ secret: key.secret, body: bodyOf(marker()), onPiece });
    });
    await until(async () => speaking === STREAMS);
    expect(await openHolds()).toBe(STREAMS);
    const pid = readReady(dataDirectory).pids[VICTIM];
    if (pid === undefined) throw new Error(`no ${VICTIM} among the processes`);
    process.kill(pid, 'SIGKILL');
    await until(async () => ![undefined, pid].includes(readReady(dataDirectory).pids[VICTIM]));
    gate.open();
    answers = await Promise.all(calls);
    cut = answers.filter(({ body }) => !body.includes('[DONE]'));
    expect(cut.length).toBeGreaterThan(5);
    expect(cut.length).toBeLessThan(STREAMS - 20);
    expect(cut.every(({ broken }) => broken)).toBe(true);
  }, 120_000);

  test('leaves its holds to the sweep: every stream has exactly one closed event with model, key and source', async () => {
    await until(async () => (await openHolds()) === cut.length);
    await sweepNow();
    const rows = await rowsOfKey();
    expect(rows).toHaveLength(STREAMS);
    expect(new Set(rows.map((row) => row.request_id)).size).toBe(STREAMS);
    const ids = answers.map(({ headers }) => headers['x-sluice-request-id'] ?? headers['x-request-id']);
    expect(rows.map((row) => row.request_id).toSorted()).toEqual(ids.map(String).toSorted());
    expect(rows.every((row) => row.model === MODEL && row.key_id === key.id)).toBe(true);
    const sources = Object.groupBy(rows, (row) => row.source);
    expect(Object.keys(sources).toSorted()).toEqual(['abandoned', 'reported']);
    expect(sources['abandoned']).toHaveLength(cut.length);
    expect(sumOf(sources['abandoned'] ?? [], (row) => row.cost_micros)).toBeGreaterThan(0);
  });

  test('and the counters equal the sum of the events, with no hold left', async () => {
    const rows = await rowsOfKey();
    const found = await account();
    expect(found.holds).toEqual({});
    const { fly = 0, ...counters } = countersOfKey(found, key.id);
    expect(fly).toBe(0);
    expect(counters).toEqual({
      req: STREAMS,
      chat: STREAMS,
      tok: sumOf(rows, (row) => row.total_tokens),
      usd: sumOf(rows, (row) => row.cost_micros),
    });
  });

  test('a second sweep finds nothing and changes nothing', async () => {
    const before = await account();
    const rows = await rowsOfKey();
    await sweepNow();
    expect(await account()).toEqual(before);
    expect(await rowsOfKey()).toEqual(rows);
  });

  test('the key goes on with all the room that was given back', async () => {
    upstream.answer(() => gatedStream(Promise.resolve()));
    const again = await load.parallel(STREAMS, { secret: key.secret, body: bodyOf(marker()) });
    expect(again.every(({ status, body }) => status === 200 && body.includes('[DONE]'))).toBe(true);
    await until(async () => (await openHolds()) === 0);
  });
});

describe('a stream that ends hours after its beginning', () => {
  test('is summed all the same: its time slice is marked, computed again, and the mark is taken away', async () => {
    const gate = createGate();
    upstream.answer(() => gatedStream(gate.opened));
    let heard = false;
    const call = load.call({ secret: key.secret, body: bodyOf(marker()), onPiece: () => void (heard = true) });
    await until(async () => heard);
    const rows = (await rowsOfKey()).length;
    await moveClock(stack.ready.sandboxUrl, Date.parse(CLOCK) + LATER_MS);
    gate.open();
    await call;
    // Whoever closes it, its relay or this sweep, does so long after its time slice.
    await sweepNow();
    await until(async () => (await rowsOfKey()).length === rows + 1);
    const { status, body } = await admin.call('POST', '/api/admin/schedules/roll-up-usage/run', {});
    expect([status, body['data']]).toEqual([200, expect.objectContaining({ marks: 1, more: false, drifted: 0 })]);
    const again = await admin.call('POST', '/api/admin/schedules/roll-up-usage/run', {});
    expect(again.body['data']).toMatchObject({ marks: 0, drifted: 0 });
  }, 60_000);
});
