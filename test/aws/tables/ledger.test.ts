import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createSignedTableClient } from '../../../layers/aws/signed-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import { createSweepStore, createUsageStore } from '../../../layers/aws/tables/ledger.ts';
import {
  NO_USAGE,
  TIME_SLICE_MS,
  type OpenUsageEvent,
  type SweepStore,
  type UsageClosing,
  type UsageEvent,
  type UsageStore,
} from '../../../layers/core/metering/store.ts';
import type { Page } from '../../../layers/core/identity/store.ts';
import { createRequestId } from '../../../layers/kit/ids/request-id.ts';
import { startEmbeddedTables, testAws, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { startFaultFront, type FaultFront } from '../../support/fault-front.ts';

let embedded: EmbeddedTables;
let front: FaultFront;
let client: TableClient;
let usage: UsageStore;
let sweep: SweepStore;
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  front = await startFaultFront(embedded.url);
  client = createSignedTableClient({
    aws: testAws({ dynamodb: front.url }),
    retries: { sleep: async () => undefined },
  });
  usage = createUsageStore(client, embedded.tables.ledger);
  sweep = createSweepStore(client, embedded.tables.ledger);
});
afterAll(async () => {
  await client.close();
  await front.close();
  await embedded.close();
});

const SLICE = Math.floor(1_795_000_000_000 / TIME_SLICE_MS) * TIME_SLICE_MS;
let now = SLICE;
beforeEach(() => {
  // Every test in a time of its own.
  now += 100 * TIME_SLICE_MS;
});

function anEvent(change: Partial<OpenUsageEvent> = {}): OpenUsageEvent {
  const startedAt = change.startedAt ?? now;
  return {
    requestId: createRequestId(startedAt),
    userId: `usr_${now}`,
    keyId: `key_${now}`,
    model: 'gpt-5',
    format: 'openai-chat',
    stream: true,
    startedAt,
    inputEstimate: 120,
    priceVersion: 3,
    clientRequestId: null,
    clientApp: 'OpenAI/JS',
    ...change,
  };
}

function aClosing(change: Partial<UsageClosing> = {}): UsageClosing {
  return {
    source: 'reported',
    servedModel: 'gpt-5.1-2026-01-01',
    upstream: 'openai',
    credential: 'team-a',
    parts: { ...NO_USAGE, input: 100, cacheRead: 20, output: 300, reasoning: 64 },
    costMicros: 4_321,
    status: 200,
    error: null,
    firstByteMs: 412,
    durationMs: 5_120,
    attempts: [
      { upstream: 'openai', credential: 'team-b', status: 429, error: 'rate_limit_exceeded', durationMs: 80 },
      { upstream: 'openai', credential: 'team-a', status: 200, error: null, durationMs: 5_000 },
    ],
    warnings: ['max_tokens was capped'],
    closedAt: now + 5_200,
    ...change,
  };
}

async function openAndClose(event: OpenUsageEvent, closing: Partial<UsageClosing> = {}): Promise<void> {
  await usage.openEvent(event);
  await usage.closeEvent(event.requestId, aClosing(closing), event);
}

const FAULTS = ['answer-lost', 'answer-cut', 'failed-after', 'refused-before'] as const;

describe('a usage event', () => {
  it('keeps every field, open and closed', async () => {
    const event = anEvent({ clientRequestId: 'their-id' });
    const closing = aClosing();
    expect(await usage.openEvent(event)).toBe('opened');
    expect(await usage.findEvent(event.requestId)).toEqual({ ...event, phase: 'open', closing: null });
    expect(await usage.closeEvent(event.requestId, closing, event)).toEqual({ outcome: 'closed' });
    expect(await usage.findEvent(event.requestId)).toEqual({ ...event, phase: 'closed', closing });
  });

  it('keeps what is null or nothing', async () => {
    const event = anEvent({ priceVersion: null, clientApp: null });
    const closing = aClosing({
      source: 'void',
      servedModel: null,
      upstream: null,
      credential: null,
      parts: NO_USAGE,
      firstByteMs: null,
      attempts: [],
      warnings: [],
      error: 'no_credential',
    });
    await openAndClose(event, closing);
    expect(await usage.findEvent(event.requestId)).toEqual({ ...event, phase: 'closed', closing });
  });

  it('is opened once: the second time answers that it exists and changes nothing', async () => {
    const event = anEvent();
    await usage.openEvent(event);
    expect(await usage.openEvent({ ...event, model: 'other' })).toBe('exists');
    expect(await usage.openEvent(event)).toBe('exists');
    expect(await usage.findEvent(event.requestId)).toMatchObject({ model: 'gpt-5' });
  });

  it.each(FAULTS)('is opened once and known to be, when the answer is lost: %s', async (fault) => {
    const event = anEvent();
    front.arm('PutItem', [fault]);
    expect(await usage.openEvent(event)).toBe('opened');
    front.arm('PutItem', [fault]);
    // Somebody else's event under this id is not taken for our own.
    expect(await usage.openEvent({ ...event, keyId: 'key_other' })).toBe('exists');
  });

  it.each(FAULTS)('is closed once and known to be, when the answer is lost: %s', async (fault) => {
    const event = anEvent();
    const closing = aClosing();
    await usage.openEvent(event);
    front.arm('UpdateItem', [fault]);
    const closed = { ...event, phase: 'closed', closing };
    expect(await usage.closeEvent(event.requestId, closing, event)).toEqual({ outcome: 'closed' });
    front.arm('UpdateItem', [fault]);
    const late = aClosing({ costMicros: 1, source: 'abandoned' });
    expect(await usage.closeEvent(event.requestId, late, event)).toEqual({ outcome: 'already-closed', event: closed });
    expect(await usage.findEvent(event.requestId)).toEqual(closed);
  });

  it('of fifty parallel closings one wins, and everybody is given its figures', async () => {
    const event = anEvent();
    await usage.openEvent(event);
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        usage.closeEvent(event.requestId, aClosing({ costMicros: index }), event),
      ),
    );
    const winner = outcomes.findIndex(({ outcome }) => outcome === 'closed');
    const stored = await usage.findEvent(event.requestId);
    expect(stored).toMatchObject({ closing: { costMicros: winner } });
    for (const outcome of outcomes.toSpliced(winner, 1)) {
      expect(outcome).toEqual({ outcome: 'already-closed', event: stored });
    }
  });

  it('that was never opened cannot be closed, and an id that is not ours is nothing', async () => {
    expect(await usage.closeEvent(createRequestId(now), aClosing(), anEvent())).toEqual({ outcome: 'not-found' });
    expect(await usage.closeEvent('their-own-id', aClosing(), anEvent())).toEqual({ outcome: 'not-found' });
    expect(await usage.findEvent(createRequestId(now))).toBeNull();
    expect(await usage.findEvent('their-own-id')).toBeNull();
    await expect(usage.openEvent(anEvent({ requestId: 'their-own-id' }))).rejects.toThrow(TypeError);
  });

  it('costs one write unit to open, and three to close with both index entries', async () => {
    const event = anEvent({ clientRequestId: 'x'.repeat(64), model: 'a-model-with-a-rather-long-name-2026-01-01' });
    embedded.calls.length = 0;
    await openAndClose(event);
    expect(embedded.calls.map((call) => [call.operation, call.writeUnits])).toEqual([
      ['PutItem', 1],
      ['UpdateItem', 3],
    ]);
  });
});

async function pages(list: (cursor: string | null) => Promise<Page<UsageEvent>>): Promise<UsageEvent[][]> {
  const found: UsageEvent[][] = [];
  let cursor: string | null = null;
  do {
    const page = await list(cursor);
    found.push(page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
}

describe('lists of usage events', () => {
  it('hold the closed events of a user or key, newest first, the end of the range excluded', async () => {
    const events = [0, 1, 2, 3, 4].map((index) => anEvent({ startedAt: now + index * 1_000 }));
    for (const event of events.slice(0, 4)) await openAndClose(event);
    await usage.openEvent(events[4]!);
    await openAndClose(anEvent({ userId: 'usr_other', keyId: 'key_other' }));
    const range = { from: now + 1_000, to: now + 3_000 };
    const expected = [events[2]!.requestId, events[1]!.requestId];
    const request = { limit: 10, cursor: null };
    const ofUser = await usage.listEventsOfUser(events[0]!.userId, range, request);
    expect(ofUser.items.map((event) => event.requestId)).toEqual(expected);
    expect(ofUser.items[0]).toMatchObject({ phase: 'closed', closing: { costMicros: 4_321 } });
    const ofKey = await usage.listEventsOfKey(events[0]!.keyId, range, request);
    expect(ofKey.items.map((event) => event.requestId)).toEqual(expected);
    const all = await usage.listEventsOfUser(events[0]!.userId, { from: 0, to: now + 10_000_000 }, request);
    expect(all.items).toHaveLength(4);
    expect((await usage.listEventsOfUser('usr_x', { from: 5, to: 5 }, request)).items).toEqual([]);
    expect((await usage.listEventsOfUser('usr_x', { from: 9, to: -5 }, request)).items).toEqual([]);
  });

  it.each([1, 3, 4, 12, 13])('come in pages of %i, every event once, and end without an empty page', async (limit) => {
    // Several events in one millisecond: only the id tells them apart.
    const events = Array.from({ length: 12 }, (_, index) => anEvent({ startedAt: now + Math.floor(index / 4) }));
    for (const event of events) await openAndClose(event);
    const range = { from: now, to: now + 100 };
    const found = await pages((cursor) => usage.listEventsOfUser(events[0]!.userId, range, { limit, cursor }));
    const expected = events
      .map((event) => event.requestId)
      .toSorted()
      .toReversed();
    expect(found.flat().map((event) => event.requestId)).toEqual(expected);
    expect(found).toHaveLength(Math.ceil(12 / limit));
    const slice = await pages((cursor) => usage.listEventsOfSlice(now + 1, { limit, cursor }));
    expect(new Set(slice.flat().map((event) => event.requestId))).toEqual(new Set(expected));
    expect(slice.flat()).toHaveLength(12);
  });

  it('refuse a cursor that was made up or belongs to another list', async () => {
    const events = [anEvent(), anEvent(), anEvent(), anEvent()];
    for (const event of events) await openAndClose(event);
    const range = { from: now, to: now + 100 };
    const ofUser = await usage.listEventsOfUser(events[0]!.userId, range, { limit: 1, cursor: null });
    const ofSlice = await usage.listEventsOfSlice(now, { limit: 1, cursor: null });
    const refused = { code: 'invalid_field', param: 'cursor' };
    const list = (cursor: string | null) => usage.listEventsOfKey(events[0]!.keyId, range, { limit: 1, cursor });
    for (const cursor of ['', 'abc', ofUser.nextCursor, ofSlice.nextCursor]) {
      await expect(list(cursor)).rejects.toMatchObject(refused);
    }
    const foreign = { limit: 1, cursor: ofSlice.nextCursor };
    await expect(usage.listEventsOfSlice(now + TIME_SLICE_MS, foreign)).rejects.toMatchObject(refused);
  });

  it('of a slice hold its open and closed events, and nothing of the slices beside it', async () => {
    const inside = [anEvent(), anEvent({ startedAt: now + TIME_SLICE_MS - 1 })];
    const outside = [anEvent({ startedAt: now - 1 }), anEvent({ startedAt: now + TIME_SLICE_MS })];
    for (const event of [...inside, ...outside]) await usage.openEvent(event);
    await usage.closeEvent(inside[0]!.requestId, aClosing(), inside[0]!);
    const page = await usage.listEventsOfSlice(now + 7, { limit: 100, cursor: null });
    expect(page.items.map((event) => event.requestId).toSorted()).toEqual(
      inside.map((event) => event.requestId).toSorted(),
    );
    const open = await sweep.listOpenEventsOfSlice(now + 7, { limit: 100, cursor: null });
    expect(open.items.map((event) => event.requestId)).toEqual([inside[1]!.requestId]);
  });

  it.each([1, 2, 50])('of the open events of a slice skip the closed ones in pages of %i', async (limit) => {
    const events = Array.from({ length: 30 }, () => anEvent());
    await Promise.all(events.map((event) => usage.openEvent(event)));
    const closed = events.filter((_, index) => index % 3 === 0);
    await Promise.all(closed.map((event) => usage.closeEvent(event.requestId, aClosing(), event)));
    const found = await pages((cursor) => sweep.listOpenEventsOfSlice(now, { limit, cursor }));
    expect(found.every((page) => page.length <= limit)).toBe(true);
    expect(
      found
        .flat()
        .map((event) => event.requestId)
        .toSorted(),
    ).toEqual(
      events
        .filter((_, index) => index % 3 !== 0)
        .map((event) => event.requestId)
        .toSorted(),
    );
  });
});

describe('how far the sweep has come', () => {
  it('is nothing at first, moves on and never back', async () => {
    expect(await sweep.readSweptUntil()).toBeNull();
    await sweep.moveSweptUntil(1_000);
    await sweep.moveSweptUntil(500);
    expect(await sweep.readSweptUntil()).toBe(1_000);
    front.arm('PutItem', ['answer-lost']);
    await sweep.moveSweptUntil(2_000);
    expect(await sweep.readSweptUntil()).toBe(2_000);
  });
});
