import { mapLimited } from '@sluice/kit/async/map-limited';
import type {
  ConversationKey,
  ConversationKind,
  ConversationStore,
  ListedConversation,
} from '@sluice/core/content/store';
import { CONVERSATION_PARTITION_PREFIXES, PARTITION_KEY, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { Document, ItemKey, TableClient } from '../table-client.ts';
import { CONVERSATION_ITEM } from './content-items.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

/*
 * The list of conversations, in the content table. Whoever keeps one writes its row (docs/decisions/0044).
 *
 * question    index  key condition                                          consistency  who asks
 * write       table  pk = conversation#<owner>, sk = <begun at>#<kind>#<id>  –            relay, media-jobs
 * list        table  pk = conversation#<owner>, from the end                 eventual     admin
 * find        table  pk = conversation#<owner>, sk = <begun at>#<kind>#<id>  eventual     admin
 * removeSome  table  all three partitions of the owner                       strong       admin
 *
 * A conversation keeps the time when it was begun, so that its next turn overwrites the row, which costs one write unit.
 */

const NAMES = { '#pk': PARTITION_KEY };
const LIST = 'conversations';
const POSITION = /^\d{13}#(?:session|response)#.{1,1000}$/s;
/** Rows are some 300 bytes: a page that is filtered reads so many at a time. */
const ROWS_AT_ONCE = 250;
const REMOVED_AT_ONCE = 200;
/** Contents are up to 390 KB each and are read to be deleted where no row leads to them. */
const UNLISTED_AT_ONCE = 25;
const DELETES_IN_FLIGHT = 10;

export const contentPartition = (kind: ConversationKind, ownerId: string): string =>
  `${CONVERSATION_PARTITION_PREFIXES[kind]}${ownerId}`;

const listPartition = (ownerId: string): string => `${CONVERSATION_PARTITION_PREFIXES.list}${ownerId}`;

type Place = ConversationKey & { createdAt: number };

function positionOf({ kind, id, createdAt }: Place): string {
  return `${String(createdAt).padStart(13, '0')}#${kind}#${id}`;
}

export function conversationRowKey(ownerId: string, place: Place): ItemKey {
  return { [PARTITION_KEY]: listPartition(ownerId), [SORT_KEY]: positionOf(place) };
}

/** The row that a conversation is listed by. */
export function conversationRow(listed: ListedConversation): Document {
  return {
    ...conversationRowKey(listed.ownerId, listed),
    ...CONVERSATION_ITEM.write(listed),
    [TIME_TO_LIVE]: Math.ceil(listed.expiresAt / 1_000),
  };
}

export function createConversationStore(client: TableClient, table: string): ConversationStore {
  return {
    list: (ownerId, page) => listRows(client, table, { ownerId, ...page }),
    async find(ownerId, place) {
      const item = await client.get({ table, key: conversationRowKey(ownerId, place) });
      return item && CONVERSATION_ITEM.read(item);
    },
    async removeSome(ownerId) {
      const rows = await queryPartition(client, table, { partition: listPartition(ownerId), limit: REMOVED_AT_ONCE });
      if (rows.items.length > 0) {
        await mapLimited(rows.items, DELETES_IN_FLIGHT, (item) => removeListed(client, table, item));
        // What was kept before there was a list, or without its row, is looked for when the list is empty.
        return { deleted: rows.items.length, hasMore: true };
      }
      return removeUnlisted(client, table, ownerId);
    },
  };
}

async function listRows(
  client: TableClient,
  table: string,
  asked: Parameters<ConversationStore['list']>[1] & { ownerId: string },
): Promise<{ items: ListedConversation[]; nextCursor: string | null }> {
  const { ownerId, kind, limit, nowMs } = asked;
  const position = decodeCursor(LIST, asked.cursor, POSITION);
  const found: ListedConversation[] = [];
  let startKey: ItemKey | null =
    position === null ? null : { [PARTITION_KEY]: listPartition(ownerId), [SORT_KEY]: position };
  do {
    const page = await client.query({
      table,
      keyCondition: '#pk = :partition',
      // The time to live only collects garbage.
      filter: kind === null ? '#expires > :now' : '#expires > :now AND #kind = :kind',
      names: { ...NAMES, '#expires': 'expiresAt', ...(kind === null ? {} : { '#kind': 'kind' }) },
      values: { ':partition': listPartition(ownerId), ':now': nowMs, ...(kind === null ? {} : { ':kind': kind }) },
      forward: false,
      // One more says whether anything follows.
      limit: kind === null ? limit + 1 - found.length : ROWS_AT_ONCE,
      startKey,
    });
    found.push(...page.items.map((item) => CONVERSATION_ITEM.read(item)));
    startKey = page.nextKey;
  } while (startKey !== null && found.length <= limit);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last ? encodeCursor(LIST, positionOf(last)) : null };
}

/** The content first: a row without content is harmless, and is found again. */
async function removeListed(client: TableClient, table: string, item: Document): Promise<void> {
  const listed = CONVERSATION_ITEM.read(item);
  const content = { [PARTITION_KEY]: contentPartition(listed.kind, listed.ownerId), [SORT_KEY]: listed.id };
  await client.delete({ table, key: content, repeatable: true });
  await client.delete({ table, key: conversationRowKey(listed.ownerId, listed), repeatable: true });
}

async function removeUnlisted(
  client: TableClient,
  table: string,
  ownerId: string,
): Promise<{ deleted: number; hasMore: boolean }> {
  let deleted = 0;
  for (const kind of ['response', 'session'] as const) {
    const partition = contentPartition(kind, ownerId);
    const page = await queryPartition(client, table, { partition, limit: UNLISTED_AT_ONCE });
    await mapLimited(page.items, DELETES_IN_FLIGHT, (item) => {
      const key = { [PARTITION_KEY]: partition, [SORT_KEY]: String(item[SORT_KEY]) };
      return client.delete({ table, key, repeatable: true });
    });
    deleted += page.items.length;
    if (page.nextKey !== null) return { deleted, hasMore: true };
  }
  return { deleted, hasMore: false };
}

function queryPartition(client: TableClient, table: string, asked: { partition: string; limit: number }) {
  return client.query({
    table,
    keyCondition: '#pk = :partition',
    names: NAMES,
    values: { ':partition': asked.partition },
    limit: asked.limit,
    consistent: true,
  });
}
