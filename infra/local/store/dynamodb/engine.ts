/**
 * The storage engine: dynalite's key-value layout and table records, with what it gets wrong put right.
 * The package is pinned, so the inner modules used here stay as they are.
 */

import { db, parsers } from './dynalite-modules.ts';
import type { Item } from './attribute-values.ts';
import { itemSize } from './attribute-values.ts';
import type { BatchOperation, EngineStore, Table } from './engine-types.ts';
import { readPage } from './pages.ts';
import { withParseCache } from './parse-cache.ts';

export interface Engine {
  readonly store: EngineStore;
  /** The description of an ACTIVE table; throws ResourceNotFoundException. Cached until the table changes. */
  table(name: string): Promise<Table>;
  forgetTable(name: string): void;
  itemKey(item: Item, table: Table): string;
  readItem(table: Table, itemKey: string): Promise<Item | null>;
  /** All or nothing, on disk too. */
  write(operations: readonly BatchOperation[]): Promise<void>;
  close(): Promise<void>;
}

/** Where dynalite keeps a table's items and an index's entries within the one key space. */
export function itemPrefix(tableName: string): string {
  return `item-${tableName}~`;
}

export function indexPrefix(kind: 'global' | 'local', tableName: string, indexName: string): string {
  return `index-${kind}~${tableName}~${indexName}~`;
}

/**
 * Put right, once for the process: sizes count UTF-8 bytes (dynalite counts UTF-16 units); pages evaluate filters
 * without throwing on missing operands, know the 1 MB rule, and are read in chunks instead of one stream event per
 * row; an expression's text is parsed once.
 */
function mendEngine(): void {
  if (db.queryTable === readPage) return;
  db.itemSize = itemSize;
  db.queryTable = readPage;
  parsers.condition.parse = withParseCache(parsers.condition);
  parsers.update.parse = withParseCache(parsers.update);
}

export async function openEngine(directory: string | null): Promise<Engine> {
  mendEngine();
  const store = db.create({
    ...(directory === null ? {} : { path: directory }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  await store.db.open();
  const tables = new Map<string, Table>();

  function loadTable(name: string): Promise<Table> {
    return new Promise((resolve, reject) => {
      store.getTable(name, (error, table) => (error ? reject(error) : resolve(table!)));
    });
  }

  return {
    store,
    async table(name) {
      const known = tables.get(name);
      if (known !== undefined) return known;
      const table = await loadTable(name);
      if (table.TableStatus === 'ACTIVE') tables.set(name, table);
      return table;
    },
    forgetTable: (name) => void tables.delete(name),
    itemKey: (item, table) => itemPrefix(table.TableName) + db.createKey(item, table),
    async readItem(_table, itemKey) {
      return ((await store.db.get(itemKey)) as Item | undefined) ?? null;
    },
    write: (operations) => store.db.batch(operations),
    close: () => store.db.close(),
  };
}
