import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { NO_USAGE, type UsageParts } from '@sluice/core/metering/store';
import { rollUpOf, type Dimension, type RollUp, type RollUpRow, type UsageSums } from '@sluice/core/metering/roll-up';
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
});
export type StoredHead = ValueOf<typeof headSchema>;

const rowSchema = object({ [REVISION]: number, s: list(number) });
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
const DIMENSIONS: readonly Dimension[] = ['all', 'user', 'key', 'credential'];
const PARTS = [
  'input',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'output',
  'reasoning',
  'images',
  'audio',
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
  return [requests, succeeded, costMicros, durationMs, ...PARTS.map((part) => parts[part])];
}

export function usageSums(stored: readonly number[]): UsageSums {
  const [requests = 0, succeeded = 0, costMicros = 0, durationMs = 0, ...counts] = stored;
  const parts = { ...NO_USAGE };
  PARTS.forEach((part, index) => {
    parts[part] = counts[index] ?? 0;
  });
  return { requests, succeeded, costMicros, durationMs, parts };
}
