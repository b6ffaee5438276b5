/**
 * Read and write units as on-demand tables count them:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
 */

import type { Item } from './attribute-values.ts';
import { itemSize, sameItem } from './attribute-values.ts';
import type { IndexDescription, Table } from './engine-types.ts';

const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;

/** Units of one table in one call, its indexes apart. */
export interface TableUnits {
  write: number;
  read: number;
  indexWrite: Record<string, number>;
  indexRead: Record<string, number>;
}

export type UnitsByTable = Map<string, TableUnits>;

export function unitsOf(units: UnitsByTable, tableName: string): TableUnits {
  let found = units.get(tableName);
  if (found === undefined) {
    found = { write: 0, read: 0, indexWrite: {}, indexRead: {} };
    units.set(tableName, found);
  }
  return found;
}

function total(indexUnits: Record<string, number>): number {
  return Object.values(indexUnits).reduce((sum, units) => sum + units, 0);
}

export function totalWrite(units: TableUnits): number {
  return units.write + total(units.indexWrite);
}

export function totalRead(units: TableUnits): number {
  return units.read + total(units.indexRead);
}

function writeUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));
}

/** Half a unit per 4 KB for an eventually consistent read, a whole one for a consistent read, two in a transaction. */
export function readUnits(bytes: number, kind: 'eventual' | 'consistent' | 'transaction'): number {
  const factor = kind === 'eventual' ? 0.5 : kind === 'consistent' ? 1 : 2;
  return Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES)) * factor;
}

/** The part of an item that an index carries; null when the item lacks a key of the index. */
function projected(index: IndexDescription, table: Table, item: Item | null): Item | null {
  if (item === null || index.KeySchema.some((key) => item[key.AttributeName] === undefined)) return null;
  if (index.Projection.ProjectionType === 'ALL') return item;
  const names = [...index.KeySchema, ...table.KeySchema].map((key) => key.AttributeName);
  const entry: Item = {};
  for (const name of [...names, ...(index.Projection.NonKeyAttributes ?? [])]) {
    const value = item[name];
    if (value !== undefined) entry[name] = value;
  }
  return entry;
}

function indexWriteUnits(index: IndexDescription, table: Table, before: Item | null, after: Item | null): number {
  const old = projected(index, table, before);
  const now = projected(index, table, after);
  if (old === null && now === null) return 0;
  if (old === null) return writeUnits(itemSize(now!));
  if (now === null) return writeUnits(itemSize(old));
  if (sameItem(old, now)) return 0;
  const moved = index.KeySchema.some(
    (key) => !sameItem({ key: old[key.AttributeName]! }, { key: now[key.AttributeName]! }),
  );
  // A changed key deletes one entry and puts another.
  if (moved) return writeUnits(itemSize(old)) + writeUnits(itemSize(now));
  return writeUnits(Math.max(itemSize(old), itemSize(now)));
}

function indexesOf(table: Table): IndexDescription[] {
  return [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])];
}

/**
 * Counts one item's write: the larger of before and after, and each index whose entry changed. In a transaction
 * the item itself counts twice (prepare and commit); its index entries are written once, afterwards.
 */
export function countWrite(
  units: TableUnits,
  change: { table: Table; before: Item | null; after: Item | null; factor: 1 | 2 },
): void {
  const { table, before, after, factor } = change;
  const bytes = Math.max(before === null ? 0 : itemSize(before), after === null ? 0 : itemSize(after));
  units.write += factor * writeUnits(bytes);
  for (const index of indexesOf(table)) {
    const used = indexWriteUnits(index, table, before, after);
    if (used > 0) units.indexWrite[index.IndexName] = (units.indexWrite[index.IndexName] ?? 0) + used;
  }
}

function indexEntries(units: TableUnits): Record<string, { CapacityUnits: number }> {
  const entries: Record<string, { CapacityUnits: number }> = {};
  for (const part of [units.indexWrite, units.indexRead]) {
    for (const [name, used] of Object.entries(part)) {
      entries[name] = { CapacityUnits: (entries[name]?.CapacityUnits ?? 0) + used };
    }
  }
  return entries;
}

/** The ConsumedCapacity of one table, for ReturnConsumedCapacity TOTAL or INDEXES. */
export function consumedCapacity(tableName: string, units: TableUnits, detail: unknown): Record<string, unknown> {
  const capacity = { TableName: tableName, CapacityUnits: totalWrite(units) + totalRead(units) };
  if (detail !== 'INDEXES') return capacity;
  const indexes = indexEntries(units);
  return {
    ...capacity,
    Table: { CapacityUnits: units.write + units.read },
    ...(Object.keys(indexes).length > 0 ? { GlobalSecondaryIndexes: indexes } : {}),
  };
}
