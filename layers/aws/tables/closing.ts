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

/*
 * Closing a usage event: only an open one is closed, so its figures are written once. What was written is not asked
 * back; only what stood in the way is.
 */

export interface ClosingWrite {
  client: TableClient;
  table: string;
  key: ItemKey;
  figures: StoredClosing;
  /** Attributes that put the event into its lists. */
  indexKeys: Readonly<Record<string, string>>;
}

export type ClosingOutcome =
  | { outcome: 'updated' }
  /** It is closed; `resent`: an earlier sending of this very write may be the reason. */
  | { outcome: 'refused'; value: StoredEvent; resent: boolean }
  | { outcome: 'not-found' };

type Sending = { ok: true } | { ok: false; existing: Document | null; resent: boolean };

const MOST_ROUNDS = 3;
const CONDITION = '#v >= :v AND #p = :open';

/** Closes an event whose time slice is still open. Sent again after a lost answer: the first closing stays. */
export async function closeInTime(request: ClosingWrite): Promise<ClosingOutcome> {
  const { client, table, key } = request;
  const expressions = expressionsOf(request);
  return closeBy(request, () => client.update({ table, key, condition: CONDITION, ...expressions, repeatable: true }));
}

/**
 * Closes an event whose time slice is closed already, together with the mark that has the slice rolled up again: both
 * or neither, so that no crash and no pause between the two leaves a figure out of the sums.
 */
export async function closeLate(request: ClosingWrite & { requestId: string }): Promise<ClosingOutcome> {
  const { client, table, key } = request;
  const expressions = expressionsOf(request);
  return closeBy(request, async () => {
    const outcome = await client.transactWrite([
      { kind: 'update', table, key, condition: CONDITION, ...expressions },
      { kind: 'put', table, item: dirtyItem(request.requestId) },
    ]);
    if (outcome.ok) return outcome;
    return { ok: false, existing: outcome.refused[0]?.existing ?? null, resent: outcome.resent };
  });
}

/** An event of an older schema version is upgraded first, so that none is ever a mixture of two. */
async function closeBy({ client, table }: ClosingWrite, send: () => Promise<Sending>): Promise<ClosingOutcome> {
  for (let round = 1; ; round += 1) {
    const outcome = await send();
    if (outcome.ok) return { outcome: 'updated' };
    if (outcome.existing === null) return { outcome: 'not-found' };
    const upgraded = USAGE_EVENT_ITEM.upgrade(outcome.existing);
    if (upgraded === null) {
      return { outcome: 'refused', value: USAGE_EVENT_ITEM.read(outcome.existing), resent: outcome.resent };
    }
    if (round >= MOST_ROUNDS) throw new Error('A stored usage event kept changing while it was upgraded.');
    await rewriteItem({ client, table, before: outcome.existing, after: upgraded });
  }
}

function expressionsOf({ figures, indexKeys }: ClosingWrite): {
  update: string;
  names: Record<string, string>;
  values: Document;
} {
  const names: Record<string, string> = { '#v': ITEM_VERSION, '#p': PHASE, '#c': CLOSING };
  const values: Record<string, Document[string]> = {
    ':v': USAGE_EVENT_ITEM.version,
    ':open': OPEN,
    ':p': CLOSED,
    ':c': figures,
  };
  let update = 'SET #p = :p, #c = :c';
  let index = 0;
  for (const name in indexKeys) {
    names[`#i${index}`] = name;
    values[`:i${index}`] = indexKeys[name];
    update += `, #i${index} = :i${index}`;
    index += 1;
  }
  return { update, names, values };
}
