import { PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { Document, ItemKey, TableClient, TransactAction } from '../table-client.ts';
import type { ItemSchema } from './item-schema.ts';

/** What the files of the identity table share. */
export interface IdentityTable {
  client: TableClient;
  tableName: string;
}

export const NEW = `attribute_not_exists(${PARTITION_KEY})`;
export const EXISTS = `attribute_exists(${PARTITION_KEY})`;

export function identityKey(partition: string, sort: string): ItemKey {
  return { [PARTITION_KEY]: partition, [SORT_KEY]: sort };
}

/** Two spellings of one name are one name. */
export function foldLogin(login: string): string {
  return login.normalize('NFKC').toLowerCase();
}

/** Strongly consistent. */
export async function find<Value>(
  table: IdentityTable,
  schema: ItemSchema<Value>,
  itemKey: ItemKey,
): Promise<Value | null> {
  const item = await table.client.get({ table: table.tableName, key: itemKey, consistent: true });
  return item && schema.read(item);
}

export function creation(table: string, item: Document): TransactAction {
  return { kind: 'put', table, item, condition: NEW };
}

/** DynamoDB refuses longer partition keys; what is longer is not stored. */
export function fitsKey(text: string): boolean {
  return text.length > 0 && Buffer.byteLength(foldLogin(text)) <= 1_024;
}
