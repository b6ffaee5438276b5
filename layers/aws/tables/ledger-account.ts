import { crc32 } from 'node:zlib';
import type {
  AccountPassStore,
  AdmissionOutcome,
  AdmissionWrite,
  LedgerAccount,
  LedgerAccountStore,
  SettlementWrite,
} from '@sluice/core/metering/account-store';
import type { Page, PageRequest } from '@sluice/core/identity/store';
import { PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { DocumentValue, ItemKey, TableClient } from '../table-client.ts';
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
 */

const SPREAD = 8;
const PASS_KEY: ItemKey = { [PARTITION_KEY]: 'sweep', [SORT_KEY]: 'accounts' };
const LIST_POSITION = /^[0-7] [\w:.-]*$/;

interface Table {
  client: TableClient;
  tableName: string;
}

export function createLedgerAccountStore(client: TableClient, tableName: string): LedgerAccountStore {
  const table: Table = { client, tableName };
  return {
    admit: (write) => admit(table, write),
    settle: (write) => settle(table, write),
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
  return { [PARTITION_KEY]: `account#${accountId}`, [SORT_KEY]: 'account' };
}

async function admit({ client, tableName }: Table, write: AdmissionWrite): Promise<AdmissionOutcome> {
  const names: Record<string, string> = { '#h': HOLDS, '#id': write.requestId, '#e': ENTITLEMENT };
  const values: Record<string, DocumentValue> = {
    ':hold': write.hold,
    ':most': write.mostHolds,
    ':seen': write.entitlement,
  };
  const conditions = ['attribute_not_exists(#h.#id)', 'size(#h) < :most', '#e = :seen'];
  const additions: string[] = [];
  write.counters.forEach(({ name, amount, room }, index) => {
    const counter = `#c${index}`;
    names[counter] = name;
    values[`:a${index}`] = amount;
    values[`:r${index}`] = room;
    conditions.push(`(attribute_not_exists(${counter}) OR ${counter} <= :r${index})`);
    additions.push(`${counter} :a${index}`);
  });
  const outcome = await client.update({
    table: tableName,
    key: accountKey(write.accountId),
    update: `SET #h.#id = :hold${additions.length > 0 ? ` ADD ${additions.join(', ')}` : ''}`,
    condition: conditions.join(' AND '),
    names,
    values,
    returns: 'new',
    repeatable: false,
  });
  if (outcome.ok) return { outcome: 'admitted', account: ledgerAccount(write.accountId, outcome.item ?? {}) };
  return { outcome: 'refused', account: outcome.existing && ledgerAccount(write.accountId, outcome.existing) };
}

async function settle({ client, tableName }: Table, write: SettlementWrite): Promise<'settled' | 'not-held'> {
  const names: Record<string, string> = { '#h': HOLDS, '#id': write.requestId };
  const values: Record<string, DocumentValue> = {};
  const additions = write.additions.map(({ name, amount }, index) => {
    names[`#c${index}`] = name;
    values[`:a${index}`] = amount;
    return `#c${index} :a${index}`;
  });
  const removals = write.removals.map((name, index) => {
    names[`#r${index}`] = name;
    return `#r${index}`;
  });
  const outcome = await client.update({
    table: tableName,
    key: accountKey(write.accountId),
    update: `REMOVE ${['#h.#id', ...removals].join(', ')}${additions.length > 0 ? ` ADD ${additions.join(', ')}` : ''}`,
    condition: 'attribute_exists(#h.#id)',
    names,
    ...(additions.length > 0 && { values }),
    repeatable: true,
  });
  // After a lost answer the hold is gone by our own hand; there is nothing more to do in either case.
  return outcome.ok || outcome.resent ? 'settled' : 'not-held';
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
  return `accounts#${spread}`;
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
