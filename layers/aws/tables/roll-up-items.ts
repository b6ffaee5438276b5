import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { NO_USAGE, type UsageParts } from '@sluice/core/metering/store';
import {
  rollUpOf,
  rowName,
  type Dimension,
  type RollUp,
  type RollUpRow,
  type UsageSums,
} from '@sluice/core/metering/roll-up';
import type { ServiceSums } from '@sluice/core/metering/service-sums';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { boolean, bytes, list, number, object, optional, text, tuple, parsed, type ValueOf } from './shape.ts';

/*
 * Roll-ups as they are stored. A roll-up is one text of all its rows, packed: a slice is written some seven times, and
 * one packed item costs a fraction of an item per row. The rows of hours and days are written besides where each member
 * finds its own, once.
 */

export const REVISION = 'r';
export const ROWS_REVISION = 'w';
/** Made anew for each write: tells our own write from another's, and its chunks from theirs. */
export const TOKEN = 'k';

const headSchema = object({
  [REVISION]: number,
  [ROWS_REVISION]: number,
  [TOKEN]: text,
  /** events until, closed */
  u: optional(number),
  f: boolean,
  /** The packed rows, or the number of chunks that they are in. */
  b: optional(bytes),
  n: optional(number),
  /** How requests were served, packed; apart from the rows, so that code that does not know it reads the rest. */
  l: optional(bytes),
});
export type StoredHead = ValueOf<typeof headSchema>;

const rowSchema = object({ [REVISION]: number, s: list(number), l: optional(list(number)) });
const stateSchema = object({
  [REVISION]: number,
  [TOKEN]: text,
  closedUntil: number,
  auditedUntil: number,
  begunAt: number,
  offsetMinutes: number,
});

export const HEAD_ITEM = defineItemSchema<StoredHead>({ type: 'ru', schema: headSchema });
export const CHUNK_ITEM = defineItemSchema({ type: 'ruc', schema: object({ b: bytes }) });
export const ROW_ITEM = defineItemSchema({ type: 'rur', schema: rowSchema });
export const STATE_ITEM = defineItemSchema({ type: 'rus', schema: stateSchema });
/** Its key says everything. */
export const DIRTY_ITEM = defineItemSchema({ type: 'rud', schema: object({}) });

export const ROLL_UP_ITEMS: readonly AnyItemSchema[] = [HEAD_ITEM, CHUNK_ITEM, ROW_ITEM, STATE_ITEM, DIRTY_ITEM];

/** In the order in which they are stored. */
const DIMENSIONS: readonly Dimension[] = ['all', 'user', 'key', 'credential', 'app', 'format'];
/** New ones join at the end: stored sums are told by their place. */
const PARTS = [
  'input',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'output',
  'reasoning',
  'images',
  'audio',
  'audioInput',
  'audioOutput',
  'imageInput',
  'imageOutput',
  'videoSeconds',
  'webSearches',
] as const satisfies readonly (keyof UsageParts)[];

const packedRows = list(tuple([number, text, text, list(number)]));

export function packRows(rollUp: RollUp): Uint8Array {
  const rows = [...rollUp.values()].map((row) => [
    DIMENSIONS.indexOf(row.dimension),
    row.member,
    row.model,
    storedSums(row.sums),
  ]);
  return deflateRawSync(JSON.stringify(rows));
}

export function unpackRows(packed: Uint8Array): RollUp {
  const rows = parsed(packedRows, 'roll-up', JSON.parse(inflateRawSync(packed).toString()));
  return rollUpOf(
    rows.map(([index, member, model, sums]): RollUpRow => {
      const dimension = DIMENSIONS[index];
      if (dimension === undefined) throw new TypeError('A stored roll-up has a row of an unknown dimension.');
      return { dimension, member, model, sums: usageSums(sums) };
    }),
  );
}

export function storedSums({ requests, succeeded, costMicros, durationMs, parts }: UsageSums): number[] {
  const sums = [requests, succeeded, costMicros, durationMs, ...PARTS.map((part) => parts[part])];
  // What is left away reads as zero, as do parts that an older version did not know.
  return sums.slice(0, sums.findLastIndex((sum) => sum !== 0) + 1);
}

export function usageSums(stored: readonly number[]): UsageSums {
  const [requests = 0, succeeded = 0, costMicros = 0, durationMs = 0, ...counts] = stored;
  const parts = { ...NO_USAGE };
  PARTS.forEach((part, index) => {
    parts[part] = counts[index] ?? 0;
  });
  return { requests, succeeded, costMicros, durationMs, parts };
}

const packedService = list(tuple([number, text, text, list(number)]));

/** Undefined where no row says how it was served. */
export function packService(rollUp: RollUp): Uint8Array | undefined {
  const rows = [...rollUp.values()].flatMap(({ dimension, member, model, service }) =>
    service ? [[DIMENSIONS.indexOf(dimension), member, model, storedService(service)]] : [],
  );
  return rows.length === 0 ? undefined : deflateRawSync(JSON.stringify(rows));
}

/** The roll-up with what `packService` took from it. */
export function withService(rollUp: RollUp, packed: Uint8Array | undefined): RollUp {
  if (!packed) return rollUp;
  const rows = parsed(packedService, 'roll-up', JSON.parse(inflateRawSync(packed).toString()));
  const serviceByName = new Map(
    rows.map(([index, member, model, stored]) => [
      rowName({ dimension: DIMENSIONS[index] ?? 'all', member, model }),
      serviceSums(stored),
    ]),
  );
  return new Map(
    [...rollUp].map(([name, row]) => {
      const service = serviceByName.get(name);
      return [name, service ? { ...row, service } : row];
    }),
  );
}

/** Faults, the sum and number of first bytes, how many duration buckets follow, these, then those of first bytes. */
export function storedService(service: ServiceSums): number[] {
  const { faults, firstByteMs, firstBytes, durationCounts, firstByteCounts } = service;
  return [faults, firstByteMs, firstBytes, durationCounts.length, ...durationCounts, ...firstByteCounts];
}

export function serviceSums(stored: readonly number[]): ServiceSums {
  const [faults = 0, firstByteMs = 0, firstBytes = 0, length = 0, ...counts] = stored;
  return {
    faults,
    firstByteMs,
    firstBytes,
    durationCounts: counts.slice(0, length),
    firstByteCounts: counts.slice(length),
  };
}
