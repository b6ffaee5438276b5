import type {
  DirtyMark,
  NewRollUp,
  RollUpState,
  RollUpStore,
  SliceEvent,
  StoredRollUp,
} from '@sluice/core/metering/roll-up-store';
import type { Dimension, Grain, RollUp, RollUpRow } from '@sluice/core/metering/roll-up';
import { TIME_SLICE_MS } from '@sluice/core/metering/store';
import { mapLimited } from '@sluice/kit/async/map-limited';
import { timeOfRequestId, timePrefixOfRequestIds } from '@sluice/kit/ids/request-id';
import { randomBytes } from 'node:crypto';
import { PARTITION_KEY, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { Document, DocumentPage, ItemKey, TableClient } from '../table-client.ts';
import { primaryKeyOf } from './item-schema.ts';
import { USAGE_EVENT_ITEM, usageEvent } from './ledger-items.ts';
import { readAllPages } from './read-all-pages.ts';
import {
  CHUNK_ITEM,
  DIRTY_ITEM,
  HEAD_ITEM,
  packRows,
  packService,
  REVISION,
  ROW_ITEM,
  ROWS_REVISION,
  STATE_ITEM,
  serviceSums,
  storedService,
  storedSums,
  TOKEN,
  unpackRows,
  usageSums,
  withService,
  type StoredHead,
} from './roll-up-items.ts';
import { walkSliceDown } from './slice-walk.ts';
import { slicePartition, SPREAD } from './usage-event-keys.ts';

/*
 * Roll-ups, in the ledger table.
 *
 * question               key condition                                                     consistency  who asks
 * read/writeState        pk = rollup, sk = state                                           strong       roll-up, admin
 * readSliceEvents        pk = slice#<time slice>#<0…7>                                     strong       roll-up, replay, admin
 * walkSliceDown          the same, sk < before, from the end                               eventual     admin
 * read, overwrite        pk = rollup#<slice|hour|day>#<start>, sk = head                   strong       roll-up, replay, admin
 *                        the same pk, sk = chunk#<token>#<number>, where one item is not enough
 * readRows, writeRows    pk = usage#<all|user|key|credential|app|format>#<member>,         strong       admin, roll-up
 *                        sk = <h|d>#<start>#<model>
 * listDirty, isDirty     pk = dirty, sk = <request id>                                     strong       roll-up
 *
 * A slice is one packed item, because it is written again and again while it is young: 700 requests of 100 users are
 * some 900 rows, which are about 25 write units packed and 900 as items of their own. Hours and days are written once,
 * packed for sums and for lists of all members, and as rows for the questions about one member, whose range or whole
 * life is then one query. Nothing here carries an index key. Slices go 35 days after their events, hours after 400 days;
 * days stay: they are the lifetime totals.
 */

const DAY_SECONDS = 86_400;
/** DynamoDB takes 400 KB an item. */
const CHUNK_BYTES = 300_000;
/** A few at a time: a burst of thousands would only be throttled. */
const AT_ONCE = 16;
const NEW = `attribute_not_exists(${PARTITION_KEY})`;
const STATE_KEY: ItemKey = { [PARTITION_KEY]: 'rollup', [SORT_KEY]: 'state' };
const ROW_LETTER = { hour: 'h', day: 'd' } as const;
const HOUR_ROWS_SECONDS = 400 * DAY_SECONDS;
const READ_ROUNDS = 4;

interface Table {
  client: TableClient;
  tableName: string;
}

export function createRollUpStore(client: TableClient, tableName: string): RollUpStore {
  const table: Table = { client, tableName };
  return {
    readState: () => readState(table),
    writeState: (state, seen) => writeState(table, state, seen),
    readSliceEvents: (sliceMs) => readSliceEvents(table, sliceMs),
    walkSliceDown: (sliceMs, from) => walkSliceDown(table, sliceMs, from),
    read: (grain, startMs) => readRollUp(table, partitionOf(grain, startMs)),
    overwrite: (grain, startMs, next, seen) => overwrite(table, partitionOf(grain, startMs), next, seen),
    writeRows: (grain, startMs, rows, revision) => writeRows(table, { grain, startMs, revision }, rows),
    confirmRows: (grain, startMs, revision) => confirmRows(table, partitionOf(grain, startMs), revision),
    readRows: (...question) => readRows(table, ...question),
    listDirty: (limit) => listDirty(table, { limit }),
    isDirty: async (sliceMs) => (await listDirty(table, { limit: 1, sliceMs })).length > 0,
    async removeDirty({ requestId }) {
      await client.delete({ table: tableName, key: dirtyKey(requestId), repeatable: true });
    },
  };
}

/** The mark of a late closing, as it is put beside the closing. */
export function dirtyItem(requestId: string): Document {
  return { ...DIRTY_ITEM.write({}), ...dirtyKey(requestId) };
}

function dirtyKey(requestId: string): ItemKey {
  return { [PARTITION_KEY]: 'dirty', [SORT_KEY]: requestId };
}

async function listDirty(
  { client, tableName }: Table,
  { limit, sliceMs }: { limit: number; sliceMs?: number },
): Promise<DirtyMark[]> {
  const { items } = await client.query({
    table: tableName,
    keyCondition: `#pk = :dirty${sliceMs === undefined ? '' : ' AND #id BETWEEN :from AND :to'}`,
    names: { '#pk': PARTITION_KEY, ...(sliceMs !== undefined && { '#id': SORT_KEY }) },
    values: {
      ':dirty': 'dirty',
      ...(sliceMs !== undefined && {
        ':from': timePrefixOfRequestIds(sliceMs),
        ':to': timePrefixOfRequestIds(sliceMs + TIME_SLICE_MS),
      }),
    },
    limit,
    consistent: true,
  });
  return items.flatMap((item) => {
    const requestId = String(item[SORT_KEY]);
    const madeAt = timeOfRequestId(requestId);
    return madeAt === null ? [] : [{ requestId, sliceMs: Math.floor(madeAt / TIME_SLICE_MS) * TIME_SLICE_MS }];
  });
}

async function readState({ client, tableName }: Table): Promise<RollUpState | null> {
  const item = await client.get({ table: tableName, key: STATE_KEY, consistent: true });
  if (item === null) return null;
  const { r, closedUntil, auditedUntil, begunAt, offsetMinutes } = STATE_ITEM.read(item);
  return { revision: r, closedUntil, auditedUntil, begunAt, offsetMinutes };
}

async function writeState(
  { client, tableName }: Table,
  state: Omit<RollUpState, 'revision'>,
  seen: number,
): Promise<boolean> {
  const { closedUntil, auditedUntil, begunAt, offsetMinutes } = state;
  const token = newToken();
  const value = { [REVISION]: seen + 1, [TOKEN]: token, closedUntil, auditedUntil, begunAt, offsetMinutes };
  const outcome = await client.put({
    table: tableName,
    item: { ...STATE_ITEM.write(value), ...STATE_KEY },
    ...underRevision(seen),
    repeatable: true,
  });
  return outcome.ok || outcome.existing?.[TOKEN] === token;
}

function underRevision(seen: number): { condition: string; names?: Record<string, string>; values?: Document } {
  if (seen === 0) return { condition: NEW };
  return { condition: '#revision = :seen', names: { '#revision': REVISION }, values: { ':seen': seen } };
}

function newToken(): string {
  return randomBytes(6).toString('base64url');
}

async function* readSliceEvents({ client, tableName }: Table, sliceMs: number): AsyncGenerator<SliceEvent[]> {
  const query = (spread: number, startKey: ItemKey | null): Promise<DocumentPage> =>
    client.query({
      table: tableName,
      keyCondition: '#pk = :slice',
      names: { '#pk': PARTITION_KEY },
      values: { ':slice': slicePartition(sliceMs, spread) },
      startKey,
      consistent: true,
    });
  const spreads = Array.from({ length: SPREAD }, (_none, spread) => spread);
  const firstPages = await Promise.all(spreads.map((spread) => query(spread, null)));
  for (const spread of spreads) {
    let page = firstPages[spread];
    while (page) {
      if (page.items.length > 0) yield page.items.map(sliceEvent);
      page = page.nextKey === null ? undefined : await query(spread, page.nextKey);
    }
  }
}

function sliceEvent(item: Document): SliceEvent {
  const expiry = item[TIME_TO_LIVE];
  return {
    event: usageEvent(USAGE_EVENT_ITEM.read(item)),
    expiresAt: typeof expiry === 'number' ? expiry * 1000 : null,
  };
}

function partitionOf(grain: Grain, startMs: number): string {
  return `rollup#${grain}#${startMs}`;
}

function headKey(partition: string): ItemKey {
  return { [PARTITION_KEY]: partition, [SORT_KEY]: 'head' };
}

async function readRollUp({ client, tableName }: Table, partition: string): Promise<StoredRollUp | null> {
  for (let round = 1; round <= READ_ROUNDS; round += 1) {
    const item = await client.get({ table: tableName, key: headKey(partition), consistent: true });
    if (item === null) return null;
    const head = HEAD_ITEM.read(item);
    const rows = await readRowsOfHead({ client, tableName }, partition, head);
    if (rows === null) continue;
    return {
      revision: head[REVISION],
      rollUp: withService(rows, head.l),
      eventsUntil: head.u ?? null,
      isClosed: head.f,
      rowsRevision: head[ROWS_REVISION],
    };
  }
  throw new Error(`A stored roll-up (${partition}) lacks chunks.`);
}

/** Null when chunks are gone: the head was overwritten between the two reads. */
async function readRowsOfHead(
  { client, tableName }: Table,
  partition: string,
  head: StoredHead,
): Promise<RollUp | null> {
  if (head.b) return unpackRows(head.b);
  const chunks = await readAllPages(client, {
    table: tableName,
    keyCondition: '#pk = :partition AND begins_with(#sk, :chunks)',
    names: { '#pk': PARTITION_KEY, '#sk': SORT_KEY },
    values: { ':partition': partition, ':chunks': `chunk#${head[TOKEN]}#` },
    consistent: true,
  });
  if (chunks.length !== head.n) return null;
  return unpackRows(Buffer.concat(chunks.map((chunk) => CHUNK_ITEM.read(chunk).b)));
}

async function overwrite(table: Table, partition: string, next: NewRollUp, seen: number): Promise<number | null> {
  const token = newToken();
  const packed = packRows(next.rollUp);
  const life: Document = next.expiresAt === null ? {} : { [TIME_TO_LIVE]: Math.ceil(next.expiresAt / 1000) };
  const chunks = packed.length <= CHUNK_BYTES ? 0 : Math.ceil(packed.length / CHUNK_BYTES);
  await mapLimited(
    Array.from({ length: chunks }, (_none, index) => index),
    AT_ONCE,
    async (index) => {
      const b = packed.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
      const key = { [PARTITION_KEY]: partition, [SORT_KEY]: `chunk#${token}#${String(index).padStart(4, '0')}` };
      const item = { ...CHUNK_ITEM.write({ b }), ...key, ...life };
      await table.client.put({ table: table.tableName, item, repeatable: true });
    },
  );
  const head: StoredHead = {
    [REVISION]: seen + 1,
    [ROWS_REVISION]: 0,
    [TOKEN]: token,
    u: next.eventsUntil ?? undefined,
    f: next.isClosed,
    l: packService(next.rollUp),
    ...(chunks === 0 ? { b: packed } : { n: chunks }),
  };
  const outcome = await table.client.put({
    table: table.tableName,
    item: { ...HEAD_ITEM.write(head), ...headKey(partition), ...life },
    ...underRevision(seen),
    repeatable: true,
  });
  const isWritten = outcome.ok || outcome.existing?.[TOKEN] === token;
  // Whoever else is writing saw an older revision and will be refused, so that only this token's chunks are of use.
  if (isWritten) await removeChunks(table, partition, (sortKey) => !sortKey.startsWith(`chunk#${token}#`));
  else if (chunks > 0) await removeChunks(table, partition, (sortKey) => sortKey.startsWith(`chunk#${token}#`));
  return isWritten ? seen + 1 : null;
}

async function removeChunks(
  { client, tableName }: Table,
  partition: string,
  isOfNoUse: (sortKey: string) => boolean,
): Promise<void> {
  const chunks = await readAllPages(client, {
    table: tableName,
    keyCondition: '#pk = :partition AND begins_with(#sk, :chunks)',
    names: { '#pk': PARTITION_KEY, '#sk': SORT_KEY },
    values: { ':partition': partition, ':chunks': 'chunk#' },
    consistent: true,
  });
  const keys = chunks.map(primaryKeyOf).filter((key) => isOfNoUse(String(key[SORT_KEY])));
  await mapLimited(keys, AT_ONCE, async (key) => {
    await client.delete({ table: tableName, key, repeatable: true });
  });
}

async function confirmRows({ client, tableName }: Table, partition: string, revision: number): Promise<void> {
  await client.update({
    table: tableName,
    key: headKey(partition),
    update: 'SET #rows = :revision',
    // Another revision's rows are its writer's to confirm.
    condition: '#revision = :revision',
    names: { '#rows': ROWS_REVISION, '#revision': REVISION },
    values: { ':revision': revision },
    repeatable: true,
  });
}

async function writeRows(
  { client, tableName }: Table,
  { grain, startMs, revision }: { grain: 'hour' | 'day'; startMs: number; revision: number },
  rows: readonly RollUpRow[],
): Promise<void> {
  const life = grain === 'hour' ? { [TIME_TO_LIVE]: Math.ceil(startMs / 1000) + HOUR_ROWS_SECONDS } : {};
  await mapLimited(rows, AT_ONCE, async (row) => {
    const key = {
      [PARTITION_KEY]: rowPartition(row.dimension, row.member),
      [SORT_KEY]: `${rowPosition(grain, startMs)}#${row.model}`,
    };
    const { sums, service } = row;
    const value = { [REVISION]: revision, s: storedSums(sums), l: service && storedService(service) };
    await client.put({
      table: tableName,
      item: { ...ROW_ITEM.write(value), ...key, ...life },
      condition: `${NEW} OR #revision <= :revision`,
      names: { '#revision': REVISION },
      values: { ':revision': revision },
      repeatable: true,
    });
  });
}

function rowPartition(dimension: Dimension, member: string): string {
  return `usage#${dimension}#${member}`;
}

const TIME_DIGITS = 15;

function rowPosition(grain: 'hour' | 'day', startMs: number): string {
  return `${ROW_LETTER[grain]}#${String(Math.max(0, startMs)).padStart(TIME_DIGITS, '0')}`;
}

async function readRows(
  { client, tableName }: Table,
  ...[dimension, member, grain, range]: Parameters<RollUpStore['readRows']>
): ReturnType<RollUpStore['readRows']> {
  if (range.from >= range.to) return [];
  const items = await readAllPages(client, {
    table: tableName,
    keyCondition: '#pk = :member AND #sk BETWEEN :from AND :to',
    names: { '#pk': PARTITION_KEY, '#sk': SORT_KEY },
    values: {
      ':member': rowPartition(dimension, member),
      ':from': rowPosition(grain, range.from),
      // A bare time sorts before its rows, which keeps the end of the range out.
      ':to': rowPosition(grain, range.to),
    },
    consistent: true,
  });
  return items.map((item) => {
    const [, start = '', ...model] = String(item[SORT_KEY]).split('#');
    const { s, l } = ROW_ITEM.read(item);
    const row = { dimension, member, model: model.join('#'), sums: usageSums(s) };
    return { startMs: Number(start), row: l ? { ...row, service: serviceSums(l) } : row };
  });
}
