import { hourOf } from '@sluice/core/sharing/pool-rules';
import type { PoolAccount, PoolChange, PoolUse, QuotaPoolStore } from '@sluice/core/sharing/store';
import { ACCOUNT_PARTITION_PREFIX, PARTITION_KEY, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { DocumentValue, ItemKey, TableClient, TransactAction } from '../table-client.ts';
import { decodeCursor, encodeCursor, pageLimit } from './cursor.ts';
import { newPoolAccount, POOL_USE_ITEM, readPoolAccount } from './quota-pool-items.ts';

/*
 * What users have with the shared pool (docs/decisions/0031), in the ledger table beside their ledger accounts.
 *
 * question        index  key condition                                      consistency  who asks
 * find, ensure    table  pk = accountPool#<user>, sk = pool                 strong       admin, relay, recover-quotas
 * prefer          table  the same                                           –            admin
 * change          table  the same, under its revision                       –            recover-quotas; owned-credentials.ts
 *                                                                                        does it in a transaction
 * use             table  the same, and pk = accountPoolUses#<user>,         –            relay: one transaction
 *                        sk = <request id>
 * hasUse          table  the log row's key                                  strong       sweep-holds
 * listUses        table  pk = accountPoolUses#<user>, newest first          eventual     admin
 *
 * Changes are ordered by the revision and written as differences; deductions are differences without an order. So a
 * deduction never waits for a change, and none of either is lost.
 */

interface Table {
  client: TableClient;
  tableName: string;
}

const USE_POSITION = /^[\w-]{1,64}$/;
const MOST_ROUNDS = 3;

const poolKey = (userId: string): ItemKey => ({
  [PARTITION_KEY]: `${ACCOUNT_PARTITION_PREFIX}Pool#${userId}`,
  [SORT_KEY]: 'pool',
});
const usesOf = (userId: string): string => `${ACCOUNT_PARTITION_PREFIX}PoolUses#${userId}`;

export function createQuotaPoolStore(client: TableClient, tableName: string): QuotaPoolStore {
  const table: Table = { client, tableName };
  return {
    find: (userId) => find(table, userId),
    ensure: (userId, nowMs) => ensure(table, userId, nowMs),
    prefer: (userId, preferShared) => prefer(table, userId, preferShared),
    async change(change) {
      const { kind: _kind, ...update } = poolUpdate(tableName, change);
      // Under the revision: what is sent twice counts once.
      const outcome = await client.update({ ...update, repeatable: true });
      return outcome.ok;
    },
    use: (use, models) => logUse(table, use, models),
    async hasUse(userId, requestId) {
      const key = { [PARTITION_KEY]: usesOf(userId), [SORT_KEY]: requestId };
      return (await client.get({ table: tableName, key, consistent: true })) !== null;
    },
    listUses: (userId, page) => listUses(table, userId, page),
  };
}

async function find({ client, tableName }: Table, userId: string): Promise<PoolAccount | null> {
  const item = await client.get({ table: tableName, key: poolKey(userId), consistent: true });
  return item && readPoolAccount(item);
}

async function ensure(table: Table, userId: string, nowMs: number): Promise<PoolAccount> {
  const { client, tableName } = table;
  const stored = await find(table, userId);
  if (stored) return stored;
  const item = { ...poolKey(userId), ...newPoolAccount(userId, nowMs, hourOf(nowMs)) };
  const outcome = await client.put({
    table: tableName,
    item,
    condition: `attribute_not_exists(${PARTITION_KEY})`,
    repeatable: true,
  });
  if (outcome.ok) return readPoolAccount(item);
  if (outcome.existing) return readPoolAccount(outcome.existing);
  throw new Error(`The pool account of ${userId} can be neither read nor made.`);
}

async function prefer({ client, tableName }: Table, userId: string, preferShared: boolean) {
  const outcome = await client.update({
    table: tableName,
    key: poolKey(userId),
    update: 'SET #prefer = :prefer',
    condition: `attribute_exists(${PARTITION_KEY})`,
    names: { '#prefer': 'preferShared' },
    values: { ':prefer': preferShared },
    returns: 'new',
    repeatable: true,
  });
  return outcome.ok && outcome.item ? readPoolAccount(outcome.item) : null;
}

/**
 * A change of an account under its revision, alone or as a part of a transaction. An expression has at most 4 KB, so
 * names are short: there is room for the recovery of some 190 models, or for 50 that join.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
export function poolUpdate(tableName: string, change: PoolChange): Extract<TransactAction, { kind: 'update' }> {
  const names: Record<string, string> = { '#revision': 'revision', '#hour': 'recoveredHour' };
  const values: Record<string, DocumentValue> = {
    ':seen': change.revision,
    ':next': change.revision + 1,
    ':hour': change.recoveredHour,
  };
  const sets = ['#revision=:next', '#hour=:hour'];
  // As a whole, for accounts of before know no such map; it is small, and the revision holds it.
  if (change.owed !== undefined) {
    names['#o'] = 'o';
    values[':o'] = { ...change.owed };
    sets.push('#o=:o');
  }
  const models = [...new Set([...Object.keys(change.quotas), ...Object.keys(change.shared)])];
  models.forEach((model, index) => {
    const name = `#${index}`;
    names[name] = model;
    const [amount, shared] = [change.quotas[model], change.shared[model]];
    if (amount !== undefined) {
      names['#q'] = 'q';
      values[`:a${index}`] = amount;
      const isFresh = change.fresh.includes(model);
      if (isFresh) values[':z'] = 0;
      sets.push(`#q.${name}=${isFresh ? `if_not_exists(#q.${name},:z)` : `#q.${name}`}+:a${index}`);
    }
    if (shared !== undefined) {
      names['#n'] = 'n';
      values[`:b${index}`] = shared;
      sets.push(`#n.${name}=:b${index}`);
    }
  });
  return {
    kind: 'update',
    table: tableName,
    key: poolKey(change.userId),
    update: `SET ${sets.join(',')}`,
    condition: '#revision = :seen',
    names,
    values,
  };
}

async function logUse(
  table: Table,
  use: PoolUse,
  models: readonly string[],
): Promise<'logged' | 'known' | 'no-account'> {
  const { client, tableName } = table;
  const actions: TransactAction[] = [
    {
      kind: 'put',
      table: tableName,
      item: {
        [PARTITION_KEY]: usesOf(use.userId),
        [SORT_KEY]: use.requestId,
        ...POOL_USE_ITEM.write(use),
        [TIME_TO_LIVE]: Math.ceil(use.expiresAt / 1_000),
      },
      condition: `attribute_not_exists(${PARTITION_KEY})`,
    },
    deduction(tableName, use, models),
  ];
  for (let round = 1; ; round += 1) {
    const outcome = await client.transactWrite(actions);
    if (outcome.ok) return 'logged';
    if (outcome.refused[0]) return 'known';
    if (outcome.refused[1]) return 'no-account';
    if (round >= MOST_ROUNDS) throw new Error(`The use ${use.requestId} was refused without a reason.`);
  }
}

/** From every model of the group, each once, and without a floor. */
function deduction(tableName: string, use: PoolUse, models: readonly string[]): TransactAction {
  const kind = use.isShared ? 'shared' : 'private';
  const names: Record<string, string> = { '#requests': `${kind}Requests`, '#consumed': `${kind}Consumed` };
  const values: Record<string, DocumentValue> = { ':one': 1, ':consumed': use.consumed };
  const deducted = use.isShared && use.consumed > 0 ? [...new Set(models)] : [];
  deducted.forEach((model, index) => (names[`#m${index}`] = model));
  if (deducted.length > 0) {
    names['#q'] = 'q';
    values[':zero'] = 0;
  }
  const sets = deducted.map((_model, index) => `#q.#m${index} = if_not_exists(#q.#m${index}, :zero) - :consumed`);
  return {
    kind: 'update',
    table: tableName,
    key: poolKey(use.userId),
    update: `${sets.length > 0 ? `SET ${sets.join(', ')} ` : ''}ADD #requests :one, #consumed :consumed`,
    condition: `attribute_exists(${PARTITION_KEY})`,
    names,
    values,
  };
}

async function listUses(
  { client, tableName }: Table,
  userId: string,
  { limit, cursor, from, until, nowMs }: Parameters<QuotaPoolStore['listUses']>[1],
): Promise<{ uses: PoolUse[]; nextCursor: string | null }> {
  const after = decodeCursor('uses', cursor, USE_POSITION);
  const filters = ['#expiresAt > :now'];
  const values: Record<string, DocumentValue> = { ':partition': usesOf(userId), ':now': nowMs };
  if (from !== null) {
    filters.push('#at >= :from');
    values[':from'] = from;
  }
  if (until !== null) {
    filters.push('#at < :until');
    values[':until'] = until;
  }
  const uses: PoolUse[] = [];
  const most = pageLimit(limit);
  let startKey: ItemKey | null = after === null ? null : { [PARTITION_KEY]: usesOf(userId), [SORT_KEY]: after };
  do {
    const page = await client.query({
      table: tableName,
      keyCondition: '#pk = :partition',
      filter: filters.join(' AND '),
      names: { '#pk': PARTITION_KEY, '#expiresAt': 'expiresAt', ...(filters.length > 1 && { '#at': 'at' }) },
      values,
      forward: false,
      limit: most - uses.length,
      startKey,
    });
    uses.push(...page.items.map(POOL_USE_ITEM.read));
    startKey = page.nextKey;
  } while (startKey !== null && uses.length < most);
  const position = startKey?.[SORT_KEY];
  return { uses, nextCursor: typeof position === 'string' ? encodeCursor('uses', position) : null };
}
