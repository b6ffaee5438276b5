import type { MemoryTokenStore } from './memory-tokens.ts';
import { timeOfRequestId } from '../../layers/kit/ids/request-id.ts';
import { GatewayError } from '../../layers/kit/errors/gateway-error.ts';
import { secretMark } from '../../layers/core/credentials/duplicates.ts';
import { DEFAULT_SETTINGS } from '../../layers/core/catalog/store.ts';
import type { CatalogStore, Model, Price, PublicKey, Settings } from '../../layers/core/catalog/store.ts';
import type { Credential, Upstream, VaultStore } from '../../layers/core/credentials/store.ts';
import type { ApiKey, IdentityStore, Page, PageRequest, User } from '../../layers/core/identity/store.ts';
import { TIME_SLICE_MS } from '../../layers/core/metering/store.ts';
import type { UsageEvent, UsageStore } from '../../layers/core/metering/store.ts';

/**
 * The stores in memory, with the domain outcomes of the tables. Values are copied on the way in and out, so that a
 * test cannot change what is stored by holding on to it. `rows` is there for a test to look at what was written.
 */

export interface MemoryIdentityStore extends IdentityStore {
  rows: { users: Map<string, User>; keys: Map<string, ApiKey> };
}

/** @param seed users and keys that exist from the start */
export function createMemoryIdentityStore(seed: { users?: User[]; keys?: ApiKey[] } = {}): MemoryIdentityStore {
  const users = new Map((seed.users ?? []).map((user) => [user.id, copy(user)]));
  const keys = new Map((seed.keys ?? []).map((key) => [key.id, copy(key)]));
  return {
    rows: { users, keys },
    findUserById: async (userId) => copyOrNull(users.get(userId)),
    findUserByLogin: async (login) =>
      copyOrNull([...users.values()].find((user) => loginNames(user).includes(login.toLowerCase()))),
    async createUser(user) {
      const taken = new Set([...users.values()].flatMap(loginNames));
      if (users.has(user.id) || loginNames(user).some((name) => taken.has(name))) return 'name-taken';
      users.set(user.id, copy(user));
      return 'created';
    },
    listUsers: async (page) =>
      paged([...users.values()].toSorted(byText((user) => user.username)), page, (user) => user.username),
    updateUser: async (userId, change) => merge(users, userId, change),
    async raiseValidAfter(userId, validAfter, change) {
      const user = users.get(userId);
      if (!user) return null;
      if (user.validAfter >= validAfter) return { raised: false, user: copy(user) };
      return { raised: true, user: merge(users, userId, { ...change, validAfter }) ?? copy(user) };
    },
    findKeyByDigest: async (digest) => copyOrNull([...keys.values()].find((key) => key.digest === digest)),
    findKeyById: async (keyId) => copyOrNull(keys.get(keyId)),
    listKeysOfOwner: async (ownerId, page) =>
      paged(
        [...keys.values()].filter((key) => key.ownerId === ownerId).toSorted(byText((key) => key.id)),
        page,
        (key) => key.id,
      ),
    cursorBehindKey: ({ id }) => id,
    async createKey(key, most = null) {
      if (keys.has(key.id) || [...keys.values()].some((other) => other.digest === key.digest)) return 'secret-taken';
      const owned = [...keys.values()].filter((other) => other.ownerId === key.ownerId);
      if (most !== null && owned.length >= most) return 'too-many';
      keys.set(key.id, copy(key));
      return 'created';
    },
    updateKey: async (keyId, change) => merge(keys, keyId, change),
    deleteKey: async (keyId) => keys.delete(keyId),
  };
}

export interface MemoryVaultStore extends VaultStore {
  rows: { upstreams: Map<string, Upstream>; credentials: Map<string, Credential> };
}

export function createMemoryVaultStore(
  seed: { upstreams?: Upstream[]; credentials?: Credential[]; tokens?: MemoryTokenStore } = {},
): MemoryVaultStore {
  const upstreams = new Map((seed.upstreams ?? []).map((upstream) => [upstream.name, copy(upstream)]));
  const credentials = new Map(
    (seed.credentials ?? []).map((credential) => [idOf(credential.upstream, credential.id), copy(credential)]),
  );
  const putCredential: VaultStore['putCredential'] = async (credential, tokens = { kind: 'keep' }) => {
    const before = credentials.get(idOf(credential.upstream, credential.id));
    const mark = secretMark(credential);
    const isNew = mark !== null && (!before || secretMark(before) !== mark);
    if (isNew && [...credentials.values()].some((one) => one.id !== credential.id && secretMark(one) === mark)) {
      throw new GatewayError('conflict', { message: 'Another credential has this secret.', param: 'secret' });
    }
    const key = { upstream: credential.upstream, credentialId: credential.id };
    credentials.set(idOf(credential.upstream, credential.id), copy(credential));
    if (credential.kind === 'oauth') seed.tokens?.change(key, tokens);
  };
  return {
    rows: { upstreams, credentials },
    findUpstream: async (name) => copyOrNull(upstreams.get(name)),
    listUpstreams: async () => copy([...upstreams.values()].toSorted(byText((upstream) => upstream.name))),
    putUpstream: async (upstream) => void upstreams.set(upstream.name, copy(upstream)),
    deleteUpstream: async (name) => upstreams.delete(name),
    listCredentials: async (upstream) =>
      copy(
        [...credentials.values()]
          .filter((credential) => credential.upstream === upstream)
          .toSorted(byText((credential) => credential.name))
          .toSorted((left, right) => left.priority - right.priority),
      ),
    findCredential: async (upstream, id) => copyOrNull(credentials.get(idOf(upstream, id))),
    findCredentialByName: async (upstream, name) =>
      copyOrNull([...credentials.values()].find((one) => one.upstream === upstream && one.name === name)),
    async findCredentialBySecret(mark) {
      const key = seed.tokens?.marks.get(mark);
      const rotated = key && credentials.get(idOf(key.upstream, key.credentialId));
      return copyOrNull([...credentials.values()].find((one) => secretMark(one) === mark) ?? rotated);
    },
    putCredential,
    addCredential: putCredential,
    deleteCredential: async (upstream, id) => credentials.delete(idOf(upstream, id)),
  };
}

export interface MemoryCatalogStore extends CatalogStore {
  rows: { models: Map<string, Model>; prices: Map<string, Price>; publicKeys: Map<string, PublicKey> };
}

export function createMemoryCatalogStore(
  seed: { models?: Model[]; settings?: Partial<Settings>; publicKeys?: PublicKey[] } = {},
): MemoryCatalogStore {
  const models = new Map<string, Model>();
  const prices = new Map<string, Price>();
  const priceTimes = new Map<string, number>();
  const publicKeys = new Map((seed.publicKeys ?? []).map((key) => [`${key.name}\n${key.version}`, copy(key)]));
  let settings: Settings = { ...DEFAULT_SETTINGS, ...seed.settings };
  let revision = 0;
  const putModel = (model: Model): void => {
    models.set(model.name, copy(model));
    for (const price of [model.price, ...model.routes.map((route) => route.price)]) {
      const priceId = `${model.name}\n${price?.version}`;
      if (price && !prices.has(priceId)) {
        prices.set(priceId, copy(price));
        priceTimes.set(priceId, model.updatedAt);
      }
    }
  };
  for (const model of seed.models ?? []) putModel(model);
  return {
    rows: { models, prices, publicKeys },
    findModel: async (name) => copyOrNull(models.get(name)),
    listModels: async () => copy([...models.values()].toSorted(byText((model) => model.name))),
    putModel: async (model) => putModel(model),
    deleteModel: async (name) => models.delete(name),
    findPrice: async (model, version) => copyOrNull(prices.get(`${model}\n${version}`)),
    listPrices: async (model) =>
      [...prices]
        .filter(([id]) => id.startsWith(`${model}\n`))
        .map(([id, price]) => ({ ...copy(price), createdAt: priceTimes.get(id) }))
        .toSorted((left, right) => left.version - right.version),
    readSettings: async () => copy(settings),
    readVersionedSettings: async () => copy({ settings, version: revision }),
    async changeSettings(change, seenVersion) {
      if (seenVersion !== undefined && seenVersion !== revision) return 'conflict';
      if (Object.keys(change).length > 0) revision += 1;
      settings = { ...settings, ...copy(change) };
      return copy({ settings, version: revision });
    },
    findPublicKey: async (name, version) => copyOrNull(publicKeys.get(`${name}\n${version}`)),
    listPublicKeys: async (name) => copy([...publicKeys.values()].filter((key) => key.name === name)),
    publishPublicKey: async (key) => void publicKeys.set(`${key.name}\n${key.version}`, copy(key)),
  };
}

export interface MemoryUsageStore extends UsageStore {
  rows: Map<string, UsageEvent>;
}

export function createMemoryUsageStore(seed: UsageEvent[] = []): MemoryUsageStore {
  const rows = new Map(seed.map((event) => [event.requestId, copy(event)]));
  const closedWithin = (range: { from: number; to: number }): UsageEvent[] =>
    [...rows.values()]
      .filter((event) => event.phase === 'closed' && timeOf(event) >= range.from && timeOf(event) < range.to)
      .toSorted(byText((event) => event.requestId))
      .toReversed();
  return {
    rows,
    async openEvent(event) {
      if (rows.has(event.requestId)) return 'exists';
      rows.set(event.requestId, { ...copy(event), phase: 'open', closing: null });
      return 'opened';
    },
    async closeEvent(requestId, closing) {
      const stored = rows.get(requestId);
      if (!stored) return { outcome: 'not-found' };
      if (stored.phase === 'closed') return { outcome: 'already-closed', event: copy(stored) };
      const event: UsageEvent = { ...stored, phase: 'closed', closing: copy(closing) };
      rows.set(requestId, event);
      return { outcome: 'closed' };
    },
    findEvent: async (requestId) => copyOrNull(rows.get(requestId)),
    async noteLate(requestId, late) {
      const stored = rows.get(requestId);
      if (stored) rows.set(requestId, { ...stored, late: stored.late ?? copy(late) });
    },
    listEventsOfUser: async (userId, range, page) =>
      paged(
        closedWithin(range).filter((event) => event.userId === userId),
        page,
        requestIdOf,
      ),
    listEventsOfKey: async (keyId, range, page) =>
      paged(
        closedWithin(range).filter((event) => event.keyId === keyId),
        page,
        requestIdOf,
      ),
    async listEventsOfSlice(startMs, page) {
      const events = [...rows.values()].filter((event) => sliceOf(timeOf(event)) === sliceOf(startMs));
      return paged(events.toSorted(byText(requestIdOf)), page, requestIdOf);
    },
  };
}

function loginNames(user: User): string[] {
  return [user.username, user.email].flatMap((name) => (name === null ? [] : [name.toLowerCase()]));
}

function idOf(upstream: string, credentialId: string): string {
  return `${upstream}\n${credentialId}`;
}

function timeOf(event: UsageEvent): number {
  return timeOfRequestId(event.requestId) ?? event.startedAt;
}

function sliceOf(timeMs: number): number {
  return Math.floor(timeMs / TIME_SLICE_MS);
}

function requestIdOf(event: UsageEvent): string {
  return event.requestId;
}

/** The page after the item that the cursor names; `items` are in their final order. */
function paged<Item>(items: Item[], page: PageRequest, cursorOf: (item: Item) => string): Page<Item> {
  const start = page.cursor === null ? 0 : items.findIndex((item) => cursorOf(item) === page.cursor) + 1;
  const slice = items.slice(start, start + page.limit);
  const last = slice.at(-1);
  const more = start + page.limit < items.length;
  return { items: copy(slice), nextCursor: more && last !== undefined ? cursorOf(last) : null };
}

function merge<Row>(rows: Map<string, Row>, id: string, change: Partial<NoInfer<Row>>): Row | null {
  const row = rows.get(id);
  if (!row) return null;
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const merged = { ...row, ...copy(Object.fromEntries(given)) } as Row;
  rows.set(id, merged);
  return copy(merged);
}

function byText<Item>(textOf: (item: Item) => string): (left: Item, right: Item) => number {
  return (left, right) => (textOf(left) < textOf(right) ? -1 : textOf(left) > textOf(right) ? 1 : 0);
}

function copy<Value>(value: Value): Value {
  return structuredClone(value);
}

function copyOrNull<Value>(value: Value | undefined): Value | null {
  return value === undefined ? null : copy(value);
}
