/** The operations that the embedded table service knows, by their protocol names. */

import type { Engine } from './engine.ts';
import type { Locks } from '../locks.ts';
import { batchGet, batchWrite, getItem, readMany } from './reads.ts';
import {
  describeBackups,
  describeTimeToLive,
  tableAction,
  updateBackups,
  updateTable,
  updateTimeToLive,
} from './tables.ts';
import { transactGet, transactWrite } from './transactions.ts';
import type { UnitsByTable } from './capacity.ts';
import { prepareWrite, writeItem } from './writes.ts';
import type { WriteKind } from './writes.ts';

interface OperationContext {
  readonly engine: Engine;
  readonly locks: Locks;
  /** Filled by the operation as it reads and writes. */
  readonly units: UnitsByTable;
  readonly now: () => number;
}

type Body = Record<string, unknown>;
type Operation = (context: OperationContext, request: Body) => Promise<Body>;

function singleWrite(kind: WriteKind): Operation {
  return async (context, request) => writeItem(context, await prepareWrite(context.engine, kind, request));
}

export const operations = {
  BatchGetItem: batchGet,
  BatchWriteItem: batchWrite,
  CreateTable: (context, request) => tableAction(context, 'CreateTable', request),
  DeleteItem: singleWrite('Delete'),
  DeleteTable: (context, request) => tableAction(context, 'DeleteTable', request),
  DescribeContinuousBackups: describeBackups,
  DescribeTable: (context, request) => tableAction(context, 'DescribeTable', request),
  DescribeTimeToLive: describeTimeToLive,
  GetItem: getItem,
  ListTables: (context, request) => tableAction(context, 'ListTables', request),
  PutItem: singleWrite('Put'),
  Query: (context, request) => readMany(context, 'Query', request),
  Scan: (context, request) => readMany(context, 'Scan', request),
  TransactGetItems: transactGet,
  TransactWriteItems: (context, request) => transactWrite(context, request, context.now()),
  UpdateContinuousBackups: updateBackups,
  UpdateItem: singleWrite('Update'),
  UpdateTable: updateTable,
  UpdateTimeToLive: updateTimeToLive,
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
