/** The inner modules of dynalite 4.0.0 (pinned) that the embedded table service builds on, with types. */

import createTable from 'dynalite/actions/createTable.js';
import deleteTable from 'dynalite/actions/deleteTable.js';
import describeTable from 'dynalite/actions/describeTable.js';
import listTables from 'dynalite/actions/listTables.js';
import query from 'dynalite/actions/query.js';
import scan from 'dynalite/actions/scan.js';
import conditionParser from 'dynalite/db/conditionParser.js';
import untypedDb from 'dynalite/db/index.js';
import updateParser from 'dynalite/db/updateParser.js';
import batchGetRules from 'dynalite/validations/batchGetItem.js';
import batchWriteRules from 'dynalite/validations/batchWriteItem.js';
import createTableRules from 'dynalite/validations/createTable.js';
import deleteItemRules from 'dynalite/validations/deleteItem.js';
import deleteTableRules from 'dynalite/validations/deleteTable.js';
import describeTableRules from 'dynalite/validations/describeTable.js';
import getItemRules from 'dynalite/validations/getItem.js';
import untypedValidations from 'dynalite/validations/index.js';
import listTablesRules from 'dynalite/validations/listTables.js';
import putItemRules from 'dynalite/validations/putItem.js';
import queryRules from 'dynalite/validations/query.js';
import scanRules from 'dynalite/validations/scan.js';
import updateItemRules from 'dynalite/validations/updateItem.js';
import type { Item } from './attribute-values.ts';
import type { EngineStore, IndexDescription, QueryTable, Table } from './engine-types.ts';
import type { ServiceFailure } from './failures.ts';
import type { UpdateSection } from './expressions.ts';
import type { Parser } from './parse-cache.ts';

type Request = Record<string, unknown>;
type Refusal = ServiceFailure | undefined | null;

interface IndexActions {
  puts: { index: string; key: string; item: Item }[];
  deletes: { index: string; key: string }[];
}

interface Database {
  create(options: Record<string, unknown>): EngineStore;
  createKey(item: Item, table: Table): string;
  validateKey(key: Item, table: Table): Refusal;
  validateItem(item: Item, table: Table): Refusal;
  validateUpdates(legacy: undefined, updates: { sections: UpdateSection[] }, table: Table): Refusal;
  validateKeyPaths(nested: Record<string, boolean> | undefined, table: Table): Refusal;
  traverseIndexes<T>(
    table: Table,
    visit: (attribute: string, type: string, index: IndexDescription) => T | undefined,
  ): T | undefined;
  mapPaths(paths: readonly unknown[], item: Item): Item;
  matchesFilter(item: Item, filter: unknown, operator: unknown): boolean;
  getIndexActions(
    indexes: readonly IndexDescription[],
    existing: Item | null,
    item: Item | null,
    table: Table,
  ): IndexActions;
  /** Replaced at start by `engine.ts`. */
  queryTable: QueryTable;
  itemSize(item: Item): number;
}

export interface Rules {
  types: Record<string, unknown>;
  custom?: (data: Request, store: unknown) => string | undefined;
}

interface Validations {
  checkTypes(data: unknown, types: Rules['types']): Request;
  checkValidations(data: Request, types: Rules['types'], custom: Rules['custom'], store: unknown): void;
}

type Action = (store: EngineStore, data: Request, done: (error: Error | null, answer?: Request) => void) => void;

export const parsers = { condition: conditionParser, update: updateParser } as Record<'condition' | 'update', Parser>;
export const db = untypedDb as Database;
export const validations = untypedValidations as Validations;

export const actions = {
  CreateTable: createTable,
  DeleteTable: deleteTable,
  DescribeTable: describeTable,
  ListTables: listTables,
  Query: query,
  Scan: scan,
} as Record<'CreateTable' | 'DeleteTable' | 'DescribeTable' | 'ListTables' | 'Query' | 'Scan', Action>;

const untypedRules = {
  BatchGetItem: batchGetRules,
  BatchWriteItem: batchWriteRules,
  CreateTable: createTableRules,
  DeleteItem: deleteItemRules,
  DeleteTable: deleteTableRules,
  DescribeTable: describeTableRules,
  GetItem: getItemRules,
  ListTables: listTablesRules,
  PutItem: putItemRules,
  Query: queryRules,
  Scan: scanRules,
  UpdateItem: updateItemRules,
};

export type CheckedOperation = keyof typeof untypedRules;
export const rules = untypedRules as Record<CheckedOperation, Rules>;
