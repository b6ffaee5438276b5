import type { UsageEvent } from '@sluice/core/metering/store';
import { timePrefixOfRequestIds } from '@sluice/kit/ids/request-id';
import { PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { DocumentPage, ItemKey, TableClient } from '../table-client.ts';
import { CLOSED, listedEvent, PHASE } from './ledger-items.ts';
import { slicePartition, SPREAD } from './usage-event-keys.ts';

interface Table {
  client: TableClient;
  tableName: string;
}

/** Events of one partition that are read at a time, at most. */
const MOST_AT_ONCE = 200;

/**
 * Closed events of a time slice that were made before `toMs`, newest first: its partitions are read side by side, and of
 * what stands first in them the newest goes first. `atOnce`: how many are probably wanted.
 */
export async function* walkSliceDown(
  table: Table,
  sliceMs: number,
  from: { toMs: number; atOnce: number },
): AsyncGenerator<UsageEvent> {
  const partitions = Array.from({ length: SPREAD }, (_none, spread) => walkPartitionDown(table, sliceMs, spread, from));
  const heads = await Promise.all(partitions.map(async (partition) => ({ partition, next: await partition.next() })));
  for (;;) {
    const first = heads
      .filter(({ next }) => !next.done)
      .reduce<(typeof heads)[number] | null>((best, head) => (isNewer(head.next, best?.next) ? head : best), null);
    if (first === null || first.next.done) return;
    yield first.next.value;
    first.next = await first.partition.next();
  }
}

function isNewer(one: IteratorResult<UsageEvent>, other: IteratorResult<UsageEvent> | undefined): boolean {
  if (one.done) return false;
  return other === undefined || other.done === true || one.value.requestId > other.value.requestId;
}

/** Few at first, since a page needs few of each partition; more and more for whoever looks for something rare. */
async function* walkPartitionDown(
  { client, tableName }: Table,
  sliceMs: number,
  spread: number,
  { toMs, atOnce }: { toMs: number; atOnce: number },
): AsyncGenerator<UsageEvent> {
  let limit = Math.ceil(atOnce / SPREAD) + 1;
  let startKey: ItemKey | null = null;
  do {
    const page: DocumentPage = await client.query({
      table: tableName,
      keyCondition: '#pk = :slice AND #id < :before',
      filter: '#phase = :closed',
      names: { '#pk': PARTITION_KEY, '#phase': PHASE, '#id': SORT_KEY },
      values: {
        ':slice': slicePartition(sliceMs, spread),
        ':closed': CLOSED,
        ':before': timePrefixOfRequestIds(toMs),
      },
      forward: false,
      limit,
      startKey,
    });
    yield* page.items.map(listedEvent);
    startKey = page.nextKey;
    limit = Math.min(limit * 2, MOST_AT_ONCE);
  } while (startKey !== null);
}
