import {
  foldText,
  searchedTexts,
  type CredentialRecords,
  type PlaceOfRecord,
} from '../../layers/core/credentials/records/store.ts';
import { secretMark } from '../../layers/core/credentials/duplicates.ts';
import type { Credential } from '../../layers/core/credentials/store.ts';
import type { MemoryVaultStore } from './memory-stores.ts';

/** The questions about records over the credentials of a vault in memory. Cursors are numbers. */
export function createMemoryRecords(vault: Pick<MemoryVaultStore, 'rows'>): CredentialRecords {
  const all = (): Credential[] =>
    structuredClone([...vault.rows.credentials.values()]).toSorted(
      (left, right) => right.createdAt - left.createdAt || (left.id < right.id ? 1 : -1),
    );
  const paged = (found: Credential[], { limit, cursor }: { limit: number; cursor: string | null }) => {
    const from = Number(cursor ?? 0);
    const next = from + limit;
    return { credentials: found.slice(from, next), nextCursor: next < found.length ? String(next) : null };
  };
  const find = ({ upstream, credentialId }: PlaceOfRecord): Credential | undefined =>
    all().find((one) => one.upstream === upstream && one.id === credentialId);
  return {
    async list(facets, page) {
      const { upstream, kind, enabled, tags, createdFrom = 0, createdTo = Infinity } = facets;
      const fits = (one: Credential): boolean =>
        (upstream === undefined || one.upstream === upstream) &&
        (kind === undefined || one.kind === kind) &&
        (enabled === undefined || one.enabled === enabled) &&
        (tags === undefined || tags.includes(foldText(one.tag ?? ''))) &&
        one.createdAt >= createdFrom &&
        one.createdAt < createdTo;
      return paged(all().filter(fits), page);
    },
    search: async (text, page) =>
      paged(
        all().filter((one) => searchedTexts(one).some((searched) => searched.includes(text))),
        page,
      ),
    async findTags(text, limit) {
      const tags = new Set(all().flatMap(({ tag }) => (tag ? [foldText(tag)] : [])));
      return [...tags].filter((tag) => tag.includes(text)).slice(0, limit);
    },
    findMany: async (places) => places.flatMap((place) => find(place) ?? []),
    findByName: async (upstream, name) =>
      all().find((one) => one.upstream === upstream && one.name === name) ?? null,
    async findBySecret(mark) {
      const found = all().find((one) => secretMark(one) === mark);
      return found ? { upstream: found.upstream, credentialId: found.id } : null;
    },
    async reassign(before, change, now) {
      const key = `${before.upstream}\n${before.id}`;
      const stored = vault.rows.credentials.get(key);
      if (!stored || stored.updatedAt !== before.updatedAt) return false;
      const { proxy, clientId = stored.clientId } = change;
      vault.rows.credentials.set(key, { ...stored, ...proxy, clientId, updatedAt: now });
      return true;
    },
  };
}
