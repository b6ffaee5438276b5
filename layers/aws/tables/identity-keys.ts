import type { IdentityStore } from '@sluice/core/identity/store';
import { isAwsError } from '../aws-error.ts';
import { IDENTITY_BY_OWNER, KEY_USE_PARTITION_PREFIX } from '../names.ts';
import type { Document, ItemKey, TransactAction, TransactOutcome } from '../table-client.ts';
import { decodeCursor, encodeCursor, pageLimit } from './cursor.ts';
import { API_KEY_GUARD_ITEM, API_KEY_ITEM, KEY_COUNT_ITEM } from './identity-items.ts';
import { creation, EXISTS, find, fitsKey, identityKey, NEW, type IdentityTable } from './identity-table.ts';
import { readAllPages } from './read-all-pages.ts';
import { updateItem } from './update-item.ts';

/*
 * Keys, and how many each owner has; part of the identity store, whose file lists the questions.
 *
 * Every creation and deletion moves the owner's count in the same transaction, so that no number of creations at once
 * comes to one key more than allowed. An owner of keys that are older than the count is counted once, before.
 */

type KeyQuestions = Pick<
  IdentityStore,
  'findKeyByDigest' | 'findKeyById' | 'listKeysOfOwner' | 'cursorBehindKey' | 'createKey' | 'updateKey' | 'deleteKey'
>;

const keyKey = (digest: string): ItemKey => identityKey(`key#${digest}`, 'key');
const keyIdKey = (keyId: string): ItemKey => identityKey(`keyId#${keyId}`, 'guard');
const countKey = (ownerId: string): ItemKey => identityKey(`keyCount#${ownerId}`, 'count');
const useKey = (keyId: string): ItemKey => identityKey(`${KEY_USE_PARTITION_PREFIX}#${keyId}`, 'use');
const ownerPartition = (ownerId: string): string => `owner#${ownerId}`;

/** What a list of keys is sorted by, and what its cursor carries. */
const listPosition = (createdAt: number, keyId: string): string => `${String(createdAt).padStart(15, '0')}#${keyId}`;
const LIST_POSITION = /^\d{15}#[\w-]{1,64}$/;
/** '$' is the character after '#': the end of all positions. */
const END_OF_LIST = 'key$';

const cursorBehindKey: IdentityStore['cursorBehindKey'] = ({ createdAt, id }) =>
  encodeCursor('keys', listPosition(createdAt, id));

export function keyQuestions(table: IdentityTable): KeyQuestions {
  const { client, tableName } = table;
  const findKeyByDigest: IdentityStore['findKeyByDigest'] = (digest) => find(table, API_KEY_ITEM, keyKey(digest));
  const findKeyById: IdentityStore['findKeyById'] = async (keyId) => {
    if (!fitsKey(keyId)) return null;
    const guard = await find(table, API_KEY_GUARD_ITEM, keyIdKey(keyId));
    return guard && findKeyByDigest(guard.digest);
  };
  return {
    findKeyByDigest,
    findKeyById,
    async listKeysOfOwner(ownerId, page) {
      const limit = pageLimit(page.limit);
      const after = decodeCursor('keys', page.cursor, LIST_POSITION);
      const { items } = await client.query({
        ...keysOf(table, ownerId, after === null ? END_OF_LIST : `key#${after}`),
        limit: limit + 1,
        forward: false,
      });
      const keys = items.slice(0, limit).map(API_KEY_ITEM.read);
      const last = keys.at(-1);
      return { items: keys, nextCursor: items.length > limit && last ? cursorBehindKey(last) : null };
    },
    cursorBehindKey,
    async createKey(apiKey, most = null) {
      const item = {
        ...keyKey(apiKey.digest),
        ...API_KEY_ITEM.write(apiKey),
        [IDENTITY_BY_OWNER.partitionKey]: ownerPartition(apiKey.ownerId),
        [IDENTITY_BY_OWNER.sortKey]: `key#${listPosition(apiKey.createdAt, apiKey.id)}`,
      };
      const guard = { ...keyIdKey(apiKey.id), ...API_KEY_GUARD_ITEM.write({ digest: apiKey.digest }) };
      await ensureCount(table, apiKey.ownerId);
      const outcome = await whenFree(table, [
        creation(tableName, item),
        creation(tableName, guard),
        counted(table, apiKey.ownerId, { add: 1, most }),
      ]);
      if (outcome.ok) return 'created';
      const existing = outcome.refused[0]?.existing;
      if (outcome.resent && existing && API_KEY_ITEM.read(existing).id === apiKey.id) return 'created';
      return outcome.refused[0] || outcome.refused[1] ? 'secret-taken' : 'too-many';
    },
    async updateKey(keyId, change) {
      const known = await findKeyById(keyId);
      if (known === null || Object.keys(change).length === 0) return known;
      const set = { ...change } as Document;
      const outcome = await updateItem({
        client,
        table: tableName,
        schema: API_KEY_ITEM,
        key: keyKey(known.digest),
        set,
      });
      return outcome.outcome === 'not-found' ? null : outcome.value;
    },
    async deleteKey(keyId) {
      const known = await findKeyById(keyId);
      if (known === null) return false;
      await ensureCount(table, known.ownerId);
      const outcome = await whenFree(table, [
        { kind: 'delete', table: tableName, key: keyKey(known.digest), condition: EXISTS },
        { kind: 'delete', table: tableName, key: keyIdKey(keyId), condition: EXISTS },
        { kind: 'delete', table: tableName, key: useKey(keyId) },
        counted(table, known.ownerId, { add: -1, most: null }),
      ]);
      return outcome.ok || outcome.resent;
    },
  };
}

function keysOf({ tableName }: IdentityTable, ownerId: string, before: string) {
  return {
    table: tableName,
    index: IDENTITY_BY_OWNER.name,
    keyCondition: '#owner = :owner AND #position < :before',
    names: { '#owner': IDENTITY_BY_OWNER.partitionKey, '#position': IDENTITY_BY_OWNER.sortKey },
    values: { ':owner': ownerPartition(ownerId), ':before': before },
  };
}

function counted(
  { tableName }: IdentityTable,
  ownerId: string,
  { add, most }: { add: 1 | -1; most: number | null },
): TransactAction {
  return {
    kind: 'update',
    table: tableName,
    key: countKey(ownerId),
    update: 'ADD #count :add',
    condition: most === null ? EXISTS : `${EXISTS} AND #count < :most`,
    names: { '#count': 'count' },
    values: { ':add': add, ...(most === null ? {} : { ':most': most }) },
  };
}

/** Whoever creates or deletes a key sees to the count first, so that no key comes or goes uncounted beside this. */
async function ensureCount(table: IdentityTable, ownerId: string): Promise<void> {
  const { client, tableName } = table;
  if (await find(table, KEY_COUNT_ITEM, countKey(ownerId))) return;
  const keys = await readAllPages(client, keysOf(table, ownerId, END_OF_LIST));
  const item = { ...countKey(ownerId), ...KEY_COUNT_ITEM.write({ count: keys.length }) };
  await client.put({ table: tableName, item, condition: NEW, repeatable: true });
}

const MOST_TRIES = 6;

/** Creations of one owner at once are in each other's way at the count; whoever was not applied tries again. */
async function whenFree({ client }: IdentityTable, actions: readonly TransactAction[]): Promise<TransactOutcome> {
  for (let left = MOST_TRIES; ; left -= 1) {
    try {
      return await client.transactWrite(actions);
    } catch (error) {
      if (left <= 1 || !isAwsError(error) || error.kind !== 'not-applied') throw error;
    }
  }
}
