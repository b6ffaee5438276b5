import {
  searchedTexts,
  SHORTEST_SEARCH,
  type CredentialRecords,
  type PlaceOfRecord,
  type Reassignment,
  type RecordFacets,
  type RecordPage,
} from '@sluice/core/credentials/records/store';
import { CREDENTIAL_KINDS, type Credential } from '@sluice/core/credentials/store';
import { PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { Document, DocumentValue, ItemKey, TableClient } from '../table-client.ts';
import {
  CREDENTIAL_ENTRY_ITEM,
  listPartitions,
  TAGS_PARTITION,
  textPartition,
  textPrefix,
} from './credential-index.ts';
import { decodeCursor, encodeCursor, pageLimit } from './cursor.ts';
import { sortableInstant } from './token-items.ts';
import { CREDENTIAL_ITEM } from './vault-items.ts';
import { CREDENTIAL_REVISION, credentialKey } from './vault-keys.ts';

/*
 * Lists of credentials, in the vault table: thin entries first, then the credentials of the page.
 *
 * question      index  key condition                                                        consistency  who asks
 * list          table  pk = credentialBy#list#<facet>, sk between <created> and <created>,   eventual     admin
 *                      from the end; several facets beside each other
 * search        table  pk = credentialBy#text#<two letters>, sk begins with <text>           eventual     admin
 * findTags      table  pk = credentialBy#tags                                                eventual     admin
 * findMany      table  pk = upstream#<name>, sk = credential#<id>                            strong       admin, relay
 * reassign      table  the credential's key                                                  –            admin
 */

interface Table {
  client: TableClient;
  tableName: string;
}

interface Entry {
  position: string;
  place: PlaceOfRecord;
}

const LIST = 'credentials';
const SEARCH = 'credential-search';
/** Distinct tags that one search looks at. */
const MOST_TAGS = 1_000;
/** Above all instants and letters that entries carry. */
const END = '\uffff';

export function createCredentialRecords(client: TableClient, tableName: string): CredentialRecords {
  const table: Table = { client, tableName };
  return {
    list: (facets, page) => list(table, facets, page),
    search: (text, page) => search(table, text, page),
    async findTags(text, limit) {
      const { items } = await client.query({
        table: tableName,
        keyCondition: '#pk = :partition',
        names: { '#pk': PARTITION_KEY },
        values: { ':partition': TAGS_PARTITION },
        limit: MOST_TAGS,
      });
      const tags = items.map((item) => String(item[SORT_KEY]));
      return tags.filter((tag) => tag.includes(text)).slice(0, limit);
    },
    findMany: (places) => findMany(table, places),
    reassign: (before, change, now) => reassign(table, before, change, now),
  };
}

async function list(
  table: Table,
  facets: RecordFacets,
  { limit, cursor }: { limit: number; cursor: string | null },
): Promise<RecordPage> {
  const partitions = partitionsOf(facets);
  const size = pageLimit(limit);
  const from = sortableInstant(facets.createdFrom ?? 0);
  // Between takes both ends; no entry is as short as an instant alone.
  const before = facets.createdTo === undefined ? END : sortableInstant(facets.createdTo);
  const position = decodeCursor(LIST, cursor, /^\d{15}#\S+$/);
  const reading = { from, to: position ?? before, after: position, limit: size };
  const lists = await Promise.all(partitions.map((partition) => readEntries(table, partition, reading)));
  const entries = lists
    .flatMap((one) => one.entries)
    .toSorted((left, right) => (left.position < right.position ? 1 : -1));
  const shown = withoutRepeats(entries).slice(0, size);
  const hasMore = entries.length > shown.length || lists.some((one) => one.hasMore);
  const last = shown.at(-1);
  return {
    credentials: await inOrder(table, shown),
    nextCursor: hasMore && last ? encodeCursor(LIST, last.position) : null,
  };
}

/** The narrowest that can be had: lists that are read beside each other and merged. */
function partitionsOf({ upstream, kind, enabled, tags }: RecordFacets): string[] {
  const switches = enabled === undefined ? [true, false] : [enabled];
  if (tags !== undefined) return [...new Set(tags)].map(listPartitions.tag);
  if (upstream !== undefined) return switches.map((on) => listPartitions.upstream(upstream, on));
  if (kind !== undefined) return switches.map((on) => listPartitions.kind(kind, on));
  if (enabled !== undefined) return CREDENTIAL_KINDS.map((each) => listPartitions.kind(each, enabled));
  return [listPartitions.all()];
}

async function readEntries(
  { client, tableName }: Table,
  partition: string,
  { from, to, after, limit }: { from: string; to: string; after: string | null; limit: number },
): Promise<{ entries: Entry[]; hasMore: boolean }> {
  if (from > to) return { entries: [], hasMore: false };
  const { items, nextKey } = await client.query({
    table: tableName,
    keyCondition: '#pk = :partition AND #sk BETWEEN :from AND :to',
    names: { '#pk': PARTITION_KEY, '#sk': SORT_KEY },
    values: { ':partition': partition, ':from': from, ':to': to },
    forward: false,
    limit: limit + (after === null ? 0 : 1),
  });
  return { entries: items.map(toEntry).filter(({ position }) => position !== after), hasMore: nextKey !== null };
}

async function search(
  table: Table,
  text: string,
  { limit, cursor }: { limit: number; cursor: string | null },
): Promise<RecordPage> {
  if (text.length < SHORTEST_SEARCH) return { credentials: [], nextCursor: null };
  const partition = textPartition(text);
  const position = decodeCursor(SEARCH, cursor, /^[^]{2,400}$/);
  const startKey: ItemKey | null = position === null ? null : { [PARTITION_KEY]: partition, [SORT_KEY]: position };
  const { items, nextKey } = await table.client.query({
    table: table.tableName,
    keyCondition: '#pk = :partition AND begins_with(#sk, :text)',
    names: { '#pk': PARTITION_KEY, '#sk': SORT_KEY },
    values: { ':partition': partition, ':text': textPrefix(text) },
    limit: pageLimit(limit),
    startKey,
  });
  const found = await inOrder(table, withoutRepeats(items.map(toEntry)));
  return {
    // An entry says where a text stood once; the credential says what it is.
    credentials: found.filter((credential) => searchedTexts(credential).some((whole) => whole.includes(text))),
    nextCursor: nextKey === null ? null : encodeCursor(SEARCH, String(nextKey[SORT_KEY])),
  };
}

function toEntry(item: Document): Entry {
  return { position: String(item[SORT_KEY]), place: CREDENTIAL_ENTRY_ITEM.read(item) };
}

const nameOf = ({ upstream, credentialId }: PlaceOfRecord): string => `${upstream}\n${credentialId}`;

function withoutRepeats(entries: readonly Entry[]): Entry[] {
  const seen = new Set<string>();
  return entries.filter(({ place }) => !seen.has(nameOf(place)) && seen.add(nameOf(place)));
}

async function inOrder(table: Table, entries: readonly Entry[]): Promise<Credential[]> {
  const found = await findMany(
    table,
    entries.map(({ place }) => place),
  );
  const byName = new Map(found.map((one) => [nameOf({ upstream: one.upstream, credentialId: one.id }), one]));
  return entries.flatMap(({ place }) => byName.get(nameOf(place)) ?? []);
}

async function findMany({ client, tableName }: Table, places: readonly PlaceOfRecord[]): Promise<Credential[]> {
  if (places.length === 0) return [];
  const keys = places.map(({ upstream, credentialId }) => credentialKey(upstream, credentialId));
  const items = await client.batchGet({ table: tableName, keys, consistent: true });
  return items.map(CREDENTIAL_ITEM.read);
}

async function reassign(
  { client, tableName }: Table,
  before: Credential,
  { proxy, clientId }: Reassignment,
  now: number,
): Promise<boolean> {
  const set: Record<string, DocumentValue> = {
    updatedAt: now,
    ...(proxy && {
      proxyUrl: proxy.proxyUrl,
      proxyAuth: proxy.proxyAuth ? { ...proxy.proxyAuth } : null,
      proxyAuthDigest: proxy.proxyAuthDigest ?? null,
      proxyMember: proxy.proxyMember ?? null,
    }),
    ...(clientId !== undefined && { clientId }),
  };
  const fields = Object.keys(set);
  const seenClient = before.clientId ?? null;
  const outcome = await client.update({
    table: tableName,
    key: credentialKey(before.upstream, before.id),
    update: `SET ${fields.map((field) => `#${field} = :${field}`).join(', ')} ADD #revision :one`,
    condition:
      '#proxyUrl = :seenProxy AND (#clientId = :seenClient' +
      `${seenClient === null ? ' OR attribute_not_exists(#clientId)' : ''})`,
    names: {
      ...Object.fromEntries(fields.map((field) => [`#${field}`, field])),
      '#proxyUrl': 'proxyUrl',
      '#clientId': 'clientId',
      '#revision': CREDENTIAL_REVISION,
    },
    values: {
      ...Object.fromEntries(fields.map((field) => [`:${field}`, set[field]])),
      ':seenProxy': before.proxyUrl,
      ':seenClient': seenClient,
      ':one': 1,
    },
    repeatable: true,
  });
  return outcome.ok || outcome.resent;
}
