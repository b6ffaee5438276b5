import { isDeepStrictEqual } from 'node:util';
import type { Page, PageRequest } from '@sluice/core/identity/store';
import { type OpenUsageEvent, type SweepStore, type UsageEvent, type UsageStore } from '@sluice/core/metering/store';
import { DEFAULT_RETENTION_MS } from '@sluice/core/metering/retention';
import { isLateClosing } from '@sluice/core/metering/roll-up-store';
import { timeOfRequestId, timePrefixOfRequestIds } from '@sluice/kit/ids/request-id';
import { systemClock } from '@sluice/kit/time/clock';
import { PARTITION_KEY, SORT_KEY, TIME_TO_LIVE, USAGE_BY_KEY, USAGE_BY_USER } from '../names.ts';
import type { ItemKey, TableClient } from '../table-client.ts';
import { decodeCursor, encodeCursor, invalidCursor, pageLimit } from './cursor.ts';
import {
  CLOSING,
  OPEN,
  listedEvent,
  PHASE,
  LATE,
  POOL_USE,
  storedClosing,
  storedEvent,
  storedParts,
  SWEEP_ITEM,
  USAGE_EVENT_ITEM,
  usageEvent,
} from './ledger-items.ts';
import { createIncidentStore } from './incidents.ts';
import { primaryKeyOf } from './item-schema.ts';
import { closeInTime, closeLate } from './closing.ts';
import { dirtyItem } from './roll-ups.ts';
import { updateItem } from './update-item.ts';
import { eventKey, slicePartition, SPREAD } from './usage-event-keys.ts';

/*
 * Usage events and how far the sweep has come. Roll-ups are in roll-ups.ts, accounts in ledger-account.ts.
 *
 * question               index   key condition                                       consistency  who asks
 * openEvent, closeEvent  table   pk = slice#<time slice>#<spread>, sk = <request id>  –           relay, sweep-holds
 * findEvent              table   the same key, computed from the request id alone    strong       admin, repair
 * listEventsOfUser       byUser  userPk = <user id>, sk between two times            eventual     admin
 * listEventsOfKey        byKey   keyPk = <key id>, sk between two times              eventual     admin
 *                                (thin indexes: the page's events follow by BatchGet)
 * listEventsOfSlice      table   pk = slice#<time slice>#<0…7>, sk > cursor          strong       roll-up
 * listOpenEventsOfSlice  table   the same, filtered: open, or with a pool use         strong       sweep-holds
 * read/moveSweptUntil    table   pk = sweep, sk = watermark                          strong       sweep-holds
 * noteLate               table   the key of findEvent                                –           relay
 *
 * A request id begins with its time, so it sorts lists by time. The spread (8 partitions per slice) keeps a busy
 * gateway under the write limit of one partition. Index keys are set when an event is closed: an open event costs no
 * index writes and shows in no list. Closing is one conditional update; the first closing stays. The event of a time
 * slice that is closed already is closed in one transaction with a mark for the roll-up job. Every event carries its
 * time to live.
 */

const NEW = `attribute_not_exists(${PARTITION_KEY})`;
const WATERMARK_KEY: ItemKey = { [PARTITION_KEY]: 'sweep', [SORT_KEY]: 'watermark' };
const REQUEST_ID = /^[0-9a-hjkmnp-tv-z]{16}$/;
const SLICE_POSITION = /^[0-7] [0-9a-hjkmnp-tv-z]{16}$/;

interface Table {
  client: TableClient;
  tableName: string;
}

type Range = { from: number; to: number };

export function createUsageStore(client: TableClient, tableName: string): UsageStore {
  const table: Table = { client, tableName };
  return {
    openEvent: (event) => openEvent(table, event),
    closeEvent: (requestId, closing, owner) => closeEvent(table, requestId, closing, owner),
    async findEvent(requestId) {
      const key = eventKey(requestId);
      const item = key && (await client.get({ table: tableName, key, consistent: true }));
      return item ? usageEvent(USAGE_EVENT_ITEM.read(item)) : null;
    },
    async noteLate(requestId, late) {
      const key = eventKey(requestId);
      if (key === null) return;
      const outcome = await updateItem({
        client,
        table: tableName,
        schema: USAGE_EVENT_ITEM,
        key,
        set: { [LATE]: { s: late.source, p: storedParts(late.parts), c: late.costMicros } },
        condition: { expression: 'attribute_not_exists(#late)', names: { '#late': LATE }, values: {} },
      });
      if (outcome.outcome !== 'updated') return;
      await createIncidentStore(client, tableName).note({ kind: 'lateUsage', at: systemClock(), count: 1 });
    },
    listEventsOfUser: (userId, range, page) =>
      listByIndex(table, { index: USAGE_BY_USER, list: 'user', value: userId, range, page }),
    listEventsOfKey: (keyId, range, page) =>
      listByIndex(table, { index: USAGE_BY_KEY, list: 'key', value: keyId, range, page }),
    listEventsOfSlice: (startMs, page) => listSlice(table, { startMs, page, openOnly: false }),
  };
}

export function createSweepStore(client: TableClient, tableName: string): SweepStore {
  const table: Table = { client, tableName };
  return {
    listOpenEventsOfSlice: (startMs, page) => listSlice(table, { startMs, page, openOnly: true }),
    async readSweptUntil() {
      const item = await client.get({ table: tableName, key: WATERMARK_KEY, consistent: true });
      return item && SWEEP_ITEM.read(item).sweptUntil;
    },
    async moveSweptUntil(untilMs) {
      await client.put({
        table: tableName,
        item: { ...WATERMARK_KEY, ...SWEEP_ITEM.write({ sweptUntil: untilMs }) },
        // Of two sweeps at once the one that came further stays.
        condition: `${NEW} OR #until < :until`,
        names: { '#until': 'sweptUntil' },
        values: { ':until': untilMs },
        repeatable: true,
      });
    },
  };
}

async function openEvent({ client, tableName }: Table, event: OpenUsageEvent): Promise<'opened' | 'exists'> {
  const key = eventKey(event.requestId);
  if (key === null) throw new TypeError('A usage event was opened under an id that is not a request id of ours.');
  const stored = storedEvent(event);
  const expiresAt = event.expiresAt ?? event.startedAt + DEFAULT_RETENTION_MS;
  const item = { ...USAGE_EVENT_ITEM.write(stored), ...key, [TIME_TO_LIVE]: Math.ceil(expiresAt / 1000) };
  const outcome = await client.put({ table: tableName, item, condition: NEW, repeatable: true });
  if (outcome.ok) return 'opened';
  // The answer to our own put may have been lost; what stands there then is exactly what we put.
  const isOwn = outcome.resent && outcome.existing && isSame(USAGE_EVENT_ITEM.read(outcome.existing), stored);
  return isOwn ? 'opened' : 'exists';
}

async function closeEvent(
  { client, tableName }: Table,
  ...[requestId, closing, owner]: Parameters<UsageStore['closeEvent']>
): ReturnType<UsageStore['closeEvent']> {
  const key = eventKey(requestId);
  if (key === null) return { outcome: 'not-found' };
  const figures = storedClosing(closing);
  const madeAt = timeOfRequestId(requestId) ?? 0;
  const isLate = isLateClosing(madeAt, closing.closedAt);
  const sentAt = systemClock();
  const request = { client, table: tableName, key, figures, indexKeys: indexKeysOf(owner) };
  const outcome = await (isLate ? closeLate({ ...request, requestId }) : closeInTime(request));
  if (outcome.outcome === 'not-found') return outcome;
  // The machine may have slept in between, so that what was in time when it was sent arrived late.
  if (!isLate && isLateClosing(madeAt, closing.closedAt + systemClock() - sentAt)) {
    await client.put({ table: tableName, item: dirtyItem(requestId), repeatable: true });
  }
  if (outcome.outcome === 'updated') return { outcome: 'closed' };
  // After a lost answer our own figures are found; the caller has then closed it.
  const isOwn = outcome.resent && isSame(outcome.value[CLOSING] ?? {}, figures);
  return isOwn ? { outcome: 'closed' } : { outcome: 'already-closed', event: usageEvent(outcome.value) };
}

/** What repair left behind for a hold without an event knows no key; an index key cannot be empty. */
function indexKeysOf(owner: { userId: string; keyId: string }): Record<string, string> {
  const keys: Record<string, string> = {};
  if (owner.userId !== '') keys[USAGE_BY_USER.partitionKey] = owner.userId;
  if (owner.keyId !== '') keys[USAGE_BY_KEY.partitionKey] = owner.keyId;
  return keys;
}

/** Equal but for attributes that are `undefined` on one side and absent on the other. */
function isSame(left: object, right: object): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(left)), JSON.parse(JSON.stringify(right)));
}

interface IndexList {
  index: typeof USAGE_BY_USER | typeof USAGE_BY_KEY;
  list: string;
  value: string;
  range: Range;
  page: PageRequest;
}

async function listByIndex({ client, tableName }: Table, request: IndexList): Promise<Page<UsageEvent>> {
  const { index, list, value, range } = request;
  const limit = pageLimit(request.page.limit);
  const before = decodeCursor(list, request.page.cursor, REQUEST_ID);
  const from = timePrefixOfRequestIds(range.from);
  // A bare time sorts before the ids of its millisecond, which keeps the end of the range out.
  const end = timePrefixOfRequestIds(range.to);
  const upper = before !== null && before < end ? before : end;
  if (upper <= from) return { items: [], nextCursor: null };

  const { items } = await client.query({
    table: tableName,
    index: index.name,
    keyCondition: '#owner = :owner AND #id BETWEEN :from AND :upper',
    names: { '#owner': index.partitionKey, '#id': index.sortKey },
    values: { ':owner': value, ':from': from, ':upper': upper },
    forward: false,
    // One more for the item of the cursor itself, which BETWEEN includes, and one to see whether more follow.
    limit: limit + 2,
  });
  const keys = items.map(primaryKeyOf).filter((key) => key[SORT_KEY] !== before);
  const pageKeys = keys.slice(0, limit);
  const found = await client.batchGet({ table: tableName, keys: pageKeys, consistent: true });
  const events = found.map(listedEvent);
  const last = pageKeys.at(-1);
  return {
    items: events.toSorted((left, right) => (left.requestId < right.requestId ? 1 : -1)),
    nextCursor: keys.length > limit && last ? encodeCursor(list, String(last[SORT_KEY])) : null,
  };
}

interface SliceList {
  startMs: number;
  page: PageRequest;
  openOnly: boolean;
}

const UNFINISHED = {
  filter: '#phase = :open OR attribute_exists(#closing.#use)',
  names: { '#phase': PHASE, '#closing': CLOSING, '#use': POOL_USE },
  values: { ':open': OPEN },
};

/** A filter reads much and keeps little: so many are read at a time. */
const FILTERED_READ = 1_000;

/** The slice's partitions one after the other; the cursor says in which one the next page begins, and after what. */
async function listSlice({ client, tableName }: Table, request: SliceList): Promise<Page<UsageEvent>> {
  const limit = pageLimit(request.page.limit);
  const position = decodeCursor('slice', request.page.cursor, SLICE_POSITION);
  let [spread, after] = readSlicePosition(position, request.startMs);
  const items: UsageEvent[] = [];
  while (spread < SPREAD && items.length < limit) {
    const room = limit - items.length;
    const page = await client.query({
      table: tableName,
      keyCondition: '#pk = :slice AND #id > :after',
      names: { '#pk': PARTITION_KEY, '#id': SORT_KEY, ...(request.openOnly && UNFINISHED.names) },
      values: {
        ':slice': slicePartition(request.startMs, spread),
        ':after': after,
        ...(request.openOnly && UNFINISHED.values),
      },
      ...(request.openOnly && { filter: UNFINISHED.filter }),
      limit: request.openOnly ? FILTERED_READ : room,
      consistent: true,
    });
    const events = page.items.slice(0, room).map((item) => usageEvent(USAGE_EVENT_ITEM.read(item)));
    items.push(...events);
    const last = events.at(-1);
    if (page.items.length > room && last) after = last.requestId;
    else if (page.nextKey !== null) after = String(page.nextKey[SORT_KEY]);
    else [spread, after] = [spread + 1, FIRST];
  }
  if (spread >= SPREAD) return { items, nextCursor: null };
  return { items, nextCursor: encodeCursor('slice', `${spread} ${after}`) };
}

/** Sorts before every request id that is ever made, and looks like one. */
const FIRST = '0'.repeat(16);

function readSlicePosition(position: string | null, startMs: number): [spread: number, after: string] {
  if (position === null) return [0, FIRST];
  const spread = Number(position.slice(0, 1));
  const after = position.slice(2);
  const key = eventKey(after);
  // A cursor of another slice would skip what stands before it.
  if (after !== FIRST && key?.[PARTITION_KEY] !== slicePartition(startMs, spread)) throw invalidCursor();
  return [spread, after];
}
