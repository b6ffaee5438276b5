import type { AuditEntry } from '@sluice/core/audit/entry';
import type { AppendRequest, AuditFilter, AuditPage, AuditRow, AuditStore } from '@sluice/core/audit/store';
import { PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { Document, ItemKey, TableClient, TransactAction } from '../table-client.ts';
import { AUDIT_CHECKPOINT_ITEM, AUDIT_ENTRY_ITEM, AUDIT_HEAD_ITEM } from './audit-items.ts';
import { decodeCursor, encodeCursor, pageLimit } from './cursor.ts';

/*
 * The audit log: entries by their sequence, the head that names the last of them, the checkpoint that the first of them
 * follows. In the catalog table.
 *
 * question          index  key condition                                   consistency  who asks
 * readHead          table  pk = auditHead, sk = head                       strong       admin, before each entry
 * readCheckpoint    table  pk = auditHead, sk = checkpoint                 strong       admin, when it verifies or prunes
 * append            table  the entry's key and the head's, one transaction –            admin
 * findEntry         table  pk = audit, sk = <12 digits>                    strong       admin
 * readRows          table  pk = audit, sk > <12 digits>                    strong       admin, when it verifies or prunes
 * list              table  pk = audit, sk between two, newest first        eventual     admin
 * list, by time     table  pk = audit, sk >= <12 digits>, one row          eventual     admin
 *
 * Times never go back along the chain, so a time is found by bisection. All entries stand in one partition: it takes
 * 1,000 writes a second, and the head, which every entry moves, no more than that either.
 */

const ENTRIES = 'audit';
const HEAD_KEY: ItemKey = { [PARTITION_KEY]: 'auditHead', [SORT_KEY]: 'head' };
const CHECKPOINT_KEY: ItemKey = { [PARTITION_KEY]: 'auditHead', [SORT_KEY]: 'checkpoint' };
const DIGITS = 12;
const LAST = '9'.repeat(DIGITS);
const NEW = `attribute_not_exists(${PARTITION_KEY})`;
const NAMES = { '#pk': PARTITION_KEY, '#sk': SORT_KEY };
/** What one page of a list reads at most, however little of it passes the filter. */
const MOST_READ = 2_000;

const sortKeyOf = (sequence: number): string => String(sequence).padStart(DIGITS, '0');
const entryKey = (sequence: number): ItemKey => ({ [PARTITION_KEY]: ENTRIES, [SORT_KEY]: sortKeyOf(sequence) });

interface Table {
  client: TableClient;
  tableName: string;
}

export function createAuditStore(client: TableClient, tableName: string): AuditStore {
  const table: Table = { client, tableName };
  const find = async (key: ItemKey): Promise<Document | null> =>
    client.get({ table: tableName, key, consistent: true });
  return {
    async readHead() {
      const item = await find(HEAD_KEY);
      return item && AUDIT_HEAD_ITEM.read(item);
    },
    async readCheckpoint() {
      const item = await find(CHECKPOINT_KEY);
      return item && AUDIT_CHECKPOINT_ITEM.read(item);
    },
    async findEntry(sequence) {
      const item = await find(entryKey(sequence));
      return item && rowOf(item).entry;
    },
    append: (request) => append(table, request),
    readRows: (request) => readRows(table, request),
    list: (filter, page) => list(table, filter, page),
  };
}

async function append({ client, tableName }: Table, { entry, seen, next, prune }: AppendRequest): Promise<boolean> {
  const put = (key: ItemKey, item: Document): TransactAction & { kind: 'put' } => ({
    kind: 'put',
    table: tableName,
    item: { ...key, ...item },
  });
  const asSeen = seen
    ? {
        condition: '#sequence = :sequence AND #hash = :hash',
        names: { '#sequence': 'sequence', '#hash': 'hash' },
        values: { ':sequence': seen.sequence, ':hash': seen.hash },
      }
    : { condition: NEW };
  const outcome = await client.transactWrite([
    { ...put(entryKey(entry.sequence), AUDIT_ENTRY_ITEM.write(entry)), condition: NEW },
    { ...put(HEAD_KEY, AUDIT_HEAD_ITEM.write(next)), ...asSeen },
    ...(prune ? [put(CHECKPOINT_KEY, AUDIT_CHECKPOINT_ITEM.write(prune.checkpoint))] : []),
    ...(prune?.sequences ?? []).map((sequence) => ({
      kind: 'delete' as const,
      table: tableName,
      key: entryKey(sequence),
    })),
  ]);
  return outcome.ok;
}

async function readRows({ client, tableName }: Table, request: { after: number; limit: number }): Promise<AuditRow[]> {
  const { items } = await client.query({
    table: tableName,
    keyCondition: '#pk = :entries AND #sk > :after',
    names: NAMES,
    values: { ':entries': ENTRIES, ':after': sortKeyOf(request.after) },
    limit: pageLimit(request.limit),
    consistent: true,
  });
  return items.map(rowOf);
}

function rowOf(item: Document): AuditRow {
  const key = String(item[SORT_KEY]);
  const keySequence = /^\d{12}$/.test(key) ? Number(key) : null;
  try {
    return { key, keySequence, entry: AUDIT_ENTRY_ITEM.read(item) };
  } catch {
    return { key, keySequence, entry: null };
  }
}

const LIST = 'audit';

async function list(
  table: Table,
  filter: AuditFilter,
  page: { limit: number; cursor: string | null },
): Promise<AuditPage> {
  const limit = pageLimit(page.limit);
  const before = decodeCursor(LIST, page.cursor, /^\d{12}$/);
  const [first, behind] = await Promise.all([
    filter.from === undefined ? sortKeyOf(0) : firstKeySince(table, filter.from),
    filter.to === undefined ? LAST : firstKeySince(table, filter.to + 1),
  ]);
  const entries: AuditEntry[] = [];
  let last = before === null || before > behind ? behind : before;
  for (let read = 0; read < MOST_READ && last > first;) {
    const found = await readBackwards(table, { first, last, filter });
    read += found.read;
    const fitting = found.entries.slice(0, limit - entries.length);
    entries.push(...fitting);
    if (entries.length === limit || found.reached === null) {
      const more = found.reached !== null || fitting.length < found.entries.length;
      const at = entries.length === limit ? entries.at(-1) : undefined;
      return { entries, nextCursor: more && at ? encodeCursor(LIST, sortKeyOf(at.sequence)) : null };
    }
    last = found.reached;
  }
  return { entries, nextCursor: last > first ? encodeCursor(LIST, last) : null };
}

const BATCH = 200;

/** Rows of keys from `first` to before `last`, newest first; `reached` is the key that the next batch ends before. */
async function readBackwards(
  { client, tableName }: Table,
  { first, last, filter }: { first: string; last: string; filter: AuditFilter },
): Promise<{ entries: AuditEntry[]; read: number; reached: string | null }> {
  const { items, nextKey } = await client.query({
    table: tableName,
    keyCondition: '#pk = :entries AND #sk BETWEEN :first AND :last',
    names: NAMES,
    values: { ':entries': ENTRIES, ':first': first, ':last': sortKeyOf(Number(last) - 1) },
    limit: BATCH,
    forward: false,
  });
  const entries = items.map(rowOf).flatMap(({ entry }) => (entry && passes(entry, filter) ? [entry] : []));
  return { entries, read: Math.max(1, items.length), reached: nextKey && ownKeyOf(String(nextKey[SORT_KEY])) };
}

/** A row under a key that is none of ours must not hide the entry before it. */
function ownKeyOf(key: string): string {
  return /^\d{12}$/.test(key) ? key : sortKeyOf((Number.parseInt(key, 10) || 0) + 1);
}

function passes(entry: AuditEntry, { actor, action, target, outcomes }: AuditFilter): boolean {
  return (
    (actor === undefined || entry.actorId === actor || entry.actorName === actor) &&
    (action === undefined || entry.action.startsWith(action)) &&
    (target === undefined || entry.target === target) &&
    (outcomes === undefined || outcomes.includes(entry.outcome))
  );
}

/** Key of the first entry of this time or later, or the key behind the last. */
async function firstKeySince({ client, tableName }: Table, time: number): Promise<string> {
  const firstFrom = async (sequence: number, forward = true): Promise<AuditRow | undefined> => {
    const { items } = await client.query({
      table: tableName,
      keyCondition: forward ? '#pk = :entries AND #sk >= :key' : '#pk = :entries AND #sk <= :key',
      names: NAMES,
      values: { ':entries': ENTRIES, ':key': sortKeyOf(sequence) },
      limit: 1,
      forward,
    });
    return items.map(rowOf)[0];
  };
  const newest = await firstFrom(Number(LAST), false);
  let [low, high] = [1, (newest?.keySequence ?? 0) + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = await firstFrom(middle);
    const sequence = row?.keySequence ?? high;
    // What does not read as an entry is taken for late: it is shown to whoever verifies, not here.
    if (sequence >= high || row?.entry == null || row.entry.time >= time) high = middle;
    else low = sequence + 1;
  }
  return sortKeyOf(low);
}
