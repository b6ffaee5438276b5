import type { Document, DocumentValue, ItemKey, TableClient } from '../table-client.ts';
import { ITEM_VERSION, type ItemSchema } from './item-schema.ts';
import { rewriteItem } from './rewrite-item.ts';

export interface ItemUpdate<Value> {
  client: TableClient;
  table: string;
  schema: ItemSchema<Value>;
  key: ItemKey;
  /** Attributes to set; `undefined` leaves one as it is. */
  set: Document;
  /** The rule, beside the attribute it names: `{ expression: '#phase = :open', names, values }`. */
  condition?: { expression: string; names: Record<string, string>; values: Document };
}

export type UpdateOutcome<Value> =
  | { outcome: 'updated'; value: Value }
  /** The condition failed; `resent`: an earlier sending of this very update may be the reason. */
  | { outcome: 'refused'; value: Value; resent: boolean }
  | { outcome: 'not-found' };

const MOST_ROUNDS = 3;

/**
 * Sets attributes of an existing item of the current schema version. An older item is upgraded first, so that no item
 * is ever a mixture of two versions. Setting the same values twice is harmless: a lost answer is asked for again.
 */
export async function updateItem<Value>(request: ItemUpdate<Value>): Promise<UpdateOutcome<Value>> {
  const { client, table, schema, key, condition } = request;
  const { sets, names, values } = assignments(request.set);
  for (let round = 1; ; round += 1) {
    const outcome = await client.update({
      table,
      key,
      update: `SET ${sets.join(', ')}`,
      condition: ['#version >= :version', ...(condition ? [`(${condition.expression})`] : [])].join(' AND '),
      names: { '#version': ITEM_VERSION, ...names, ...condition?.names },
      values: { ':version': schema.version, ...values, ...condition?.values },
      returns: 'new',
      repeatable: true,
    });
    if (outcome.ok) return { outcome: 'updated', value: schema.read(outcome.item ?? {}) };
    if (outcome.existing === null) return { outcome: 'not-found' };
    const upgraded = schema.upgrade(outcome.existing);
    if (upgraded === null) {
      return { outcome: 'refused', value: schema.read(outcome.existing), resent: outcome.resent };
    }
    if (round >= MOST_ROUNDS) throw new Error(`A stored ${schema.type} kept changing while it was upgraded.`);
    await rewriteItem({ client, table, before: outcome.existing, after: upgraded });
  }
}

function assignments(set: Document): { sets: string[]; names: Record<string, string>; values: Document } {
  const sets: string[] = [];
  const names: Record<string, string> = {};
  const values: Record<string, DocumentValue> = {};
  for (const [attribute, value] of Object.entries(set)) {
    if (value === undefined) continue;
    const index = sets.length;
    sets.push(`#s${index} = :s${index}`);
    names[`#s${index}`] = attribute;
    values[`:s${index}`] = value;
  }
  return { sets, names, values };
}
