import { crc32 } from 'node:zlib';
import { TIME_SLICE_MS } from '@sluice/core/metering/store';
import { timeOfRequestId } from '@sluice/kit/ids/request-id';
import { PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { ItemKey } from '../table-client.ts';

/** Partitions per time slice: they keep a busy gateway under the write limit of one. */
export const SPREAD = 8;

/** Null when the text is no request id of ours. */
export function eventKey(requestId: string): ItemKey | null {
  const timeMs = timeOfRequestId(requestId);
  if (timeMs === null) return null;
  return { [PARTITION_KEY]: slicePartition(timeMs, crc32(requestId) % SPREAD), [SORT_KEY]: requestId };
}

export function slicePartition(timeMs: number, spread: number): string {
  return `slice#${Math.floor(timeMs / TIME_SLICE_MS)}#${spread}`;
}
