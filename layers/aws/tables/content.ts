import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ChatMessage, ContentStore } from '@sluice/core/content/store';
import { PARTITION_KEY, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { ItemKey, TableClient } from '../table-client.ts';
import { RESPONSE_ITEM, SESSION_ITEM } from './content-items.ts';
import { readAllPages } from './read-all-pages.ts';

/*
 * Conversations and stored responses. Idempotency results, the media index and media jobs join with their issues.
 *
 * question        index  key condition                                  consistency  who asks
 * putResponse     table  pk = response#<user>, sk = <id>                –            relay
 * findResponse    table  pk = response#<user>, sk = <id>                strong       relay
 * deleteResponse  table  pk = response#<user>, sk = <id>                –            relay
 * putSession      table  pk = session#<user>, sk = <id>                 –            relay
 * findSession     table  pk = session#<user>, sk = <id>                 strong       relay
 * listSessions    table  pk = session#<user>                            eventual     relay
 * deleteSession   table  pk = session#<user>, sk = <id>                 –            relay
 *
 * Every read compares `expiresAt`; the time to live only collects garbage.
 */

/** DynamoDB's items end at 400 KB, names and keys included. */
const MOST_PACKED_BYTES = 390 * 1024;

const responseKey = (ownerId: string, id: string): ItemKey => ({
  [PARTITION_KEY]: `response#${ownerId}`,
  [SORT_KEY]: id,
});
const sessionPartition = (ownerId: string): string => `session#${ownerId}`;
const sessionKey = (ownerId: string, id: string): ItemKey => ({
  [PARTITION_KEY]: sessionPartition(ownerId),
  [SORT_KEY]: id,
});

function pack(value: unknown): Uint8Array {
  return deflateRawSync(JSON.stringify(value));
}

function unpack(packed: Uint8Array): unknown {
  return JSON.parse(inflateRawSync(packed).toString());
}

export function createContentStore(client: TableClient, table: string): ContentStore {
  const remove = async (key: ItemKey): Promise<boolean> => {
    const outcome = await client.delete({ table, key, condition: `attribute_exists(${PARTITION_KEY})` });
    return outcome.ok;
  };
  return {
    async putResponse({ input, response, ...facts }) {
      const packed = pack([input, response]);
      if (packed.length > MOST_PACKED_BYTES) return false;
      const item = { ...responseKey(facts.ownerId, facts.id), ...RESPONSE_ITEM.write({ ...facts, packed }) };
      await client.put({ table, item: { ...item, [TIME_TO_LIVE]: secondsOf(facts.expiresAt) }, repeatable: true });
      return true;
    },
    async findResponse(ownerId, id, nowMs) {
      const item = await client.get({ table, key: responseKey(ownerId, id), consistent: true });
      if (item === null) return null;
      const { packed, ...facts } = RESPONSE_ITEM.read(item);
      if (facts.expiresAt <= nowMs) return null;
      const [input, response] = unpack(packed) as [string, string];
      return { ...facts, input, response };
    },
    deleteResponse: (ownerId, id) => remove(responseKey(ownerId, id)),
    async putSession({ messages, ...facts }) {
      const packed = pack(messages);
      if (packed.length > MOST_PACKED_BYTES) return false;
      const item = { ...sessionKey(facts.ownerId, facts.id), ...SESSION_ITEM.write({ ...facts, packed }) };
      await client.put({ table, item: { ...item, [TIME_TO_LIVE]: secondsOf(facts.expiresAt) }, repeatable: true });
      return true;
    },
    async findSession(ownerId, id, nowMs) {
      const item = await client.get({ table, key: sessionKey(ownerId, id), consistent: true });
      if (item === null) return null;
      const { packed, ...facts } = SESSION_ITEM.read(item);
      return facts.expiresAt <= nowMs ? null : { ...facts, messages: unpack(packed) as ChatMessage[] };
    },
    async listSessions(ownerId, nowMs) {
      const items = await readAllPages(client, {
        table,
        keyCondition: '#pk = :partition',
        names: { '#pk': PARTITION_KEY },
        values: { ':partition': sessionPartition(ownerId) },
      });
      return items
        .map((item) => {
          const { packed: _packed, ...facts } = SESSION_ITEM.read(item);
          return facts;
        })
        .filter(({ expiresAt }) => expiresAt > nowMs)
        .toSorted((left, right) => right.updatedAt - left.updatedAt);
    },
    deleteSession: (ownerId, id) => remove(sessionKey(ownerId, id)),
  };
}

function secondsOf(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}
