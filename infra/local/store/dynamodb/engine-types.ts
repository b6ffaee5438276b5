/** The shapes that pass between dynalite's modules and ours. */

import type { Item } from './attribute-values.ts';
import type { KeySchemaElement } from '../interfaces.ts';
import type { ServiceFailure } from './failures.ts';

export interface IndexDescription {
  IndexName: string;
  KeySchema: KeySchemaElement[];
  Projection: { ProjectionType: string; NonKeyAttributes?: string[] };
  [other: string]: unknown;
}

export interface Table {
  TableName: string;
  TableStatus: string;
  TableArn: string;
  KeySchema: KeySchemaElement[];
  AttributeDefinitions: { AttributeName: string; AttributeType: string }[];
  GlobalSecondaryIndexes?: IndexDescription[];
  LocalSecondaryIndexes?: IndexDescription[];
  [other: string]: unknown;
}

export interface Range {
  gt?: string;
  gte?: string;
  lt?: string;
  lte?: string;
  reverse?: boolean;
  limit?: number;
}

export type BatchOperation = { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string };

/** The key-value store beneath: LevelDB on disk, or memory. Keys are prefixed by table and index. */
interface KeyValueStore {
  open(): Promise<void>;
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
  del(key: string): Promise<void>;
  batch(operations: readonly BatchOperation[]): Promise<void>;
  iterator(range: Range): AsyncIterable<[string, unknown]>;
  values(range: Range): { nextv(size: number): Promise<unknown[]>; close(): Promise<void> };
  close(): Promise<void>;
}

export interface EngineStore {
  readonly options: { maxItemSize: number };
  readonly db: KeyValueStore;
  readonly tableDb: { get(key: string, done: (error: Error | null, table?: Table) => void): void };
  getTable(name: string, done: (error: ServiceFailure | null, table?: Table) => void): void;
}

/** The part of a checked request that the read path uses; names with a leading underscore are parsed expressions. */
export type CheckedRequest = Record<string, unknown> & {
  TableName: string;
  Limit?: number;
  IndexName?: string;
  Select?: string;
  ConsistentRead?: boolean;
};

export interface PageAnswer {
  Count: number;
  ScannedCount: number;
  Items?: Item[];
  LastEvaluatedKey?: Item;
  /** Bytes read, for the units. */
  bytes: number;
}

export type QueryTable = (
  store: EngineStore,
  table: Table,
  data: CheckedRequest,
  range: Range,
  isLocal: boolean | undefined,
  fetchWholeItems: boolean,
  startKeyNames: readonly string[],
  done: (error: Error | null, answer?: PageAnswer) => void,
) => void;
