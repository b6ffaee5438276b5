import { timesOf } from '@sluice/core/media/media-names';
import type { IndexedMedium, MediaIndex, MediaTotals } from '@sluice/core/media/media-index';
import { MEDIA_PARTITION_PREFIX, PARTITION_KEY, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { Document, ItemKey, TableClient } from '../table-client.ts';
import { ITEM_TYPE, ITEM_VERSION } from './item-schema.ts';
import { MEDIA_TOTALS_ITEM, MEDIUM_ITEM } from './media-items.ts';
import { readAllPages } from './read-all-pages.ts';

/*
 * The index of media, in the content table, in partitions of its own. The bytes are in the media bucket.
 *
 * question      index  key condition                                                     consistency  who asks
 * add           table  the row, the owner's row, and the totals of its kind and expiry   –            relay, media-jobs
 * find          table  pk = mediaIndex#<kind>, sk = <expiry>#<made at>#<key>                  strong       admin
 * list          table  pk = mediaIndex#<kind>, sk > <now>, from the end                       eventual     admin
 * listOfOwner   table  pk = mediaIndexOwner#<owner>, sk > <now>                               strong       admin
 * readTotals    table  pk = mediaIndexTotals#<kind>, sk > <now>                               eventual     admin
 * remove        table  both rows and the totals                                          –            admin
 *
 * All keys follow from the medium's name, which tells when it expires. Reads begin behind now, so that what has expired
 * is neither told nor paid for; nobody deletes its rows but the time to live. Totals are kept by expiry, of which there
 * are few at a time, so that midnight needs no arithmetic; a crash between a row and its total is forgotten then.
 */

const NAMES = { '#pk': PARTITION_KEY, '#sk': SORT_KEY };
/** Longer than any clock is off. */
const GARBAGE_AFTER_SECONDS = 86_400;

const rowsOf = (kind: IndexedMedium['kind']): string => `${MEDIA_PARTITION_PREFIX}#${kind}`;
const ownerOf = (owner: string): string => `${MEDIA_PARTITION_PREFIX}Owner#${owner}`;
const totalsOf = (kind: IndexedMedium['kind']): string => `${MEDIA_PARTITION_PREFIX}Totals#${kind}`;
const expiryText = (seconds: number): string => String(seconds).padStart(10, '0');
/** Greater than every sort key of what has expired by now, and smaller than all others. */
const behindExpired = (nowMs: number): string => `${expiryText(Math.floor(nowMs / 1_000))}$`;

export function createMediaIndex(client: TableClient, table: string): MediaIndex {
  const addToTotals = async ({ kind, key }: IndexedMedium, change: MediaTotals): Promise<void> => {
    const { expiresAt } = expect(key);
    await client.update({
      table,
      key: { [PARTITION_KEY]: totalsOf(kind), [SORT_KEY]: expiryText(expiresAt) },
      update: 'SET #t = :type, #v = :version, #ttl = :ttl ADD #count :count, #bytes :bytes',
      names: { '#t': ITEM_TYPE, '#v': ITEM_VERSION, '#ttl': TIME_TO_LIVE, '#count': 'count', '#bytes': 'bytes' },
      values: {
        ':type': MEDIA_TOTALS_ITEM.type,
        ':version': MEDIA_TOTALS_ITEM.version,
        ':ttl': expiresAt + GARBAGE_AFTER_SECONDS,
        ':count': change.count,
        ':bytes': change.bytes,
      },
    });
  };
  return {
    async add(medium) {
      const item = {
        ...MEDIUM_ITEM.write(medium),
        [TIME_TO_LIVE]: expect(medium.key).expiresAt + GARBAGE_AFTER_SECONDS,
      };
      const put = (key: ItemKey) => client.put({ table, item: { ...item, ...key }, repeatable: true });
      await Promise.all([put(rowKey(medium)), put(ownerKey(medium))]);
      await addToTotals(medium, { count: 1, bytes: medium.bytes });
    },
    async find(kind, key) {
      if (timesOf(key) === null) return null;
      const item = await client.get({ table, key: rowKey({ kind, key }), consistent: true });
      return item && MEDIUM_ITEM.read(item);
    },
    async remove(medium) {
      const outcome = await client.delete({
        table,
        key: rowKey(medium),
        condition: `attribute_exists(${PARTITION_KEY})`,
      });
      await client.delete({ table, key: ownerKey(medium), repeatable: true });
      if (outcome.ok) await addToTotals(medium, { count: -1, bytes: -medium.bytes });
      return outcome.ok;
    },
    list: (kind, page) => listRows(client, table, { kind, ...page }),
    async listOfOwner(owner, { limit, nowMs }) {
      const { items } = await client.query({
        ...queryBehind(table, ownerOf(owner), behindExpired(nowMs)),
        limit,
        consistent: true,
      });
      return items.map(MEDIUM_ITEM.read);
    },
    async readTotals(kind, nowMs) {
      const items = await readAllPages(client, queryBehind(table, totalsOf(kind), behindExpired(nowMs)));
      const totals = items.map(MEDIA_TOTALS_ITEM.read);
      return {
        count: totals.reduce((sum, { count }) => sum + Math.max(0, count), 0),
        bytes: totals.reduce((sum, { bytes }) => sum + Math.max(0, bytes), 0),
      };
    },
  };
}

function queryBehind(table: string, partition: string, behind: string) {
  return {
    table,
    keyCondition: '#pk = :partition AND #sk > :behind',
    names: NAMES,
    values: { ':partition': partition, ':behind': behind },
  };
}

async function listRows(
  client: TableClient,
  table: string,
  request: { kind: IndexedMedium['kind']; limit: number; after: string | null; nowMs: number },
): Promise<{ items: IndexedMedium[]; hasMore: boolean }> {
  const { kind, limit, after, nowMs } = request;
  const found: Document[] = [];
  let startKey: ItemKey | null = after === null || timesOf(after) === null ? null : rowKey({ kind, key: after });
  do {
    const page = await client.query({
      ...queryBehind(table, rowsOf(kind), behindExpired(nowMs)),
      forward: false,
      // One more says whether anything follows.
      limit: limit + 1 - found.length,
      startKey,
    });
    found.push(...page.items);
    startKey = page.nextKey;
  } while (startKey !== null && found.length <= limit);
  return { items: found.slice(0, limit).map(MEDIUM_ITEM.read), hasMore: found.length > limit };
}

function sortKeyOf(key: string): string {
  const { expiresAt, createdAt } = expect(key);
  return `${expiryText(expiresAt)}#${String(createdAt).padStart(13, '0')}#${key}`;
}

function rowKey({ kind, key }: Pick<IndexedMedium, 'kind' | 'key'>): ItemKey {
  return { [PARTITION_KEY]: rowsOf(kind), [SORT_KEY]: sortKeyOf(key) };
}

function ownerKey({ owner, key }: Pick<IndexedMedium, 'owner' | 'key'>): ItemKey {
  return { [PARTITION_KEY]: ownerOf(owner), [SORT_KEY]: sortKeyOf(key) };
}

function expect(key: string): { expiresAt: number; createdAt: number } {
  const times = timesOf(key);
  if (times === null) throw new TypeError('A medium is indexed under a name that is none of ours.');
  return times;
}
