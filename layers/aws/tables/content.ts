import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ChatMessage, ContentStore, ConversationAbout, ConversationKind } from '@sluice/core/content/store';
import { PARTITION_KEY, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { Document, ItemKey, TableClient } from '../table-client.ts';
import { RESPONSE_ITEM, SESSION_ITEM } from './content-items.ts';
import { contentPartition, conversationRow, conversationRowKey } from './conversations.ts';
import { readAllPages } from './read-all-pages.ts';

/*
 * Conversations and stored responses. Each is listed for its owner by a row beside it (conversations.ts).
 *
 * question        index  key condition                                  consistency  who asks
 * putResponse     table  pk = response#<user>, sk = <id>                –            relay
 * findResponse    table  pk = response#<user>, sk = <id>                strong       relay, admin
 * deleteResponse  table  pk = response#<user>, sk = <id>                –            relay, admin
 * putSession      table  pk = session#<user>, sk = <id>                 –            relay
 * findSession     table  pk = session#<user>, sk = <id>                 strong       relay, admin
 * listSessions    table  pk = session#<user>                            eventual     relay
 * deleteSession   table  pk = session#<user>, sk = <id>                 –            relay, admin
 *
 * Every read compares `expiresAt`; the time to live only collects garbage.
 */

/** DynamoDB's items end at 400 KB, names and keys included. */
const MOST_PACKED_BYTES = 390 * 1024;

const contentKey = (kind: ConversationKind, ownerId: string, id: string): ItemKey => ({
  [PARTITION_KEY]: contentPartition(kind, ownerId),
  [SORT_KEY]: id,
});

interface Kept {
  facts: { id: string; ownerId: string; createdAt: number; updatedAt?: number; expiresAt: number };
  item: Document;
  /** Of what is packed. */
  bytes: number;
}

function pack(value: unknown): Uint8Array {
  return deflateRawSync(JSON.stringify(value));
}

function unpack(packed: Uint8Array): unknown {
  return JSON.parse(inflateRawSync(packed).toString());
}

export function createContentStore(client: TableClient, table: string): ContentStore {
  const remove = async (kind: ConversationKind, ownerId: string, id: string): Promise<boolean> => {
    const outcome = await client.delete({
      table,
      key: contentKey(kind, ownerId, id),
      condition: `attribute_exists(${PARTITION_KEY})`,
      returns: 'old',
    });
    if (!outcome.ok) return false;
    const createdAt = Number(outcome.item?.['createdAt']);
    await client.delete({ table, key: conversationRowKey(ownerId, { kind, id, createdAt }), repeatable: true });
    return true;
  };
  /** Two writes side by side: a row without its content is harmless, content without a row expires unlisted. */
  const put = async (kind: ConversationKind, packed: Kept, about: ConversationAbout): Promise<void> => {
    const { id, ownerId, createdAt, expiresAt } = packed.facts;
    const item = { ...contentKey(kind, ownerId, id), ...packed.item, [TIME_TO_LIVE]: secondsOf(expiresAt) };
    const row = conversationRow({
      ...about,
      kind,
      id,
      ownerId,
      createdAt,
      expiresAt,
      updatedAt: packed.facts.updatedAt ?? createdAt,
      bytes: packed.bytes,
    });
    await Promise.all([
      client.put({ table, item, repeatable: true }),
      client.put({ table, item: row, repeatable: true }),
    ]);
  };
  return {
    async putResponse({ input, response, ...facts }, about) {
      const packed = pack([input, response]);
      if (packed.length > MOST_PACKED_BYTES) return false;
      await put('response', { facts, item: RESPONSE_ITEM.write({ ...facts, packed }), bytes: packed.length }, about);
      return true;
    },
    async findResponse(ownerId, id, nowMs) {
      const item = await client.get({ table, key: contentKey('response', ownerId, id), consistent: true });
      if (item === null) return null;
      const { packed, ...facts } = RESPONSE_ITEM.read(item);
      if (facts.expiresAt <= nowMs) return null;
      const [input, response] = unpack(packed) as [string, string];
      return { ...facts, input, response };
    },
    deleteResponse: (ownerId, id) => remove('response', ownerId, id),
    async putSession({ messages, ...facts }, about) {
      const packed = pack(messages);
      if (packed.length > MOST_PACKED_BYTES) return false;
      await put('session', { facts, item: SESSION_ITEM.write({ ...facts, packed }), bytes: packed.length }, about);
      return true;
    },
    async findSession(ownerId, id, nowMs) {
      const item = await client.get({ table, key: contentKey('session', ownerId, id), consistent: true });
      if (item === null) return null;
      const { packed, ...facts } = SESSION_ITEM.read(item);
      return facts.expiresAt <= nowMs ? null : { ...facts, messages: unpack(packed) as ChatMessage[] };
    },
    async listSessions(ownerId, nowMs) {
      const items = await readAllPages(client, {
        table,
        keyCondition: '#pk = :partition',
        names: { '#pk': PARTITION_KEY },
        values: { ':partition': contentPartition('session', ownerId) },
      });
      return items
        .map((item) => {
          const { packed: _packed, ...facts } = SESSION_ITEM.read(item);
          return facts;
        })
        .filter(({ expiresAt }) => expiresAt > nowMs)
        .toSorted((left, right) => right.updatedAt - left.updatedAt);
    },
    deleteSession: (ownerId, id) => remove('session', ownerId, id),
  };
}

function secondsOf(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}
