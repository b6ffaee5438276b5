import { foldText, searchedTexts, type PlaceOfRecord } from '@sluice/core/credentials/records/store';
import { secretMark } from '@sluice/core/credentials/duplicates';
import type { Credential, CredentialKind } from '@sluice/core/credentials/store';
import { ownedName } from '@sluice/core/sharing/who-may-use';
import { createHash } from 'node:crypto';
import { CREDENTIAL_INDEX_PREFIX, PARTITION_KEY, SORT_KEY, TOKEN_PARTITION_PREFIX } from '../names.ts';
import type { Document, ItemKey, TransactAction } from '../table-client.ts';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { object, text as textShape } from './shape.ts';
import { sortableInstant } from './token-items.ts';

/*
 * The entries by which credentials are found; written with the credential, in its transaction, but for those of its
 * texts. `credential-records.ts` and `serving.ts` ask the questions.
 *
 *   pk                                        sk                                what for
 *   credentialBy#list#<facet>                 <created>#<id>#<upstream>         lists, newest first
 *     facets: all, upstream#<name>#<0|1>, kind#<kind>#<0|1>, tag#<tag>
 *   credentialBy#serving#<upstream>           <class>#<ring position>#<id>      enabled ones, in the order of asking
 *   credentialBy#secret#<mark>                credential                        one secret, one credential
 *   tokensMark#<mark>                         credential                        the same of tokens that came by rotation
 *   credentialBy#text#<first two letters>     <text from there on>#<id>         search
 *   credentialBy#tags                         <tag>                             tags that were ever given
 */

export const CREDENTIAL_ENTRY_ITEM = defineItemSchema<PlaceOfRecord>({
  type: 'credentialEntry',
  schema: object({ upstream: textShape, credentialId: textShape }),
});

export const CREDENTIAL_TAG_ITEM = defineItemSchema<{ tag: string }>({
  type: 'credentialTag',
  schema: object({ tag: textShape }),
});

export const CREDENTIAL_INDEX_ITEMS: readonly AnyItemSchema[] = [CREDENTIAL_ENTRY_ITEM, CREDENTIAL_TAG_ITEM];

const partition = (rest: string): string => `${CREDENTIAL_INDEX_PREFIX}#${rest}`;

export const TAGS_PARTITION = partition('tags');
export const servingPartition = (upstream: string): string => partition(`serving#${upstream}`);
export const secretKey = (mark: string): ItemKey => ({
  [PARTITION_KEY]: partition(`secret#${mark}`),
  [SORT_KEY]: 'credential',
});
/** A refresh token that came by rotation; written where tokens may be. */
export const rotatedTokenKey = (mark: string): ItemKey => ({
  [PARTITION_KEY]: `${TOKEN_PARTITION_PREFIX}Mark#${mark}`,
  [SORT_KEY]: 'credential',
});
export const listPartitions = {
  all: (): string => partition('list#all'),
  upstream: (name: string, enabled: boolean): string => partition(`list#upstream#${name}#${Number(enabled)}`),
  kind: (kind: CredentialKind, enabled: boolean): string => partition(`list#kind#${kind}#${Number(enabled)}`),
  tag: (tag: string): string => partition(`list#tag#${tag}`),
};

/** Entries of one credential sort alike in all lists. */
export function listPosition({ createdAt, id, upstream }: Pick<Credential, 'createdAt' | 'id' | 'upstream'>): string {
  return `${sortableInstant(createdAt)}#${id}#${upstream}`;
}

/** Tags are told apart as they are searched for. */
export function tagOf({ tag = null }: Pick<Credential, 'tag'>): string | null {
  return tag ? foldText(tag) : null;
}

function listKeys(credential: Credential): ItemKey[] {
  const { upstream, kind, enabled } = credential;
  const tag = tagOf(credential);
  const partitions = [
    listPartitions.all(),
    listPartitions.upstream(upstream, enabled),
    listPartitions.kind(kind, enabled),
    ...(tag === null ? [] : [listPartitions.tag(tag)]),
  ];
  const sk = listPosition(credential);
  return partitions.map((pk) => ({ [PARTITION_KEY]: pk, [SORT_KEY]: sk }));
}

/** Operators' credentials by tier and priority, then those of users; lower is asked first. */
export function servingClass({ id, name, tier, priority }: Credential): string {
  if (name === ownedName(id)) return 'u';
  return `o${tier === 'basic' ? 0 : 1}${String(priority).padStart(4, '0')}`;
}

/** Where an id stands on the ring of its class: 8 hexadecimal digits, evenly spread. */
export function ringPosition(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 8);
}

function servingKeys(credential: Credential): ItemKey[] {
  const { id, upstream, enabled, disabledByOwner = false } = credential;
  if (!enabled || disabledByOwner) return [];
  const sk = `${servingClass(credential)}#${ringPosition(id)}#${id}`;
  return [{ [PARTITION_KEY]: servingPartition(upstream), [SORT_KEY]: sk }];
}

/**
 * The part of a credential's transaction that keeps it findable.
 * @param before as it stands; null: a new one
 * @param isIndexed false: what stands was written before there were entries
 * @param after as it will; null: it goes
 * @returns the actions, and which of them is refused when another credential has the secret; −1: none
 */
export function indexActions(
  table: string,
  { before, isIndexed, after }: { before: Credential | null; isIndexed: boolean; after: Credential | null },
): { actions: TransactAction[]; secretAt: number } {
  const old = before !== null && isIndexed ? entryKeys(before) : [];
  const wanted = after === null ? [] : entryKeys(after);
  const actions: TransactAction[] = missingFrom(wanted, old).map((key) => ({ kind: 'delete', table, key }));
  for (const key of missingFrom(old, wanted))
    actions.push({ kind: 'put', table, item: entryItem(key, after ?? before) });
  const mark = after && secretMark(after);
  // A secret that stands there unchanged was let in before.
  if (after === null || mark === null || (before !== null && secretMark(before) === mark)) {
    return { actions, secretAt: -1 };
  }
  const key = secretKey(mark);
  actions.push({ kind: 'put', table, item: entryItem(key, after), ...ownOrNobodys(after) });
  return { actions, secretAt: actions.length - 1 };
}

/** All entries that a credential has in its transaction; for rows that were written before there were any. */
export function entryKeys(credential: Credential): ItemKey[] {
  return [...listKeys(credential), ...servingKeys(credential)];
}

export function entryItem(key: ItemKey, credential: Pick<Credential, 'upstream' | 'id'> | null): Document {
  const { upstream = '', id = '' } = credential ?? {};
  return { ...key, ...CREDENTIAL_ENTRY_ITEM.write({ upstream, credentialId: id }) };
}

const IS_OURS = {
  condition: '#credentialId = :id AND #upstream = :upstream',
  names: { '#credentialId': 'credentialId', '#upstream': 'upstream' },
};

/** Condition: the entry is this credential's. */
export function ownEntry({ upstream, id }: Pick<Credential, 'upstream' | 'id'>) {
  return { ...IS_OURS, values: { ':id': id, ':upstream': upstream } };
}

export function ownOrNobodys(credential: Pick<Credential, 'upstream' | 'id'>) {
  const own = ownEntry(credential);
  return { ...own, condition: `attribute_not_exists(${PARTITION_KEY}) OR (${own.condition})` };
}

/** Those of the second list that the first has not. */
function missingFrom(wanted: readonly ItemKey[], old: readonly ItemKey[]): ItemKey[] {
  const names = new Set(wanted.map(nameOf));
  return old.filter((key) => !names.has(nameOf(key)));
}

const nameOf = (key: ItemKey): string => `${key[PARTITION_KEY]}\n${key[SORT_KEY]}`;

/** Letters of a text that an entry carries; what is searched for beyond them is compared with the credential. */
const LONGEST_ENTRY = 40;
const MOST_ENTRIES = 120;

/** What nobody made up is looked for from its beginning only. */
const MADE = /^(?:[0-9a-f]{32}|(?:own-)?crd_[a-z2-7]+)$/;

/** Where the entries of a credential's texts stand: one for each letter that a search may begin with. */
export function textKeys(credential: Credential): ItemKey[] {
  const found = new Set<string>();
  for (const whole of searchedTexts(credential)) {
    const starts = MADE.test(whole) ? 1 : Math.max(1, whole.length - 1);
    for (let start = 0; start < starts; start += 1) found.add(whole.slice(start, start + LONGEST_ENTRY));
  }
  return [...found].slice(0, MOST_ENTRIES).map((from) => ({
    [PARTITION_KEY]: textPartition(from),
    [SORT_KEY]: `${from}#${credential.id}#${credential.upstream}`,
  }));
}

export const textPartition = (from: string): string => partition(`text#${from.slice(0, 2)}`);
export const textPrefix = (text: string): string => text.slice(0, LONGEST_ENTRY);

/** Entries that go and come when texts change. */
export function textChanges(before: Credential | null, after: Credential | null): { gone: ItemKey[]; come: ItemKey[] } {
  const [old, wanted] = [before ? textKeys(before) : [], after ? textKeys(after) : []];
  return { gone: missingFrom(wanted, old), come: missingFrom(old, wanted) };
}
