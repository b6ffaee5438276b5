import { crc32 } from 'node:zlib';
import type {
  AccountPassStore,
  AdmissionOutcome,
  AdmissionWrite,
  JointAccountWrites,
  JointAdmission,
  JointSettlement,
  LedgerAccount,
  LedgerAccountStore,
  SettlementWrite,
} from '@sluice/core/metering/account-store';
import type { Page, PageRequest } from '@sluice/core/identity/store';
import { ACCOUNT_PARTITION_PREFIX, PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { DocumentValue, ItemKey, TableClient, WriteOutcome } from '../table-client.ts';
import { decodeCursor, encodeCursor, pageLimit } from './cursor.ts';
import { ITEM_TYPE, ITEM_VERSION } from './item-schema.ts';
import {
  ACCOUNT_ENTRY_ITEM,
  ACCOUNT_ITEM,
  ACCOUNT_PASS_ITEM,
  CREATED_AT,
  ENTITLEMENT,
  HOLDS,
  ledgerAccount,
} from './ledger-account-items.ts';

/*
 * Ledger accounts (architecture.md §4, docs/decisions/0014).
 *
 * question         key condition                                    consistency  who asks
 * admit, settle    pk = account#<account id>, sk = account          –            relay; settle also sweep-holds
 * read             the same                                         either       relay (first use, lost answers), repair, admin
 * ensure           the same, and pk = accounts#<0…7>, sk = <id>     –            relay, at an account's first use
 * list             pk = accounts#<0…7>, sk > cursor                 eventual     sweep-holds, the pass over accounts
 * read/savePass    pk = sweep, sk = accounts                        strong       sweep-holds
 *
 * An admission is one conditional update that is never repeated blindly; the table client repeats it only where the
 * service says that it did nothing. A settlement is under the condition that the hold is there, so it may be repeated.
 * Either may stand for several requests (core/metering/group-commit.ts): then every condition must hold.
 */

const SPREAD = 8;
const PASS_KEY: ItemKey = { [PARTITION_KEY]: 'sweep', [SORT_KEY]: 'accounts' };
const LIST_POSITION = /^[0-7] [\w:.-]*$/;

interface Table {
  client: TableClient;
  tableName: string;
}

export function createLedgerAccountStore(
  client: TableClient,
  tableName: string,
): LedgerAccountStore & JointAccountWrites {
  const table: Table = { client, tableName };
  return {
    admit: (write) => admit(table, write),
    settle: (write) => settle(table, write),
    admitTogether: (write) => admitTogether(table, write),
    settleTogether: (write) => settleTogether(table, write),
    async read(accountId, { consistent }) {
      const item = await client.get({ table: tableName, key: accountKey(accountId), consistent });
      return item && ledgerAccount(accountId, item);
    },
    ensure: (accountId, createdAt) => ensure(table, accountId, createdAt),
    list: (page) => list(table, page),
  };
}

export function createAccountPassStore(client: TableClient, tableName: string): AccountPassStore {
  return {
    async readPass() {
      const item = await client.get({ table: tableName, key: PASS_KEY, consistent: true });
      if (item === null) return null;
      const { startedAt, cursor } = ACCOUNT_PASS_ITEM.read(item);
      return { startedAt, cursor: cursor ?? null };
    },
    async savePass({ startedAt, cursor }) {
      const item = { ...PASS_KEY, ...ACCOUNT_PASS_ITEM.write({ startedAt, ...(cursor !== null && { cursor }) }) };
      await client.put({ table: tableName, item, repeatable: true });
    },
  };
}

export function accountKey(accountId: string): ItemKey {
  return { [PARTITION_KEY]: `${ACCOUNT_PARTITION_PREFIX}#${accountId}`, [SORT_KEY]: 'account' };
}

async function admit(table: Table, { requestId, hold, ...write }: AdmissionWrite): Promise<AdmissionOutcome> {
  return admitTogether(table, { ...write, holds: [{ requestId, hold }] });
}

async function admitTogether({ client, tableName }: Table, write: JointAdmission): Promise<AdmissionOutcome> {
  const names: Record<string, string> = { '#h': HOLDS, '#e': ENTITLEMENT };
  const values: Record<string, DocumentValue> = { ':most': write.mostHolds, ':seen': write.entitlement };
  write.holds.forEach(({ requestId, hold }, index) => {
    names[`#i${index}`] = requestId;
    values[`:h${index}`] = hold;
  });
  write.counters.forEach(({ name, amount, room }, index) => {
    names[`#c${index}`] = name;
    values[`:a${index}`] = amount;
    values[`:r${index}`] = room;
  });
  const outcome = await client.update({
    table: tableName,
    key: accountKey(write.accountId),
    ...admissionExpressions(write.holds.length, write.counters.length, 0),
    names,
    values,
    returns: 'new',
    repeatable: false,
  });
  if (outcome.ok) return { outcome: 'admitted', account: ledgerAccount(write.accountId, outcome.item ?? {}) };
  return { outcome: 'refused', account: outcome.existing && ledgerAccount(write.accountId, outcome.existing) };
}

interface Expressions {
  update: string;
  condition: string;
}

/** By the number of holds and counters, since few combinations come up again and again. */
const admissionExpressions = keptByShape((holds, counters, _removals): Expressions => {
  const conditions = [
    ...times(holds, (index) => `attribute_not_exists(#h.#i${index})`),
    'size(#h) < :most',
    '#e = :seen',
    ...times(counters, (index) => `(attribute_not_exists(#c${index}) OR #c${index} <= :r${index})`),
  ];
  const sets = times(holds, (index) => `#h.#i${index} = :h${index}`);
  const additions = times(counters, (index) => `#c${index} :a${index}`);
  return {
    update: `SET ${sets.join(', ')}${additions.length > 0 ? ` ADD ${additions.join(', ')}` : ''}`,
    condition: conditions.join(' AND '),
  };
});

async function settle(table: Table, { requestId, ...write }: SettlementWrite): Promise<'settled' | 'not-held'> {
  const outcome = await sendSettlement(table, { ...write, requestIds: [requestId] });
  // After a lost answer the hold is gone by our own hand; there is nothing more to do in either case.
  return outcome.ok || outcome.resent ? 'settled' : 'not-held';
}

async function settleTogether(table: Table, write: JointSettlement): Promise<'settled' | 'not-all-held'> {
  return (await sendSettlement(table, write)).ok ? 'settled' : 'not-all-held';
}

function sendSettlement({ client, tableName }: Table, write: JointSettlement): Promise<WriteOutcome> {
  const names: Record<string, string> = { '#h': HOLDS };
  const values: Record<string, DocumentValue> = {};
  write.requestIds.forEach((requestId, index) => {
    names[`#i${index}`] = requestId;
  });
  write.additions.forEach(({ name, amount }, index) => {
    names[`#c${index}`] = name;
    values[`:a${index}`] = amount;
  });
  write.removals.forEach((name, index) => {
    names[`#r${index}`] = name;
  });
  const { requestIds, additions, removals } = write;
  return client.update({
    table: tableName,
    key: accountKey(write.accountId),
    ...settlementExpressions(requestIds.length, additions.length, removals.length),
    names,
    ...(additions.length > 0 && { values }),
    repeatable: true,
  });
}

const settlementExpressions = keptByShape((holds, additions, removals): Expressions => {
  const gone = times(holds, (index) => `#h.#i${index}`);
  const forgotten = times(removals, (index) => `#r${index}`);
  const added = times(additions, (index) => `#c${index} :a${index}`);
  return {
    update: `REMOVE ${[...gone, ...forgotten].join(', ')}${added.length > 0 ? ` ADD ${added.join(', ')}` : ''}`,
    condition: times(holds, (index) => `attribute_exists(#h.#i${index})`).join(' AND '),
  };
});

function times(count: number, make: (index: number) => string): string[] {
  return Array.from({ length: count }, (_none, index) => make(index));
}

const MOST_SHAPES = 1_000;

function keptByShape(make: (holds: number, counters: number, removals: number) => Expressions): typeof make {
  const kept = new Map<number, Expressions>();
  return (holds, counters, removals) => {
    const shape = (holds * 1_000 + counters) * 1_000 + removals;
    const known = kept.get(shape);
    if (known !== undefined) return known;
    const made = make(holds, counters, removals);
    if (kept.size < MOST_SHAPES) kept.set(shape, made);
    return made;
  };
}

async function ensure({ client, tableName }: Table, accountId: string, createdAt: number): Promise<LedgerAccount> {
  // The entry first: an account that no pass can find would keep its stale holds.
  const entryKey = { [PARTITION_KEY]: entryPartition(crc32(accountId) % SPREAD), [SORT_KEY]: accountId };
  const entry = { ...ACCOUNT_ENTRY_ITEM.write({ sk: accountId }), ...entryKey };
  await client.put({ table: tableName, item: entry, repeatable: true });
  const outcome = await client.update({
    table: tableName,
    key: accountKey(accountId),
    update:
      'SET #t = :t, #v = if_not_exists(#v, :v), #h = if_not_exists(#h, :none),' +
      ' #e = if_not_exists(#e, :zero), #c = if_not_exists(#c, :now)',
    names: { '#t': ITEM_TYPE, '#v': ITEM_VERSION, '#h': HOLDS, '#e': ENTITLEMENT, '#c': CREATED_AT },
    values: { ':t': ACCOUNT_ITEM.type, ':v': ACCOUNT_ITEM.version, ':none': {}, ':zero': 0, ':now': createdAt },
    returns: 'new',
    repeatable: true,
  });
  return ledgerAccount(accountId, (outcome.ok ? outcome.item : outcome.existing) ?? {});
}

function entryPartition(spread: number): string {
  return `${ACCOUNT_PARTITION_PREFIX}s#${spread}`;
}

/** The partitions one after the other; the cursor says in which one the next page begins, and after which account. */
async function list({ client, tableName }: Table, page: PageRequest): Promise<Page<string>> {
  const limit = pageLimit(page.limit);
  const position = decodeCursor('accounts', page.cursor, LIST_POSITION) ?? '0 ';
  let spread = Number(position.slice(0, 1));
  let after = position.slice(2);
  const items: string[] = [];
  while (spread < SPREAD && items.length < limit) {
    const { items: found, nextKey } = await client.query({
      table: tableName,
      keyCondition: after === '' ? '#pk = :pk' : '#pk = :pk AND #sk > :after',
      names: { '#pk': PARTITION_KEY, ...(after !== '' && { '#sk': SORT_KEY }) },
      values: { ':pk': entryPartition(spread), ...(after !== '' && { ':after': after }) },
      limit: limit - items.length,
    });
    items.push(...found.map((item) => String(item[SORT_KEY])));
    if (nextKey === null) [spread, after] = [spread + 1, ''];
    else after = String(nextKey[SORT_KEY]);
  }
  return { items, nextCursor: spread < SPREAD ? encodeCursor('accounts', `${spread} ${after}`) : null };
}
