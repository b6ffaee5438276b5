import { foldLogin } from '@sluice/core/identity/fold-login';
import type { User } from '@sluice/core/identity/store';
import { IDENTITY_BY_OWNER, PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { Document, ItemKey, TableClient, TransactAction } from '../table-client.ts';
import { LOGIN_GUARD_ITEM } from './identity-items.ts';
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

export const userKey = (userId: string): ItemKey => identityKey(`user#${userId}`, 'user');
export const loginKey = (login: string): ItemKey => identityKey(`login#${foldLogin(login)}`, 'guard');

/** The index partitions of the lists of all users, by name and by e-mail address. */
export const ALL_USERS = 'users';
export const ALL_EMAILS = 'emails';

/** Where the list of all users has this one. */
export function listPlace(user: Pick<User, 'username'>): Document {
  return {
    [IDENTITY_BY_OWNER.partitionKey]: ALL_USERS,
    [IDENTITY_BY_OWNER.sortKey]: `user#${foldLogin(user.username)}`,
  };
}

/** The guards of the user's names, by folded name. That of the e-mail address stands in a list of its own. */
export function loginGuards(user: Pick<User, 'id' | 'username' | 'email'>): Map<string, Document> {
  const guards = new Map<string, Document>();
  for (const login of [user.username, ...(user.email === null ? [] : [user.email])]) {
    const place = login === user.email && {
      [IDENTITY_BY_OWNER.partitionKey]: ALL_EMAILS,
      [IDENTITY_BY_OWNER.sortKey]: `email#${foldLogin(login)}`,
    };
    guards.set(foldLogin(login), { ...loginKey(login), ...LOGIN_GUARD_ITEM.write({ userId: user.id }), ...place });
  }
  return guards;
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
