import { foldLogin } from '@sluice/core/identity/fold-login';
import type { IdentityStore, User } from '@sluice/core/identity/store';
import { IDENTITY_BY_OWNER } from '../names.ts';
import type { TableClient } from '../table-client.ts';
import { decodeCursor, encodeCursor, pageLimit } from './cursor.ts';
import { LOGIN_GUARD_ITEM, USER_ITEM } from './identity-items.ts';
import { keyQuestions } from './identity-keys.ts';
import {
  ALL_USERS,
  creation,
  find,
  fitsKey,
  listPlace,
  loginGuards,
  loginKey,
  userKey,
  type IdentityTable,
} from './identity-table.ts';
import { updateItem } from './update-item.ts';

/*
 * Users, the guards of their names, and keys. Sessions are in sessions.ts.
 *
 * question                  index    key condition                                consistency  who asks
 * findUserById              table    pk = user#<id>, sk = user                    strong       relay (cached), admin
 * findUserByLogin           table    pk = login#<lower-cased name>, sk = guard    strong       login
 *                                    (the guard names the user, then findUserById)
 * listUsers                 byOwner  ownerPk = users, ownerSk > cursor            eventual     admin, export
 *                                    (ownerSk = user#<lower-cased user name>)
 * createUser, updateUser    table    the same keys                                –            admin, start
 * raiseValidAfter           table    the same key                                 –            admin
 * findKeyByDigest           table    pk = key#<digest>, sk = key                  strong       relay (cached ≤ 10 s)
 * findKeyById               table    pk = keyId#<id>, sk = guard                  strong       admin
 *                                    (the guard names the digest, then findKeyByDigest)
 * listKeysOfOwner           byOwner  ownerPk = owner#<user id>, ownerSk < cursor  eventual     admin
 *                                    (ownerSk = key#<creation, 15 digits>#<key id>; newest first)
 * createKey, deleteKey      table    the same keys, and pk = keyCount#<user id>   strong       admin
 *                                    (a count that is missing is made from the list)
 * updateKey                 table    the same keys                                –            admin
 *
 * User names and e-mail addresses share one space of guards, so that nobody takes another's address for a name.
 * The strong read of a key costs half a read unit more than an eventual one, every ten seconds and process: a key works
 * the moment it was made. An expired key is still found, because its refusal says so.
 */

export function createIdentityStore(client: TableClient, tableName: string): IdentityStore {
  const table: IdentityTable = { client, tableName };
  return { ...userQuestions(table), ...keyQuestions(table) };
}

const LIST_NAME = /^.{1,256}$/su;

function userQuestions({
  client,
  tableName,
}: IdentityTable): Pick<
  IdentityStore,
  'findUserById' | 'findUserByLogin' | 'listUsers' | 'createUser' | 'updateUser' | 'raiseValidAfter'
> {
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
      const item = { ...userKey(user.id), ...USER_ITEM.write(user), ...listPlace(user) };
      const actions = [item, ...loginGuards(user).values()].map((made) => creation(tableName, made));
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
    async raiseValidAfter(userId, validAfter, change) {
      const outcome = await updateItem({
        client,
        table: tableName,
        schema: USER_ITEM,
        key: userKey(userId),
        set: { ...change, validAfter },
        condition: {
          expression: '#stamp < :stamp',
          names: { '#stamp': 'validAfter' },
          values: { ':stamp': validAfter },
        },
      });
      if (outcome.outcome === 'not-found') return null;
      const { value: user } = outcome;
      // After a lost answer, what stands in the way may be what we wrote.
      const isOurs = outcome.outcome === 'refused' && outcome.resent && user.validAfter === validAfter;
      return { raised: outcome.outcome === 'updated' || isOurs, user };
    },
  };
}
