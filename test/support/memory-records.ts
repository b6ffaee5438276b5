import type { CredentialLists, ProxyMember } from '../../layers/core/credentials/records/lists.ts';
import { foldText, searchedTexts, type CredentialRecords } from '../../layers/core/credentials/records/store.ts';
import { ringPosition, servingClass } from '../../layers/aws/tables/credential-index.ts';
import type { ServingEntry, ServingList } from '../../layers/core/credentials/serving.ts';
import type { Credential } from '../../layers/core/credentials/store.ts';
import type { MemoryVaultStore } from './memory-stores.ts';

/** Lists of what a vault in memory holds. */
export function createMemoryRecords({ rows }: Pick<MemoryVaultStore, 'rows'>): CredentialRecords {
  const all = (): Credential[] => structuredClone([...rows.credentials.values()]);
  const positionOf = ({ createdAt, id, upstream }: Credential): string =>
    `${String(createdAt).padStart(15, '0')}#${id}#${upstream}`;
  const page = (sorted: Credential[], limit: number, cursor: string | null) => {
    const start = cursor === null ? 0 : sorted.findIndex((one) => positionOf(one) === cursor) + 1;
    const credentials = sorted.slice(start, start + limit);
    const last = credentials.at(-1);
    return { credentials, nextCursor: sorted.length > start + limit && last ? positionOf(last) : null };
  };
  return {
    async list({ upstream, kind, enabled, tags, createdFrom = 0, createdTo = Infinity }, { limit, cursor }) {
      const found = all().filter(
        (one) =>
          (upstream === undefined || one.upstream === upstream) &&
          (kind === undefined || one.kind === kind) &&
          (enabled === undefined || one.enabled === enabled) &&
          (tags === undefined || tags.includes(foldText(one.tag ?? ''))) &&
          one.createdAt >= createdFrom &&
          one.createdAt < createdTo,
      );
      return page(
        found.toSorted((left, right) => (positionOf(left) < positionOf(right) ? 1 : -1)),
        limit,
        cursor,
      );
    },
    async search(text, { limit, cursor }) {
      const found = all().filter((one) => searchedTexts(one).some((whole) => whole.includes(text)));
      return page(
        found.toSorted((left, right) => (positionOf(left) < positionOf(right) ? 1 : -1)),
        limit,
        cursor,
      );
    },
    async findTags(text, limit) {
      const tags = new Set(all().flatMap(({ tag }) => (tag ? [foldText(tag)] : [])));
      return [...tags].filter((tag) => tag.includes(text)).slice(0, limit);
    },
    async findMany(places) {
      const names = new Set(places.map(({ upstream, credentialId }) => `${upstream}\n${credentialId}`));
      const found = [...rows.credentials.values()].filter(({ upstream, id }) => names.has(`${upstream}\n${id}`));
      return structuredClone(found);
    },
    async reassign(before, { proxy, clientId }, now) {
      const key = [...rows.credentials.entries()].find(
        ([, one]) => one.id === before.id && one.upstream === before.upstream,
      )?.[0];
      const stored = key === undefined ? undefined : rows.credentials.get(key);
      if (key === undefined || stored === undefined) return false;
      if (stored.proxyUrl !== before.proxyUrl || (stored.clientId ?? null) !== (before.clientId ?? null)) return false;
      rows.credentials.set(key, { ...stored, ...proxy, ...(clientId !== undefined && { clientId }), updatedAt: now });
      return true;
    },
  };
}

export function createMemoryCredentialLists(): CredentialLists {
  let proxies: ProxyMember[] = [];
  const clientIds = new Map<string, string[]>();
  return {
    listProxies: async () => structuredClone(proxies),
    putProxies: async (members) => void (proxies = structuredClone([...members])),
    readClientIds: async (upstream) => [...(clientIds.get(upstream) ?? [])],
    putClientIds: async (upstream, ids) => void clientIds.set(upstream, [...ids]),
  };
}

/** Enabled credentials in the order of the table. */
export function createMemoryServing({ rows }: Pick<MemoryVaultStore, 'rows'>): ServingList {
  const positions = new Map<string, number>();
  const positionOf = (id: string): number => {
    const known = positions.get(id) ?? Number.parseInt(ringPosition(id), 16);
    positions.set(id, known);
    return known;
  };
  const all = (upstream: string): ServingEntry[] =>
    [...rows.credentials.values()]
      .filter((one) => one.upstream === upstream && one.enabled && one.disabledByOwner !== true)
      .map((one) => ({
        credentialId: one.id,
        servingClass: servingClass(one),
        position: positionOf(one.id),
      }))
      .toSorted(
        (left, right) =>
          (left.servingClass < right.servingClass ? -1 : Number(left.servingClass > right.servingClass)) ||
          left.position - right.position,
      );
  return {
    async head(upstream, limit) {
      const entries = all(upstream);
      return { entries: entries.slice(0, limit), isWhole: entries.length <= limit };
    },
    async around(upstream, ofClass, { position, limit }) {
      const entries = all(upstream).filter((one) => one.servingClass === ofClass);
      const start = entries.findIndex((one) => one.position >= position);
      const turned = start < 0 ? entries : [...entries.slice(start), ...entries.slice(0, start)];
      return turned.slice(0, limit);
    },
    has: async (upstream, ofClass) => all(upstream).some((one) => one.servingClass === ofClass),
  };
}
