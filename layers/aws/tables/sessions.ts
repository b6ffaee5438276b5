import type { Session, SessionStore } from '@sluice/core/identity/session-store';
import { IDENTITY_BY_OWNER, TIME_TO_LIVE } from '../names.ts';
import type { ItemKey, TableClient } from '../table-client.ts';
import { pageLimit } from './cursor.ts';
import { find, identityKey } from './identity-table.ts';
import { SESSION_ITEM } from './session-items.ts';
import { updateItem } from './update-item.ts';

/*
 * Sessions, in the identity table: one item for a sign-in's cookie and its family of refresh tokens.
 *
 * question              index    key condition                           consistency  who asks
 * find                  table    pk = session#<id>, sk = session         strong       admin, relay (cached ≤ 10 s)
 * listOfUser            byOwner  ownerPk = sessions#<user id>            eventual     admin
 *                                (ownerSk = <creation, 15 digits>#<id>; newest first)
 * create, rotate,       table    pk = session#<id>, sk = session         –            admin
 * extendCookie, keep, end
 *
 * To end a session is to delete its item: there is nothing that a late write could bring back, since all others ask that
 * it exists. Ends are compared by the rules; the time to live only collects garbage and is as long as the longest life.
 */

const LONGEST_LIFE_SECONDS = 7 * 24 * 3600;

const sessionKey = (id: string): ItemKey => identityKey(`session#${id}`, 'session');
const timeToLive = (nowMs: number): number => Math.ceil(nowMs / 1000) + LONGEST_LIFE_SECONDS;

export function createSessionStore(client: TableClient, tableName: string): SessionStore {
  const table = { client, tableName };
  const change = { client, table: tableName, schema: SESSION_ITEM };
  return {
    async create(session) {
      await client.put({
        table: tableName,
        item: {
          ...sessionKey(session.id),
          ...SESSION_ITEM.write(session),
          [TIME_TO_LIVE]: timeToLive(session.createdAt),
          [IDENTITY_BY_OWNER.partitionKey]: `sessions#${session.userId}`,
          [IDENTITY_BY_OWNER.sortKey]: `${String(session.createdAt).padStart(15, '0')}#${session.id}`,
        },
        repeatable: true,
      });
    },
    find: (sessionId) => find(table, SESSION_ITEM, sessionKey(sessionId)),
    async rotate(sessionId, generation, next) {
      const outcome = await updateItem<Session>({
        ...change,
        key: sessionKey(sessionId),
        set: { refresh: { ...next }, lastUsedAt: next.rotatedAt, [TIME_TO_LIVE]: timeToLive(next.rotatedAt) },
        condition: {
          expression: '#refresh.#generation = :generation',
          names: { '#refresh': 'refresh', '#generation': 'generation' },
          values: { ':generation': generation },
        },
      });
      if (outcome.outcome === 'updated') return { rotated: true };
      return { rotated: false, current: outcome.outcome === 'refused' ? outcome.value : null };
    },
    async extendCookie(sessionId, cookie, now) {
      await updateItem<Session>({
        ...change,
        key: sessionKey(sessionId),
        set: { cookie, lastUsedAt: now, [TIME_TO_LIVE]: timeToLive(now) },
        condition: {
          expression: '#cookie.#end < :end',
          names: { '#cookie': 'cookie', '#end': 'expiresAt' },
          values: { ':end': cookie.expiresAt },
        },
      });
    },
    async keep(sessionId, validAfter) {
      await updateItem<Session>({ ...change, key: sessionKey(sessionId), set: { validAfter } });
    },
    async end(sessionId) {
      await client.delete({ table: tableName, key: sessionKey(sessionId), repeatable: true });
    },
    async listOfUser(userId, limit) {
      const { items } = await client.query({
        table: tableName,
        index: IDENTITY_BY_OWNER.name,
        keyCondition: '#owner = :owner',
        names: { '#owner': IDENTITY_BY_OWNER.partitionKey },
        values: { ':owner': `sessions#${userId}` },
        limit: pageLimit(limit),
        forward: false,
      });
      return items.map(SESSION_ITEM.read);
    },
  };
}
