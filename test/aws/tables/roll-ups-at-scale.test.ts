import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toAttributeMap } from '../../../layers/aws/attribute-values.ts';
import { createSignedTableClient } from '../../../layers/aws/signed-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import {
  CLOSED,
  CLOSING,
  PHASE,
  storedClosing,
  storedEvent,
  USAGE_EVENT_ITEM,
} from '../../../layers/aws/tables/ledger-items.ts';
import { createUsageStore } from '../../../layers/aws/tables/ledger.ts';
import { createRollUpStore } from '../../../layers/aws/tables/roll-ups.ts';
import { eventKey } from '../../../layers/aws/tables/usage-event-keys.ts';
import type { Price } from '../../../layers/core/catalog/store.ts';
import { costMicros } from '../../../layers/core/metering/price.ts';
import { readUsage } from '../../../layers/core/metering/read-usage.ts';
import { replayUsage } from '../../../layers/core/metering/replay.ts';
import { LIVE_MS } from '../../../layers/core/metering/roll-up-store.ts';
import { rollUpUsage } from '../../../layers/core/metering/roll-up-usage.ts';
import { addSums, noSums, sumsOfEvent, type UsageSums } from '../../../layers/core/metering/roll-up.ts';
import { NO_USAGE, type UsageEvent } from '../../../layers/core/metering/store.ts';
import { readLogPage, type UsageScope } from '../../../layers/core/metering/usage-log.ts';
import { sumRows } from '../../../layers/core/metering/usage-totals.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { aUsageEvent } from '../../support/usage-events.ts';

/*
 * A day of 200 000 requests. Takes minutes, most of them to write the events, so it runs where it is asked for:
 * SLUICE_SCALE=1 npm test -- --selectProjects unit --testPathPatterns roll-ups-at-scale
 */
const describeAtScale = process.env['SLUICE_SCALE'] === '1' ? describe : describe.skip;

const EVENTS = 200_000;
const HOUR = 3600_000;
/** Far ahead: the embedded service deletes what has expired by the real clock. */
const MIDNIGHT = Date.parse('2100-03-02T00:00:00Z');
const PRICE: Price = {
  version: 1,
  inputMicros: 1_250_000,
  cacheReadMicros: 125_000,
  cacheWrite5mMicros: 0,
  cacheWrite1hMicros: 0,
  outputMicros: 10_000_000,
  reasoningMicros: null,
  imageMicros: null,
  audioMicros: null,
};

let embedded: EmbeddedTables;
let client: TableClient;

/** 100 users with two keys each, ten models, twenty credentials; busier by day than by night. */
function anEvent(index: number): UsageEvent {
  const share = index / EVENTS;
  const at = MIDNIGHT + Math.floor((share + 0.1 * Math.sin(share * 2 * Math.PI)) * 24 * HOUR * 0.999);
  const user = (index * 7919) % 100;
  const parts = { ...NO_USAGE, input: 100 + (index % 977), cacheRead: index % 31, output: 50 + (index % 389) };
  const isFailed = index % 50 === 0;
  return aUsageEvent(
    at,
    { userId: `usr_${user}`, keyId: `key_${user}_${index % 2}`, model: `model-${(index * 31) % 10}` },
    {
      parts,
      costMicros: costMicros(parts, PRICE),
      credential: `cred-${index % 20}`,
      ...(isFailed && { status: 502, error: 'upstream_error' }),
    },
  );
}

async function writeBatch(events: readonly UsageEvent[]): Promise<void> {
  const puts = events.map((event) => {
    const stored = { ...storedEvent(event), [PHASE]: CLOSED, [CLOSING]: storedClosing(event.closing!) } as const;
    const item = {
      ...USAGE_EVENT_ITEM.write(stored),
      ...eventKey(event.requestId),
      userPk: event.userId,
      keyPk: event.keyId,
      ttl: Math.ceil(event.startedAt / 1000) + 90 * 86_400,
    };
    return { PutRequest: { Item: toAttributeMap(item) } };
  });
  const answer = await fetch(embedded.url, {
    method: 'POST',
    headers: {
      'x-amz-target': 'DynamoDB_20120810.BatchWriteItem',
      'content-type': 'application/x-amz-json-1.0',
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      'x-amz-date': '20260101T000000Z',
    },
    body: JSON.stringify({ RequestItems: { [embedded.tables.ledger]: puts } }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

const figures: Record<string, unknown> = {};
const expected = {
  all: noSums(),
  user: noSums(),
  byKey: new Map<string, UsageSums>(),
};

describeAtScale('a day of 200 000 requests', () => {
  beforeAll(async () => {
    embedded = await startEmbeddedTables();
    client = createSignedTableClient({ aws: embedded.aws });
    const began = performance.now();
    let batch: UsageEvent[] = [];
    const under: Promise<void>[] = [];
    for (let index = 0; index < EVENTS; index += 1) {
      const event = anEvent(index);
      const sums = sumsOfEvent(event)!;
      addSums(expected.all, sums);
      if (event.userId === 'usr_42') addSums(expected.user, sums);
      const ofKey = expected.byKey.get(event.keyId) ?? noSums();
      addSums(ofKey, sums);
      expected.byKey.set(event.keyId, ofKey);
      batch.push(event);
      if (batch.length < 25 && index < EVENTS - 1) continue;
      under.push(writeBatch(batch));
      batch = [];
      if (under.length >= 8) await Promise.all(under.splice(0));
    }
    await Promise.all(under);
    const writeUnits = embedded.calls.reduce((total, call) => total + call.writeUnits, 0);
    figures['writing the events (closed at once)'] = { ms: Math.round(performance.now() - began), writeUnits };
  }, 900_000);
  afterAll(async () => {
    process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
    await client.close();
    await embedded.close();
  });

  it('is rolled up exactly, at a fraction of what the events cost, and read page by page', async () => {
    const rollUps = createRollUpStore(client, embedded.tables.ledger);
    const usage = createUsageStore(client, embedded.tables.ledger);
    const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const measured = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
      embedded.calls.length = 0;
      const began = performance.now();
      const result = await work();
      const sum = (of: 'readUnits' | 'writeUnits'): number =>
        embedded.calls.reduce((total, call) => total + call[of], 0);
      figures[name] = {
        ms: Math.round(performance.now() - began),
        calls: embedded.calls.length,
        readUnits: sum('readUnits'),
        writeUnits: sum('writeUnits'),
      };
      return result;
    };
    const run = (at: number) => rollUpUsage({ store: rollUps, offsetMinutes: 0, clock: () => at, logger });

    await run(MIDNIGHT + HOUR);
    // An hour of the day as it is lived: a run every five minutes.
    await measured('an hour of runs, 12 of them', async () => {
      for (let tick = 1; tick <= 12; tick += 1) await run(MIDNIGHT + HOUR + tick * 5 * 60_000);
    });
    const now = MIDNIGHT + 24 * HOUR + LIVE_MS + 60_000;
    const report = await measured('the other 22 hours in one run', () => run(now));
    expect(report).toMatchObject({ days: 1, drifted: 0, more: false });

    const ask = (member: string | null, dimension: 'all' | 'user' | 'key') =>
      readUsage({ rollUps, usage }, { dimension, member, range: { from: 0, to: now } }, now);
    const all = await measured('stats of everything', () => ask('', 'all'));
    expect(sumRows(all.rows)).toEqual(expected.all);
    const user = await measured('stats of a user', () => ask('usr_42', 'user'));
    expect(sumRows(user.rows)).toEqual(expected.user);
    const keys = await measured('stats by key', () => ask(null, 'key'));
    const byKey = Map.groupBy(keys.rows, ({ row }) => row.member);
    expect(new Map([...byKey].map(([key, rows]) => [key, sumRows(rows)]))).toEqual(expected.byKey);

    const page = (scope: UsageScope) =>
      readLogPage(
        { ...rollUps, ...usage },
        scope,
        { range: { from: MIDNIGHT, to: now } },
        { limit: 50, offset: 0, cursor: null },
      );
    expect((await measured('a page of a user', () => page({ kind: 'user', userId: 'usr_42' }))).events).toHaveLength(
      50,
    );
    expect((await measured('a page of everybody', () => page({ kind: 'all' }))).events).toHaveLength(50);

    const replayed = await measured('replay of the day', () =>
      replayUsage(
        { store: rollUps, findPrice: async () => PRICE, clock: () => now, mayGoOn: () => true },
        { from: MIDNIGHT, to: now },
      ),
    );
    expect(replayed).toMatchObject({ events: EVENTS, days: 1, hours: 24, differenceCount: 0 });
    expect(replayed.costMicros).toBe(expected.all.costMicros);
    process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  }, 900_000);
});
