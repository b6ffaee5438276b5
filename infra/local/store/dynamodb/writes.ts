/** PutItem, UpdateItem, DeleteItem and the planning that transactions and batches share with them. */

import { db } from './dynalite-modules.ts';
import { itemSize } from './attribute-values.ts';
import type { Item } from './attribute-values.ts';
import { countWrite, unitsOf } from './capacity.ts';
import type { UnitsByTable } from './capacity.ts';
import { checkRequest } from './checked-requests.ts';
import { indexPrefix } from './engine.ts';
import type { Engine } from './engine.ts';
import type { BatchOperation, Table } from './engine-types.ts';
import { applyUpdate, meetsCondition } from './expressions.ts';
import type { Operand, UpdateSection } from './expressions.ts';
import { serviceFailure, validationFailure } from './failures.ts';
import type { Locks } from '../locks.ts';

export type WriteKind = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';

/** A write whose shape and expressions are checked and whose item is known. */
export interface WriteRequest {
  readonly kind: WriteKind;
  readonly table: Table;
  /** The item's place in the key-value store. */
  readonly itemKey: string;
  readonly key: Item;
  readonly item: Item | null;
  readonly updates: { sections: UpdateSection[]; paths: unknown[] } | null;
  readonly condition: Operand | null;
  readonly returnValues: string;
  readonly oldOnFailure: boolean;
}

export interface PlannedWrite {
  readonly request: WriteRequest;
  readonly before: Item | null;
  readonly after: Item | null;
}

const CHECKED_AS = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'DeleteItem',
} as const;

function keyOf(item: Item, table: Table): Item {
  return Object.fromEntries(table.KeySchema.map((key) => [key.AttributeName, item[key.AttributeName]!]));
}

/** Checks a write as far as that is possible without its stored item. */
export async function prepareWrite(engine: Engine, kind: WriteKind, request: unknown): Promise<WriteRequest> {
  const data = checkRequest(CHECKED_AS[kind], request, engine.store);
  const table = await engine.table(data['TableName'] as string);
  const item = (data['Item'] as Item | undefined) ?? null;
  const updates = (data['_updates'] as WriteRequest['updates'] | undefined) ?? null;
  const invalid =
    item === null
      ? (db.validateKey(data['Key'] as Item, table) ??
        (updates === null ? null : db.validateUpdates(undefined, updates as never, table)))
      : db.validateItem(item, table);
  if (invalid) throw invalid;
  const key = item === null ? (data['Key'] as Item) : keyOf(item, table);
  return {
    kind,
    table,
    itemKey: engine.itemKey(key, table),
    key,
    item,
    updates,
    condition: (data['_condition'] as { expression: Operand } | undefined)?.expression ?? null,
    returnValues: (data['ReturnValues'] as string | undefined) ?? 'NONE',
    oldOnFailure: data['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD',
  };
}

/** Keys of indexes keep their declared type and are never empty. */
function checkIndexKeys(item: Item, table: Table): void {
  const failure = db.traverseIndexes(table, (attribute, type, index) => {
    const value = item[attribute] as Record<string, unknown> | undefined;
    if (value === undefined) return undefined;
    if (value[type] === undefined) {
      return validationFailure('The update expression attempted to update the secondary index key to unsupported type');
    }
    if (value[type] !== '') return undefined;
    return validationFailure(
      'One or more parameter values are not valid. A value specified for a secondary index key is not supported. ' +
        'The AttributeValue for a key attribute cannot contain an empty string value. ' +
        `IndexName: ${index.IndexName}, IndexKey: ${attribute}`,
    );
  });
  if (failure !== undefined) throw failure;
}

/** The item that a write leaves; null for none. Throws the validation errors that need the stored item. */
function itemAfter(engine: Engine, request: WriteRequest, before: Item | null): Item | null {
  if (request.kind === 'Delete') return null;
  if (request.kind === 'ConditionCheck') return before;
  const after = request.item ?? applyUpdate(request.updates?.sections ?? [], before ?? request.key);
  if (request.kind === 'Update' && itemSize(after) > engine.store.options.maxItemSize) {
    throw validationFailure('Item size to update has exceeded the maximum allowed size');
  }
  checkIndexKeys(after, request.table);
  return after;
}

export function conditionHolds(request: WriteRequest, before: Item | null): boolean {
  return request.condition === null || meetsCondition(request.condition, before ?? {});
}

export function planWrite(engine: Engine, request: WriteRequest, before: Item | null): PlannedWrite {
  return { request, before, after: itemAfter(engine, request, before) };
}

/** What the key-value store has to do for a planned write: the item and its index entries. */
export function storeOperations({ request, before, after }: PlannedWrite): BatchOperation[] {
  if (request.kind === 'ConditionCheck' || (before === null && after === null)) return [];
  const { table } = request;
  const operations: BatchOperation[] = [
    after === null ? { type: 'del', key: request.itemKey } : { type: 'put', key: request.itemKey, value: after },
  ];
  for (const kind of ['global', 'local'] as const) {
    const indexes = (kind === 'global' ? table.GlobalSecondaryIndexes : table.LocalSecondaryIndexes) ?? [];
    const { puts, deletes } = db.getIndexActions(indexes, before, after, table);
    for (const entry of deletes) {
      operations.push({ type: 'del', key: indexPrefix(kind, table.TableName, entry.index) + entry.key });
    }
    for (const entry of puts) {
      const key = indexPrefix(kind, table.TableName, entry.index) + entry.key;
      operations.push({ type: 'put', key, value: entry.item });
    }
  }
  return operations;
}

/** The Attributes of an answer, by ReturnValues. */
function returnedAttributes({ request, before, after }: PlannedWrite): Item | undefined {
  const paths = request.updates?.paths ?? [];
  switch (request.returnValues) {
    case 'ALL_OLD':
      return before ?? undefined;
    case 'ALL_NEW':
      return after ?? undefined;
    case 'UPDATED_OLD':
      return before === null ? undefined : db.mapPaths(paths, before);
    case 'UPDATED_NEW':
      return after === null ? undefined : db.mapPaths(paths, after);
    default:
      return undefined;
  }
}

export interface WriteContext {
  readonly engine: Engine;
  readonly locks: Locks;
  readonly units: UnitsByTable;
}

async function writeLocked({ engine, units }: WriteContext, request: WriteRequest): Promise<Record<string, unknown>> {
  const before = await engine.readItem(request.table, request.itemKey);
  const counted = unitsOf(units, request.table.TableName);
  if (!conditionHolds(request, before)) {
    // A refused write costs what reading the stored item for it would: at least one unit.
    countWrite(counted, { table: { ...request.table, GlobalSecondaryIndexes: [] }, before, after: before, factor: 1 });
    const item = request.oldOnFailure && before !== null ? { Item: before } : {};
    throw serviceFailure('ConditionalCheckFailedException', 'The conditional request failed', item);
  }
  const planned = planWrite(engine, request, before);
  const operations = storeOperations(planned);
  if (operations.length > 0) await engine.write(operations);
  countWrite(counted, { table: request.table, before, after: planned.after, factor: 1 });
  const attributes = returnedAttributes(planned);
  return attributes === undefined ? {} : { Attributes: attributes };
}

/** One write of one item, under the item's lock. */
export async function writeItem(context: WriteContext, request: WriteRequest): Promise<Record<string, unknown>> {
  return context.locks.hold([request.itemKey], () => writeLocked(context, request));
}
