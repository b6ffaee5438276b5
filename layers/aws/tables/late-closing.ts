import type { Document, ItemKey, TableClient } from '../table-client.ts';
import { ITEM_VERSION } from './item-schema.ts';
import {
  CLOSED,
  CLOSING,
  OPEN,
  PHASE,
  USAGE_EVENT_ITEM,
  type StoredClosing,
  type StoredEvent,
} from './ledger-items.ts';
import { rewriteItem } from './rewrite-item.ts';
import { dirtyItem } from './roll-ups.ts';
import type { UpdateOutcome } from './update-item.ts';

const MOST_ROUNDS = 3;

/**
 * Closes an event whose time slice is closed already, together with the mark that has the slice rolled up again: both
 * or neither, so that no crash and no pause between the two leaves a figure out of the sums. Outcomes as `updateItem`.
 */
export async function closeLate(request: {
  client: TableClient;
  table: string;
  key: ItemKey;
  requestId: string;
  figures: StoredClosing;
  /** Attributes that put the event into its lists. */
  indexKeys: Readonly<Record<string, string>>;
}): Promise<UpdateOutcome<StoredEvent>> {
  const { client, table, key, figures } = request;
  const indexKeys = Object.entries(request.indexKeys);
  for (let round = 1; ; round += 1) {
    const outcome = await client.transactWrite([
      {
        kind: 'update',
        table,
        key,
        update: ['SET #phase = :closed, #closing = :figures', ...indexKeys.map((_key, at) => `#i${at} = :i${at}`)].join(
          ', ',
        ),
        condition: '#version >= :version AND #phase = :open',
        names: {
          '#version': ITEM_VERSION,
          '#phase': PHASE,
          '#closing': CLOSING,
          ...Object.fromEntries(indexKeys.map(([name], at) => [`#i${at}`, name])),
        },
        values: {
          ':version': USAGE_EVENT_ITEM.version,
          ':open': OPEN,
          ':closed': CLOSED,
          ':figures': figures,
          ...Object.fromEntries(indexKeys.map(([, value], at) => [`:i${at}`, value])),
        },
      },
      { kind: 'put', table, item: dirtyItem(request.requestId) },
    ]);
    if (outcome.ok) {
      const item = await client.get({ table, key, consistent: true });
      if (item === null) return { outcome: 'not-found' };
      return { outcome: 'updated', value: USAGE_EVENT_ITEM.read(item) };
    }
    const existing: Document | null = outcome.refused[0]?.existing ?? null;
    if (existing === null) return { outcome: 'not-found' };
    const upgraded = USAGE_EVENT_ITEM.upgrade(existing);
    if (upgraded === null) {
      return { outcome: 'refused', value: USAGE_EVENT_ITEM.read(existing), resent: outcome.resent };
    }
    if (round >= MOST_ROUNDS) throw new Error('A stored usage event kept changing while it was upgraded.');
    await rewriteItem({ client, table, before: existing, after: upgraded });
  }
}
