import { PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { Document, DocumentValue, TableClient } from '../table-client.ts';
import { primaryKeyOf } from './item-schema.ts';

/** DynamoDB allows some 300 operators in a condition; ours needs two per attribute. */
const MOST_ATTRIBUTES = 140;

/**
 * Replaces an item by another image of it, under the condition that no attribute of what was read has changed
 * meanwhile. Only what differs is written, so an attribute that was added since stays.
 */
export async function rewriteItem(input: {
  client: TableClient;
  table: string;
  before: Document;
  after: Document;
}): Promise<'rewritten' | 'changed-meanwhile'> {
  const { client, table, before, after } = input;
  const attributes = new Set([...Object.keys(before), ...Object.keys(after)]);
  attributes.delete(PARTITION_KEY);
  attributes.delete(SORT_KEY);
  if (attributes.size > MOST_ATTRIBUTES) throw new RangeError(`An item has ${attributes.size} attributes.`);

  const names: Record<string, string> = {};
  const values: Record<string, DocumentValue> = {};
  const conditions: string[] = [];
  const sets: string[] = [];
  const removals: string[] = [];
  [...attributes].forEach((attribute, index) => {
    const [old, next] = [before[attribute], after[attribute]];
    const [name, oldName, nextName] = [`#a${index}`, `:o${index}`, `:n${index}`];
    names[name] = attribute;
    if (old === undefined) conditions.push(`attribute_not_exists(${name})`);
    else {
      conditions.push(`${name} = ${oldName}`);
      values[oldName] = old;
    }
    if (next === undefined) removals.push(name);
    else if (!Object.is(old, next)) {
      sets.push(`${name} = ${nextName}`);
      values[nextName] = next;
    }
  });
  const update = [
    sets.length > 0 ? `SET ${sets.join(', ')}` : '',
    removals.length > 0 ? `REMOVE ${removals.join(', ')}` : '',
  ].join(' ');
  const outcome = await client.update({
    table,
    key: primaryKeyOf(before),
    update: update.trim(),
    condition: conditions.join(' AND '),
    names,
    values,
    // The second sending of the same rewrite finds the attributes changed, by itself: read again by the caller.
    repeatable: true,
  });
  return outcome.ok ? 'rewritten' : 'changed-meanwhile';
}
