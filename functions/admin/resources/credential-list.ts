import type { CredentialListQuery } from '@sluice/contract/credential-records';
import { collect, type Collected } from '@sluice/core/credentials/records/collect';
import { foldText, searchedTexts, SHORTEST_SEARCH, type RecordFacets } from '@sluice/core/credentials/records/store';
import type { Credential } from '@sluice/core/credentials/store';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import { InputRefused } from '../refusal.ts';
import type { AdminServices } from '../services.ts';
import { viewCredentials, type CredentialView } from './credential-views.ts';

const DAY_MS = 86_400_000;
/** Pages that one call looks through for those that are asked for. */
const MOST_ROUNDS = 4;
/** Lists of tags that are read beside each other. */
const MOST_TAGS = 20;

/** Newest first; what is searched for comes in the order of the text. */
export async function listCredentials(
  services: AdminServices,
  { query }: Call<undefined, CredentialListQuery, Caller>,
): Promise<Answer> {
  const { limit, cursor = null } = query;
  const read = await readerOf(services, query);
  const fits = filterOf(query, services.timeZoneOffsetMinutes);
  const page = await collect(
    read,
    async (credentials): Promise<CredentialView[]> => {
      const views = await viewCredentials(services, credentials.filter(fits));
      return query.state === undefined ? views : views.filter(({ state }) => state === query.state);
    },
    { limit, cursor, mostRounds: MOST_ROUNDS },
  );
  const { nextCursor } = page;
  return success(page.items, {
    pagination: { limit, next_cursor: nextCursor, has_more: nextCursor !== null },
  });
}

type Reader = (page: { limit: number; cursor: string | null }) => Promise<Collected<Credential>>;

/** What leaves out most without being read: a text, a tag, then the lists. */
async function readerOf(services: AdminServices, query: CredentialListQuery): Promise<Reader> {
  const { records } = services;
  const text = [query.search, query.biz_id, query.email]
    .flatMap((given) => (given === undefined ? [] : [foldText(given)]))
    .toSorted((left, right) => right.length - left.length)[0];
  if (text !== undefined) {
    if (text.length < SHORTEST_SEARCH) {
      const path = query.search !== undefined ? 'search' : query.biz_id !== undefined ? 'biz_id' : 'email';
      throw new InputRefused([{ path, message: `Expected ${SHORTEST_SEARCH} letters or more` }]);
    }
    return async (page) => {
      const { credentials, nextCursor } = await records.search(text, page);
      return { items: credentials, nextCursor };
    };
  }
  const facets = await facetsOf(services, query);
  if (facets === null) return async () => ({ items: [], nextCursor: null });
  return async (page) => {
    const { credentials, nextCursor } = await records.list(facets, page);
    return { items: credentials, nextCursor };
  };
}

/** Null: no tag is like that. */
async function facetsOf(services: AdminServices, query: CredentialListQuery): Promise<RecordFacets | null> {
  const { upstream, kind, tag, state, created } = query;
  // A credential that is switched off may be invalid too, and no other state is one of those.
  const isOff = state === 'disabled' ? undefined : state === undefined || state === 'invalid' ? undefined : true;
  const facets: RecordFacets = {
    upstream,
    kind,
    enabled: query.enabled ?? isOff,
    ...(created !== undefined && dayOf(created, services.timeZoneOffsetMinutes)),
  };
  if (tag === undefined) return facets;
  const tags = await services.records.findTags(foldText(tag), MOST_TAGS + 1);
  if (tags.length === 0) return null;
  return tags.length > MOST_TAGS ? facets : { ...facets, tags };
}

function dayOf(day: string, offsetMinutes: number): { createdFrom: number; createdTo: number } {
  const start = Date.parse(`${day}T00:00:00Z`) - offsetMinutes * 60_000;
  if (Number.isNaN(start)) throw new InputRefused([{ path: 'created', message: 'Expected a day such as 2026-03-01' }]);
  return { createdFrom: start, createdTo: start + DAY_MS };
}

function filterOf(query: CredentialListQuery, offsetMinutes: number): (credential: Credential) => boolean {
  const has = (text: string | null | undefined, part: string | undefined): boolean =>
    part === undefined || foldText(text ?? '').includes(foldText(part));
  const day = query.created === undefined ? null : dayOf(query.created, offsetMinutes);
  const search = query.search === undefined ? null : foldText(query.search);
  return (credential) => {
    const { upstream, kind, tier, enabled, bizId, email, tag, createdAt } = credential;
    return (
      (query.upstream === undefined || query.upstream === upstream) &&
      (query.kind === undefined || query.kind === kind) &&
      (query.tier === undefined || query.tier === tier) &&
      (query.enabled === undefined || query.enabled === enabled) &&
      (has(kind, query.type) || has(tier, query.type)) &&
      has(bizId, query.biz_id) &&
      has(email, query.email) &&
      has(tag, query.tag) &&
      (day === null || (createdAt >= day.createdFrom && createdAt < day.createdTo)) &&
      (search === null || searchedTexts(credential).some((text) => text.includes(search)))
    );
  };
}
