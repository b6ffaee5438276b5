/** Tables as a whole: creation, indexes added later, time to live, backups, and the sweep of expired items. */

import { actions, db } from './dynalite-modules.ts';
import type { Item } from './attribute-values.ts';
import { checkRequest } from './checked-requests.ts';
import { indexPrefix, itemPrefix } from './engine.ts';
import type { Engine } from './engine.ts';
import type { BatchOperation, IndexDescription, Table } from './engine-types.ts';
import { serviceFailure, validationFailure } from './failures.ts';
import type { Locks } from '../locks.ts';

type Answer = Record<string, unknown>;

export interface TableContext {
  readonly engine: Engine;
  readonly locks: Locks;
}

/** What dynalite has no place for. */
export interface TableSettings {
  readonly timeToLiveAttribute?: string;
  readonly pointInTimeRecovery?: boolean;
}

type TableAction = 'CreateTable' | 'DeleteTable' | 'DescribeTable' | 'ListTables';

const BACKFILL_CHUNK = 200;

function settingsKey(tableName: string): string {
  return `settings~${tableName}`;
}

export async function readSettings(engine: Engine, tableName: string): Promise<TableSettings> {
  return ((await engine.store.db.get(settingsKey(tableName))) as TableSettings | undefined) ?? {};
}

function runAction(engine: Engine, operation: TableAction, data: Answer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    actions[operation](engine.store, data, (error, answer) => (error ? reject(error) : resolve(answer!)));
  });
}

function billedOnDemand(table: Table): Table {
  // On-demand indexes are described with zeros on AWS too.
  const none = { ReadCapacityUnits: 0, WriteCapacityUnits: 0, NumberOfDecreasesToday: 0 };
  table.GlobalSecondaryIndexes?.forEach((index) => (index['ProvisionedThroughput'] ??= none));
  return table;
}

/** CreateTable, DeleteTable, DescribeTable and ListTables by the engine's own actions. */
export async function tableAction({ engine }: TableContext, operation: TableAction, request: unknown): Promise<Answer> {
  const data = checkRequest(operation, request, engine.store);
  const tableName = data['TableName'] as string;
  if (operation === 'CreateTable' || operation === 'DeleteTable') engine.forgetTable(tableName);
  const answer = await runAction(engine, operation, data);
  if (operation === 'DeleteTable') await engine.write([{ type: 'del', key: settingsKey(tableName) }]);
  return answer;
}

async function anyTable(engine: Engine, request: Answer): Promise<Table> {
  const { Table: table } = await runAction(
    engine,
    'DescribeTable',
    checkRequest('DescribeTable', request, engine.store),
  );
  return table as Table;
}

/** Puts an entry for every item that has the index's keys. The table's cache is off meanwhile. */
async function fillIndex(engine: Engine, table: Table, index: IndexDescription): Promise<void> {
  const prefix = itemPrefix(table.TableName);
  let operations: BatchOperation[] = [];
  for await (const [, value] of engine.store.db.iterator({ gte: prefix, lt: `${prefix}\xff` })) {
    for (const entry of db.getIndexActions([index], null, value as Item, table).puts) {
      const key = indexPrefix('global', table.TableName, index.IndexName) + entry.key;
      operations.push({ type: 'put', key, value: entry.item });
    }
    if (operations.length < BACKFILL_CHUNK) continue;
    await engine.write(operations);
    operations = [];
  }
  await engine.write(operations);
}

async function dropIndex(engine: Engine, tableName: string, indexName: string): Promise<void> {
  const prefix = indexPrefix('global', tableName, indexName);
  const operations: BatchOperation[] = [];
  for await (const [key] of engine.store.db.iterator({ gte: prefix, lt: `${prefix}\xff` })) {
    operations.push({ type: 'del', key });
  }
  await engine.write(operations);
}

interface IndexUpdate {
  readonly Create?: {
    IndexName: string;
    KeySchema: IndexDescription['KeySchema'];
    Projection: IndexDescription['Projection'];
  };
  readonly Delete?: { IndexName: string };
}

function withIndex(table: Table, created: NonNullable<IndexUpdate['Create']>, definitions: unknown): Table {
  const known = table.GlobalSecondaryIndexes ?? [];
  if (known.some((index) => index.IndexName === created.IndexName)) {
    throw validationFailure(`Attempting to create an index which already exists: ${created.IndexName}`);
  }
  const attributes = new Map(table.AttributeDefinitions.map((definition) => [definition.AttributeName, definition]));
  for (const definition of (definitions as Table['AttributeDefinitions'] | undefined) ?? []) {
    attributes.set(definition.AttributeName, definition);
  }
  const undefinedKey = created.KeySchema.find((key) => !attributes.has(key.AttributeName));
  if (undefinedKey !== undefined) {
    throw validationFailure(
      `One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions: ` +
        undefinedKey.AttributeName,
    );
  }
  const index: IndexDescription = {
    IndexName: created.IndexName,
    KeySchema: created.KeySchema,
    Projection: created.Projection,
    IndexStatus: 'ACTIVE',
    IndexArn: `${table.TableArn}/index/${created.IndexName}`,
    IndexSizeBytes: 0,
    ItemCount: 0,
  };
  return billedOnDemand({
    ...table,
    AttributeDefinitions: [...attributes.values()],
    GlobalSecondaryIndexes: [...known, index],
  });
}

/** UpdateTable: adds or drops one index, filled before the call returns. Other changes are accepted as they are. */
export async function updateTable({ engine, locks }: TableContext, request: Answer): Promise<Answer> {
  const updates = (request['GlobalSecondaryIndexUpdates'] as IndexUpdate[] | undefined) ?? [];
  if (updates.length > 1) {
    throw serviceFailure(
      'LimitExceededException',
      'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
    );
  }
  return locks.hold([`table~${String(request['TableName'])}`], async () => {
    const table = await anyTable(engine, { TableName: request['TableName'] });
    const [update] = updates;
    if (update?.Create === undefined && update?.Delete === undefined) return { TableDescription: table };
    const removed = update.Delete?.IndexName;
    const changed: Table =
      update.Create === undefined
        ? {
            ...table,
            GlobalSecondaryIndexes: (table.GlobalSecondaryIndexes ?? []).filter((index) => index.IndexName !== removed),
          }
        : withIndex(table, update.Create, request['AttributeDefinitions']);
    // Known to writers first, so that no item written during the fill is missed.
    await engine.write([{ type: 'put', key: `table~${table.TableName}`, value: changed }]);
    engine.forgetTable(table.TableName);
    if (update.Create !== undefined) await fillIndex(engine, changed, changed.GlobalSecondaryIndexes!.at(-1)!);
    else await dropIndex(engine, table.TableName, removed!);
    return { TableDescription: changed };
  });
}

export async function updateTimeToLive({ engine }: TableContext, request: Answer): Promise<Answer> {
  const table = await anyTable(engine, { TableName: request['TableName'] });
  const specification = request['TimeToLiveSpecification'] as { Enabled?: boolean; AttributeName?: string } | undefined;
  if (!specification?.AttributeName || typeof specification.Enabled !== 'boolean') {
    throw validationFailure("The parameter 'TimeToLiveSpecification' needs AttributeName and Enabled");
  }
  const settings = await readSettings(engine, table.TableName);
  const enabled = settings.timeToLiveAttribute !== undefined;
  if (enabled === specification.Enabled) {
    throw validationFailure(`TimeToLive is already ${enabled ? 'enabled' : 'disabled'}`);
  }
  const { timeToLiveAttribute: _old, ...others } = settings;
  const changed: TableSettings = specification.Enabled
    ? { ...others, timeToLiveAttribute: specification.AttributeName }
    : others;
  await engine.write([{ type: 'put', key: settingsKey(table.TableName), value: changed }]);
  return { TimeToLiveSpecification: specification };
}

export async function describeTimeToLive({ engine }: TableContext, request: Answer): Promise<Answer> {
  const table = await anyTable(engine, { TableName: request['TableName'] });
  const { timeToLiveAttribute } = await readSettings(engine, table.TableName);
  return {
    TimeToLiveDescription:
      timeToLiveAttribute === undefined
        ? { TimeToLiveStatus: 'DISABLED' }
        : { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLiveAttribute },
  };
}

function backupsDescription(pointInTimeRecovery: boolean): Answer {
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: pointInTimeRecovery ? 'ENABLED' : 'DISABLED' },
    },
  };
}

export async function describeBackups({ engine }: TableContext, request: Answer): Promise<Answer> {
  const table = await anyTable(engine, { TableName: request['TableName'] });
  return backupsDescription((await readSettings(engine, table.TableName)).pointInTimeRecovery === true);
}

/** Keeps what was asked for; the embedded store's backup is a copy of its directory. */
export async function updateBackups({ engine }: TableContext, request: Answer): Promise<Answer> {
  const table = await anyTable(engine, { TableName: request['TableName'] });
  const asked = request['PointInTimeRecoverySpecification'] as { PointInTimeRecoveryEnabled?: boolean } | undefined;
  if (typeof asked?.PointInTimeRecoveryEnabled !== 'boolean') {
    throw validationFailure("The parameter 'PointInTimeRecoverySpecification' is required");
  }
  const value: TableSettings = {
    ...(await readSettings(engine, table.TableName)),
    pointInTimeRecovery: asked.PointInTimeRecoveryEnabled,
  };
  await engine.write([{ type: 'put', key: settingsKey(table.TableName), value }]);
  return backupsDescription(asked.PointInTimeRecoveryEnabled);
}
