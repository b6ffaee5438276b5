import type { IdentityStore, User } from '@sluice/core/identity/store';
import { IDENTITY_BY_OWNER, PARTITION_KEY, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { Document, ItemKey, TableClient, TransactAction } from '../table-client.ts';
import { decodeCursor, encodeCursor, pageLimit } from './cursor.ts';
import { API_KEY_GUARD_ITEM, API_KEY_ITEM, LOGIN_GUARD_ITEM, SESSION_ITEM, USER_ITEM } from './identity-items.ts';
import type { ItemSchema } from './item-schema.ts';
import { updateItem } from './update-item.ts';

/*
 * Users, the guards of their names, keys and sessions.
 *
 * question                  index    key condition                                consistency  who asks
 * findUserById              table    pk = user#<id>, sk = user                    strong       relay (cached), admin
 * findUserByLogin           table    pk = login#<lower-cased name>, sk = guard    strong       login
 *                                    (the guard names the user, then findUserById)
 * listUsers                 byOwner  ownerPk = users, ownerSk > cursor            eventual     admin, export
 *                                    (ownerSk = user#<lower-cased user name>)
 * createUser, updateUser    table    the same keys                                –            admin, start
 * findKeyByDigest           table    pk = key#<digest>, sk = key                  strong       relay (cached ≤ 10 s)
 * findKeyById               table    pk = keyId#<id>, sk = guard                  strong       admin
 *                                    (the guard names the digest, then findKeyByDigest)
 * listKeysOfOwner           byOwner  ownerPk = owner#<user id>, ownerSk < cursor  eventual     admin
 *                                    (ownerSk = key#<creation, 15 digits>#<key id>; newest first)
 * createKey … deleteKey     table    the same keys                                –            admin
 * findSession               table    pk = session#<token digest>, sk = session    strong       admin
 * createSession … delete    table    the same keys                                –            admin
 *
 * User names and e-mail addresses share one space of guards, so that nobody takes another's address for a name.
 * The strong read of a key costs half a read unit more than an eventual one, every ten seconds and process: a key works
 * the moment it was made. An expired key is still found, because its refusal says so; only sessions are collected (ttl).
 */

export function createIdentityStore(client: TableClient, tableName: string): IdentityStore {
  const table: Table = { client, tableName };
  return { ...userQuestions(table), ...keyQuestions(table), ...sessionQuestions(table) };
}

interface Table {
  client: TableClient;
  tableName: string;
}

const NEW = `attribute_not_exists(${PARTITION_KEY})`;
const EXISTS = `attribute_exists(${PARTITION_KEY})`;

const userKey = (userId: string): ItemKey => key(`user#${userId}`, 'user');
const loginKey = (login: string): ItemKey => key(`login#${foldLogin(login)}`, 'guard');
const keyKey = (digest: string): ItemKey => key(`key#${digest}`, 'key');
const keyIdKey = (keyId: string): ItemKey => key(`keyId#${keyId}`, 'guard');
const sessionKey = (tokenDigest: string): ItemKey => key(`session#${tokenDigest}`, 'session');
const ownerPartition = (ownerId: string): string => `owner#${ownerId}`;

/** What a list of keys is sorted by, and what its cursor carries. */
const listPosition = (createdAt: number, keyId: string): string => `${String(createdAt).padStart(15, '0')}#${keyId}`;
const LIST_POSITION = /^\d{15}#[\w-]{1,64}$/;

/** The index partition of the list of all users. */
const ALL_USERS = 'users';
const LIST_NAME = /^.{1,256}$/su;

function key(partition: string, sort: string): ItemKey {
  return { [PARTITION_KEY]: partition, [SORT_KEY]: sort };
}

/** Two spellings of one name are one name. */
function foldLogin(login: string): string {
  return login.normalize('NFKC').toLowerCase();
}

async function find<Value>(table: Table, schema: ItemSchema<Value>, itemKey: ItemKey): Promise<Value | null> {
  const item = await table.client.get({ table: table.tableName, key: itemKey, consistent: true });
  return item && schema.read(item);
}

function userQuestions({
  client,
  tableName,
}: Table): Pick<IdentityStore, 'findUserById' | 'findUserByLogin' | 'listUsers' | 'createUser' | 'updateUser'> {
  const table = { client, tableName };
  const findUserById = (userId: string): Promise<User | null> => find(table, USER_ITEM, userKey(userId));
  return {
    findUserById,
    async findUserByLogin(login) {
      if (!fitsKey(login)) return null;
      const guard = await find(table, LOGIN_GUARD_ITEM, loginKey(login));
      return guard && findUserById(guard.userId);
    },
    async listUsers(page) {
      const limit = pageLimit(page.limit);
      const after = decodeCursor('users', page.cursor, LIST_NAME);
      const { items } = await client.query({
        table: tableName,
        index: IDENTITY_BY_OWNER.name,
        keyCondition: '#owner = :owner AND #position > :after',
        names: { '#owner': IDENTITY_BY_OWNER.partitionKey, '#position': IDENTITY_BY_OWNER.sortKey },
        values: { ':owner': ALL_USERS, ':after': `user#${after ?? ''}` },
        limit: limit + 1,
      });
      const users = items.slice(0, limit).map(USER_ITEM.read);
      const last = users.at(-1);
      const more = items.length > limit && last;
      return { items: users, nextCursor: more ? encodeCursor('users', foldLogin(last.username)) : null };
    },
    async createUser(user) {
      const logins = new Set([user.username, ...(user.email === null ? [] : [user.email])].map(foldLogin));
      const guard = LOGIN_GUARD_ITEM.write({ userId: user.id });
      const item = {
        ...userKey(user.id),
        ...USER_ITEM.write(user),
        [IDENTITY_BY_OWNER.partitionKey]: ALL_USERS,
        [IDENTITY_BY_OWNER.sortKey]: `user#${foldLogin(user.username)}`,
      };
      const actions = [
        creation(tableName, item),
        ...[...logins].map((login) => creation(tableName, { ...loginKey(login), ...guard })),
      ];
      const outcome = await client.transactWrite(actions);
      if (outcome.ok) return 'created';
      // After a lost answer, what stands in the way may be this very user.
      const existing = outcome.refused[0]?.existing;
      return outcome.resent && existing && USER_ITEM.read(existing).id === user.id ? 'created' : 'name-taken';
    },
    async updateUser(userId, change) {
      if (Object.keys(change).length === 0) return findUserById(userId);
      const outcome = await updateItem({
        client,
        table: tableName,
        schema: USER_ITEM,
        key: userKey(userId),
        set: { ...change },
      });
      return outcome.outcome === 'not-found' ? null : outcome.value;
    },
  };
}

function keyQuestions({
  client,
  tableName,
}: Table): Pick<
  IdentityStore,
  'findKeyByDigest' | 'findKeyById' | 'listKeysOfOwner' | 'createKey' | 'updateKey' | 'deleteKey'
> {
  const table = { client, tableName };
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
        table: tableName,
        index: IDENTITY_BY_OWNER.name,
        keyCondition: '#owner = :owner AND #position < :after',
        names: { '#owner': IDENTITY_BY_OWNER.partitionKey, '#position': IDENTITY_BY_OWNER.sortKey },
        // '$' is the character after '#': the end of all positions.
        values: { ':owner': ownerPartition(ownerId), ':after': after === null ? 'key$' : `key#${after}` },
        limit: limit + 1,
        forward: false,
      });
      const keys = items.slice(0, limit).map(API_KEY_ITEM.read);
      const last = keys.at(-1);
      const more = items.length > limit && last;
      return { items: keys, nextCursor: more ? encodeCursor('keys', listPosition(last.createdAt, last.id)) : null };
    },
    async createKey(apiKey) {
      const item = {
        ...keyKey(apiKey.digest),
        ...API_KEY_ITEM.write(apiKey),
        [IDENTITY_BY_OWNER.partitionKey]: ownerPartition(apiKey.ownerId),
        [IDENTITY_BY_OWNER.sortKey]: `key#${listPosition(apiKey.createdAt, apiKey.id)}`,
      };
      const guard = { ...keyIdKey(apiKey.id), ...API_KEY_GUARD_ITEM.write({ digest: apiKey.digest }) };
      const outcome = await client.transactWrite([creation(tableName, item), creation(tableName, guard)]);
      if (outcome.ok) return 'created';
      const existing = outcome.refused[0]?.existing;
      return outcome.resent && existing && API_KEY_ITEM.read(existing).id === apiKey.id ? 'created' : 'secret-taken';
    },
    async updateKey(keyId, change) {
      const known = await findKeyById(keyId);
      if (known === null || Object.keys(change).length === 0) return known;
      const outcome = await updateItem({
        client,
        table: tableName,
        schema: API_KEY_ITEM,
        key: keyKey(known.digest),
        set: { ...change } as Document,
      });
      return outcome.outcome === 'not-found' ? null : outcome.value;
    },
    async deleteKey(keyId) {
      const known = await findKeyById(keyId);
      if (known === null) return false;
      const outcome = await client.transactWrite([
        { kind: 'delete', table: tableName, key: keyKey(known.digest), condition: EXISTS },
        { kind: 'delete', table: tableName, key: keyIdKey(keyId), condition: EXISTS },
      ]);
      return outcome.ok || outcome.resent;
    },
  };
}

function sessionQuestions({
  client,
  tableName,
}: Table): Pick<IdentityStore, 'createSession' | 'findSession' | 'extendSession' | 'deleteSession'> {
  const table = { client, tableName };
  return {
    async createSession(session) {
      const item = {
        ...sessionKey(session.tokenDigest),
        ...SESSION_ITEM.write(session),
        [TIME_TO_LIVE]: timeToLive(session.expiresAt),
      };
      await client.put({ table: tableName, item, repeatable: true });
    },
    async findSession(tokenDigest, now) {
      const session = await find(table, SESSION_ITEM, sessionKey(tokenDigest));
      return session && session.expiresAt > now ? session : null;
    },
    async extendSession(tokenDigest, expiresAt) {
      await updateItem({
        client,
        table: tableName,
        schema: SESSION_ITEM,
        key: sessionKey(tokenDigest),
        set: { expiresAt, [TIME_TO_LIVE]: timeToLive(expiresAt) },
        // Of two requests at once the later end stays.
        condition: {
          expression: '#expiresAt < :expiresAt',
          names: { '#expiresAt': 'expiresAt' },
          values: { ':expiresAt': expiresAt },
        },
      });
    },
    async deleteSession(tokenDigest) {
      await client.delete({ table: tableName, key: sessionKey(tokenDigest), repeatable: true });
    },
  };
}

function creation(table: string, item: Document): TransactAction {
  return { kind: 'put', table, item, condition: NEW };
}

/** Epoch seconds, rounded up: nothing is collected before its end. */
function timeToLive(expiresAt: number): number {
  return Math.ceil(expiresAt / 1000);
}

/** DynamoDB refuses longer partition keys; what is longer is not stored. */
function fitsKey(text: string): boolean {
  return text.length > 0 && Buffer.byteLength(foldLogin(text)) <= 1_024;
}
