/** Garbage: items whose time to live has passed, and transaction tokens older than ten minutes. */

import type { Item } from './attribute-values.ts';
import { itemPrefix } from './engine.ts';
import type { BatchOperation } from './engine-types.ts';
import { readSettings } from './tables.ts';
import type { TableContext } from './tables.ts';
import { TOKEN_PREFIX } from './transactions.ts';
import type { TokenRecord } from './transactions.ts';
import { storeOperations } from './writes.ts';

/** "Items with an expiry more than five years in the past are not deleted." */
const OLDEST_EXPIRY_SECONDS = 5 * 365 * 24 * 3600;
const PREFIX_END = '\xff';

function hasExpired(item: Item, attribute: string, nowSeconds: number): boolean {
  const expiry = Number(item[attribute]?.N ?? NaN);
  return expiry <= nowSeconds && expiry > nowSeconds - OLDEST_EXPIRY_SECONDS;
}

async function sweepTable(context: TableContext, tableName: string, now: number): Promise<number> {
  const { engine, locks } = context;
  const { timeToLiveAttribute } = await readSettings(engine, tableName);
  if (timeToLiveAttribute === undefined) return 0;
  const table = await engine.table(tableName);
  const nowSeconds = now / 1000;
  const prefix = itemPrefix(tableName);
  const expired: string[] = [];
  for await (const [key, value] of engine.store.db.iterator({ gte: prefix, lt: prefix + PREFIX_END })) {
    if (hasExpired(value as Item, timeToLiveAttribute, nowSeconds)) expired.push(key);
  }
  let swept = 0;
  for (const itemKey of expired) {
    await locks.hold([itemKey], async () => {
      // Someone may have prolonged it since.
      const before = await engine.readItem(table, itemKey);
      if (before === null || !hasExpired(before, timeToLiveAttribute, nowSeconds)) return;
      const request = {
        kind: 'Delete',
        table,
        itemKey,
        key: before,
        item: null,
        updates: null,
        condition: null,
        returnValues: 'NONE',
        oldOnFailure: false,
      } as const;
      await engine.write(storeOperations({ request, before, after: null }));
      swept += 1;
    });
  }
  return swept;
}

async function sweepTokens({ engine }: TableContext, now: number): Promise<void> {
  const operations: BatchOperation[] = [];
  for await (const [key, value] of engine.store.db.iterator({ gte: TOKEN_PREFIX, lt: TOKEN_PREFIX + PREFIX_END })) {
    if ((value as TokenRecord).expiresAt <= now) operations.push({ type: 'del', key });
  }
  await engine.write(operations);
}

/** Answers how many items were deleted. Deleting expired items costs no write units, as on AWS. */
export async function sweepExpired(context: TableContext, now: number): Promise<number> {
  let swept = 0;
  for await (const [key] of context.engine.store.db.iterator({ gte: 'table~', lt: `table~${PREFIX_END}` })) {
    swept += await sweepTable(context, key.slice('table~'.length), now);
  }
  await sweepTokens(context, now);
  return swept;
}
