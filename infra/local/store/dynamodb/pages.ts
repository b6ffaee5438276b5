/** One page of a query or scan, read from the key-value store in chunks. */

import { db } from './dynalite-modules.ts';
import type { AttributeValue, Item } from './attribute-values.ts';
import { itemSize } from './attribute-values.ts';
import type { CheckedRequest, EngineStore, PageAnswer, QueryTable, Range, Table } from './engine-types.ts';
import { meetsCondition } from './expressions.ts';
import type { Operand } from './expressions.ts';

/** "A single Query operation can retrieve a maximum of 1 MB of data", before filters. */
const PAGE_BYTES = 1024 * 1024;
const CHUNK = 64;

/** Bounds in the one key space; an unbounded side ends at the table's own prefix. */
function prefixed(prefix: string, range: Range): Range {
  const { gt, gte, lt, lte, reverse } = range;
  const lower = gte !== undefined ? { gte: prefix + gte } : gt !== undefined ? { gt: prefix + gt } : { gte: prefix };
  const upper =
    lte !== undefined ? { lte: prefix + lte } : lt !== undefined ? { lt: prefix + lt } : { lt: `${prefix}\xff` };
  return { ...lower, ...upper, ...(reverse ? { reverse } : {}) };
}

interface Rows {
  readonly items: Item[];
  readonly bytes: number;
  /** Whether the page ended at its limit rather than at the end of the data. */
  readonly full: boolean;
}

async function readRows(
  store: EngineStore,
  range: Range,
  limit: number,
  whole: (item: Item) => Promise<Item>,
): Promise<Rows> {
  const iterator = store.db.values(range);
  const items: Item[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const chunk = (await iterator.nextv(Math.min(CHUNK, limit - items.length))) as Item[];
      if (chunk.length === 0) return { items, bytes, full: false };
      for (const entry of chunk) {
        const item = await whole(entry);
        const size = itemSize(item);
        if (items.length > 0 && bytes + size > PAGE_BYTES) return { items, bytes, full: true };
        items.push(item);
        bytes += size;
      }
      if (items.length >= limit) return { items, bytes, full: true };
    }
  } finally {
    await iterator.close();
  }
}

function meetsFilter(data: CheckedRequest, item: Item): boolean {
  const parsed = data['_filter'] as { expression: Operand } | undefined;
  if (parsed !== undefined) return meetsCondition(parsed.expression, item);
  const legacy = data['QueryFilter'] ?? data['ScanFilter'];
  return legacy === undefined || db.matchesFilter(item, legacy, data['ConditionalOperator']);
}

function project(data: CheckedRequest, items: Item[]): Item[] {
  const parsed = data['_projection'] as { paths: unknown[] } | undefined;
  const paths = parsed?.paths ?? (data['AttributesToGet'] as unknown[] | undefined);
  return paths === undefined ? items : items.map((item) => db.mapPaths(paths, item));
}

async function page(
  store: EngineStore,
  table: Table,
  data: CheckedRequest,
  range: Range,
  isLocal: boolean | undefined,
  fetchWholeItems: boolean,
  startKeyNames: readonly string[],
): Promise<PageAnswer> {
  const indexKind = isLocal ? 'local' : 'global';
  const prefix =
    data.IndexName === undefined
      ? `item-${table.TableName}~`
      : `index-${indexKind}~${table.TableName}~${data.IndexName}~`;
  const whole = fetchWholeItems
    ? async (entry: Item) => (await store.db.get(`item-${table.TableName}~${db.createKey(entry, table)}`)) as Item
    : async (entry: Item) => entry;
  const { items, bytes, full } = await readRows(store, prefixed(prefix, range), data.Limit ?? Infinity, whole);
  const last = items[items.length - 1];
  const matching = items.filter((item) => meetsFilter(data, item));
  return {
    Count: matching.length,
    ScannedCount: items.length,
    ...(data.Select === 'COUNT' ? {} : { Items: project(data, matching) }),
    ...(full && last !== undefined
      ? { LastEvaluatedKey: Object.fromEntries(startKeyNames.map((name) => [name, last[name] as AttributeValue])) }
      : {}),
    bytes,
  };
}

/** Takes the place of the engine's own `queryTable`, which its query and scan actions call when all is checked. */
export const readPage: QueryTable = async (
  store,
  table,
  data,
  range,
  isLocal,
  fetchWholeItems,
  startKeyNames,
  done,
) => {
  try {
    done(null, await page(store, table, data, range, isLocal, fetchWholeItems, startKeyNames));
  } catch (error) {
    done(error as Error);
  }
};
