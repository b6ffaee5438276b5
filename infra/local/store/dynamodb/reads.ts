/** GetItem, Query, Scan and the two batch operations. */

import { actions, db } from './dynalite-modules.ts';
import { itemSize } from './attribute-values.ts';
import type { Item } from './attribute-values.ts';
import { readUnits, unitsOf } from './capacity.ts';
import { checkRequest } from './checked-requests.ts';
import type { EngineStore, PageAnswer } from './engine-types.ts';
import type { ServiceFailure } from './failures.ts';
import { validationFailure } from './failures.ts';
import { prepareWrite, writeItem } from './writes.ts';
import type { WriteContext } from './writes.ts';

/** "A single BatchGetItem can retrieve up to 16 MB of data"; what is over comes back as unprocessed. */
const BATCH_GET_BYTES = 16 * 1024 * 1024;

type Answer = Record<string, unknown>;

export async function getItem({ engine, units }: WriteContext, request: unknown): Promise<Answer> {
  const data = checkRequest('GetItem', request, engine.store);
  const table = await engine.table(data['TableName'] as string);
  const key = data['Key'] as Item;
  const projection = data['_projection'] as { paths: unknown[]; nestedPaths: Record<string, boolean> } | undefined;
  const invalid = db.validateKey(key, table) ?? db.validateKeyPaths(projection?.nestedPaths, table);
  if (invalid) throw invalid;
  const item = await engine.readItem(table, engine.itemKey(key, table));
  const kind = data['ConsistentRead'] === true ? 'consistent' : 'eventual';
  unitsOf(units, table.TableName).read += readUnits(itemSize(item ?? {}), kind);
  if (item === null) return {};
  const paths = projection?.paths ?? (data['AttributesToGet'] as unknown[] | undefined);
  return { Item: paths === undefined ? item : db.mapPaths(paths, item) };
}

/** The engine's own action checks the keys and builds the range; the page itself is ours (`pages.ts`). */
export async function readMany(
  { engine, units }: WriteContext,
  operation: 'Query' | 'Scan',
  request: unknown,
): Promise<Answer> {
  const data = checkRequest(operation, request, engine.store);
  const tableName = data['TableName'] as string;
  const table = await engine.table(tableName);
  const store: EngineStore = { ...engine.store, getTable: (_name, done) => done(null, table) };
  const answer = await new Promise<PageAnswer>((resolve, reject) => {
    actions[operation](store, data, (error, page) => (error ? reject(error) : resolve(page as unknown as PageAnswer)));
  });
  const { bytes, ...rest } = answer;
  const used = readUnits(bytes, data['ConsistentRead'] === true ? 'consistent' : 'eventual');
  const counted = unitsOf(units, tableName);
  const index = data['IndexName'] as string | undefined;
  if (index === undefined) counted.read += used;
  else counted.indexRead[index] = (counted.indexRead[index] ?? 0) + used;
  return rest;
}

interface KeysAndAttributes {
  readonly Keys: Item[];
  readonly ConsistentRead?: boolean;
  readonly AttributesToGet?: unknown[];
  readonly _projection?: { paths: unknown[] };
}

/** Up to 100 items of several tables; keys past 16 MB of answer come back in UnprocessedKeys. */
export async function batchGet({ engine, units }: WriteContext, request: Answer): Promise<Answer> {
  const asked = structuredClone(request['RequestItems']) as Record<string, Record<string, unknown>>;
  const data = checkRequest('BatchGetItem', request, engine.store);
  const responses: Record<string, Item[]> = {};
  const unprocessed: Record<string, Record<string, unknown>> = {};
  let bytes = 0;
  for (const [tableName, wanted] of Object.entries(data['RequestItems'] as Record<string, KeysAndAttributes>)) {
    const table = await engine.table(tableName);
    const found: Item[] = (responses[tableName] = []);
    const left: Item[] = [];
    const paths = wanted._projection?.paths ?? wanted.AttributesToGet;
    const counted = unitsOf(units, tableName);
    for (const key of wanted.Keys) {
      const invalid = db.validateKey(key, table);
      if (invalid) throw invalid;
      const item = await engine.readItem(table, engine.itemKey(key, table));
      const size = itemSize(item ?? {});
      if (bytes + size > BATCH_GET_BYTES) {
        left.push(key);
        continue;
      }
      bytes += size;
      counted.read += readUnits(size, wanted.ConsistentRead === true ? 'consistent' : 'eventual');
      if (item !== null) found.push(paths === undefined ? item : db.mapPaths(paths, item));
    }
    if (left.length > 0) unprocessed[tableName] = { ...asked[tableName], Keys: left };
  }
  return { Responses: responses, UnprocessedKeys: unprocessed };
}

type BatchMember = { PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } };

/** "Type mismatch for key" and the like read differently when they happen within a batch. */
function asBatchFailure(error: ServiceFailure): ServiceFailure {
  const wrongKey = /Missing the key|Type mismatch for key/.test(error.message);
  return wrongKey ? validationFailure('The provided key element does not match the schema') : error;
}

/** Up to 25 puts and deletes, each by itself. All are checked before the first is written. */
export async function batchWrite(context: WriteContext, request: Answer): Promise<Answer> {
  const { engine } = context;
  const data = checkRequest('BatchWriteItem', request, engine.store);
  const tables = Object.entries(data['RequestItems'] as Record<string, BatchMember[]>);
  if (tables.reduce((sum, [, members]) => sum + members.length, 0) > 25) {
    throw validationFailure('Too many items requested for the BatchWriteItem call');
  }
  const writes = await Promise.all(
    tables.flatMap(([TableName, members]) =>
      members.map((member) =>
        member.PutRequest === undefined
          ? prepareWrite(engine, 'Delete', { TableName, Key: member.DeleteRequest?.Key })
          : prepareWrite(engine, 'Put', { TableName, Item: member.PutRequest.Item }),
      ),
    ),
  ).catch((error: ServiceFailure) => {
    throw asBatchFailure(error);
  });
  if (new Set(writes.map((write) => write.itemKey)).size !== writes.length) {
    throw validationFailure('Provided list of item keys contains duplicates');
  }
  await Promise.all(writes.map((write) => writeItem(context, write)));
  return { UnprocessedItems: {} };
}
