import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createSignedTableClient } from '../../../layers/aws/signed-table-client.ts';
import { createIdentityStore } from '../../../layers/aws/tables/identity.ts';
import type { ApiKey, IdentityStore, User } from '../../../layers/core/identity/store.ts';
import { createPrefixedId } from '../../../layers/kit/ids/prefixed-id.ts';
import { startEmbeddedTables, testAws, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { startFaultFront, type FaultFront } from '../../support/fault-front.ts';

let embedded: EmbeddedTables;
let front: FaultFront;
let store: IdentityStore;
let close: () => Promise<void>;
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  front = await startFaultFront(embedded.url);
  const client = createSignedTableClient({
    aws: testAws({ dynamodb: front.url }),
    retries: { sleep: async () => undefined },
  });
  store = createIdentityStore(client, embedded.tables.identity);
  close = () => client.close();
});
afterAll(async () => {
  await close();
  await front.close();
  await embedded.close();
});

let counter = 0;
beforeEach(() => {
  counter += 1;
});

function aUser(change: Partial<User> = {}): User {
  return {
    id: createPrefixedId('usr'),
    username: `user-${counter}-${createPrefixedId('usr')}`,
    email: null,
    role: 'user',
    passwordHash: null,
    enabled: true,
    silenced: false,
    emailVerified: false,
    validAfter: 0,
    trustLevel: 0,
    mustChangePassword: false,
    createdAt: 1_790_000_000_000,
    ...change,
  };
}

function aKey(change: Partial<ApiKey> = {}): ApiKey {
  const id = createPrefixedId('key');
  return {
    id,
    ownerId: `owner-${counter}`,
    name: 'ci',
    digest: `digest-of-${id}`,
    pepperVersion: 'v1',
    preview: 'sk-…',
    enabled: true,
    expiresAt: null,
    models: ['*'],
    limits: { requestsPerMinute: 60, perDay: { chat: -1, image: 10 }, budgetMicrosPerMonth: null },
    createdAt: 1_790_000_000_000,
    ...change,
  };
}

describe('users', () => {
  it('are found by id and by either name, however it is spelt', async () => {
    const user = aUser({ username: `Änne-${counter}`, email: `Anne.${counter}@Example.com` });
    expect(await store.createUser(user)).toBe('created');
    expect(await store.findUserById(user.id)).toEqual(user);
    expect(await store.findUserByLogin(`äNNE-${counter}`)).toEqual(user);
    expect(await store.findUserByLogin(`anne.${counter}@example.COM`)).toEqual(user);
    expect(await store.findUserByLogin('nobody')).toBeNull();
    expect(await store.findUserById('usr_nobody')).toBeNull();
  });

  it('a name that is taken, as a user name or as an address, creates nothing at all', async () => {
    const first = aUser({ username: `first-${counter}`, email: `first-${counter}@example.com` });
    await store.createUser(first);
    const second = aUser({ username: `FIRST-${counter}@example.com`, email: `second-${counter}@example.com` });
    expect(await store.createUser(second)).toBe('name-taken');
    expect(await store.findUserById(second.id)).toBeNull();
    expect(await store.findUserByLogin(`second-${counter}@example.com`)).toBeNull();
  });

  it('whose name and address are the same text need it only once', async () => {
    const user = aUser({ username: `same-${counter}@example.com`, email: `Same-${counter}@example.com` });
    expect(await store.createUser(user)).toBe('created');
  });

  it('one of fifty parallel creations under one name wins', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => store.createUser(aUser({ username: `race-${counter}` }))),
    );
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
  });

  it.each(['answer-lost', 'answer-cut', 'failed-after', 'refused-before'] as const)(
    'a creation whose answer is lost is one creation: %s',
    async (fault) => {
      const user = aUser();
      front.arm('TransactWriteItems', [fault]);
      expect(await store.createUser(user)).toBe('created');
      expect(await store.findUserByLogin(user.username)).toEqual(user);
      expect(await store.createUser({ ...user, id: 'usr_other' })).toBe('name-taken');
    },
  );

  it('are changed field by field, and never brought into being by a change', async () => {
    const user = aUser();
    await store.createUser(user);
    expect(await store.updateUser(user.id, { silenced: true, validAfter: 7 })).toEqual({
      ...user,
      silenced: true,
      validAfter: 7,
    });
    expect(await store.updateUser(user.id, {})).toMatchObject({ silenced: true });
    expect(await store.updateUser('usr_nobody', { enabled: false })).toBeNull();
    expect(await store.findUserById('usr_nobody')).toBeNull();
  });

  it('are listed by name, page by page, each once', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await store.listUsers({ limit: 7, cursor });
      expect(page.items.length).toBeLessThanOrEqual(7);
      seen.push(...page.items.map((user) => user.username.toLowerCase()));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual([...new Set(seen)].toSorted());
    expect(seen).toContain('first-2');
  });

  it('a login that is no possible name is not found, and no error', async () => {
    expect(await store.findUserByLogin('')).toBeNull();
    expect(await store.findUserByLogin('x'.repeat(5_000))).toBeNull();
  });
});

describe('keys', () => {
  it('are found by digest and by id, with all limits', async () => {
    const key = aKey();
    expect(await store.createKey(key)).toBe('created');
    expect(await store.findKeyByDigest(key.digest)).toEqual(key);
    expect(await store.findKeyById(key.id)).toEqual(key);
    expect(await store.findKeyByDigest('digest-of-nothing')).toBeNull();
  });

  it('a digest or an id that is in use is refused and leaves nothing behind', async () => {
    const key = aKey();
    await store.createKey(key);
    const sameSecret = aKey({ digest: key.digest });
    expect(await store.createKey(sameSecret)).toBe('secret-taken');
    expect(await store.findKeyById(sameSecret.id)).toBeNull();
    const sameId = aKey({ id: key.id });
    expect(await store.createKey(sameId)).toBe('secret-taken');
    expect(await store.findKeyByDigest(sameId.digest)).toBeNull();
    expect(await store.createKey(key)).toBe('secret-taken');
  });

  it.each(['answer-lost', 'answer-cut', 'failed-after', 'refused-before'] as const)(
    'a creation or a deletion whose answer is lost is one: %s',
    async (fault) => {
      const key = aKey();
      front.arm('TransactWriteItems', [fault]);
      expect(await store.createKey(key)).toBe('created');
      expect(await store.findKeyById(key.id)).toEqual(key);
      front.arm('TransactWriteItems', [fault]);
      expect(await store.deleteKey(key.id)).toBe(true);
      expect(await store.findKeyByDigest(key.digest)).toBeNull();
    },
  );

  it('are changed and deleted by id; a deleted one is found no more', async () => {
    const key = aKey();
    await store.createKey(key);
    const change = { enabled: false, models: ['a', 'b'], limits: { maxConcurrent: 3 }, channel: 'openai' };
    expect(await store.updateKey(key.id, change)).toEqual({ ...key, ...change });
    expect(await store.findKeyByDigest(key.digest)).toEqual({ ...key, ...change });
    expect(await store.deleteKey(key.id)).toBe(true);
    expect(await store.deleteKey(key.id)).toBe(false);
    expect(await store.findKeyById(key.id)).toBeNull();
    expect(await store.updateKey(key.id, { enabled: true })).toBeNull();
    expect((await store.listKeysOfOwner(key.ownerId, { limit: 10, cursor: null })).items).toEqual([]);
  });

  it('of one owner come to the most that are allowed and never more, however many are made at once', async () => {
    const most = 10;
    const keys = Array.from({ length: 20 }, () => aKey());
    const outcomes = await Promise.all(keys.map((key) => store.createKey(key, most)));
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(most);
    expect(outcomes.filter((outcome) => outcome === 'too-many')).toHaveLength(10);
    const [owner] = keys.map((key) => key.ownerId);
    const list = () => store.listKeysOfOwner(owner!, { limit: 50, cursor: null });
    const { items } = await list();
    expect(items).toHaveLength(most);
    // Deletions make room, one for one, at once too.
    const deleted = items.slice(0, 3).flatMap((key) => [store.deleteKey(key.id), store.deleteKey(key.id)]);
    expect((await Promise.all(deleted)).filter(Boolean)).toHaveLength(3);
    const again = await Promise.all(Array.from({ length: 5 }, () => store.createKey(aKey(), most)));
    expect(again.filter((outcome) => outcome === 'created')).toHaveLength(3);
    expect((await list()).items).toHaveLength(most);
    // What is not limited is counted all the same.
    expect(await store.createKey(aKey(), null)).toBe('created');
    expect(await store.createKey(aKey(), most + 1)).toBe('too-many');
    expect(await store.createKey(aKey({ digest: items[5]!.digest }), 100)).toBe('secret-taken');
    expect(await store.createKey(aKey(), most + 2)).toBe('created');
  });

  it('of one owner are listed newest first, page by page, and nobody else’s with them', async () => {
    const keys = [];
    for (let index = 0; index < 9; index += 1) {
      const key = aKey({ createdAt: 1_790_000_000_000 + Math.floor(index / 2) });
      keys.push(key);
      await store.createKey(key);
    }
    await store.createKey(aKey({ ownerId: `owner-${counter}x` }));
    const seen: ApiKey[] = [];
    const sizes: number[] = [];
    let cursor: string | null = null;
    do {
      const page = await store.listKeysOfOwner(`owner-${counter}`, { limit: 3, cursor });
      seen.push(...page.items);
      sizes.push(page.items.length);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(sizes).toEqual([3, 3, 3]);
    expect(new Set(seen.map((key) => key.id))).toEqual(new Set(keys.map((key) => key.id)));
    expect(seen.map((key) => key.createdAt)).toEqual(seen.map((key) => key.createdAt).toSorted((a, b) => b - a));
    const behind = await store.listKeysOfOwner(`owner-${counter}`, {
      limit: 9,
      cursor: store.cursorBehindKey(seen[3]!),
    });
    expect(behind.items).toEqual(seen.slice(4));
  });

  it('a cursor shows no digest, and one that was made up or belongs to another list is refused', async () => {
    for (let index = 0; index < 3; index += 1) await store.createKey(aKey());
    const { nextCursor, items } = await store.listKeysOfOwner(`owner-${counter}`, { limit: 1, cursor: null });
    expect(Buffer.from(nextCursor ?? '', 'base64url').toString()).not.toContain(items[0]?.digest);
    const users = Buffer.from('users somebody').toString('base64url');
    for (const cursor of ['', 'x', '%%%', users, `${nextCursor}=`, Buffer.from('keys ').toString('base64url')]) {
      await expect(store.listKeysOfOwner(`owner-${counter}`, { limit: 1, cursor })).rejects.toMatchObject({
        code: 'invalid_field',
        param: 'cursor',
      });
    }
  });
});

describe('the stamp that ends sessions', () => {
  it('only grows, and is written together with what of the user changes with it', async () => {
    const user = aUser({ id: 'usr_stamped', username: 'stamped', email: null, validAfter: 5 });
    await store.createUser(user);
    const later = { ...user, validAfter: 7, passwordHash: 'new', mustChangePassword: false };
    const change = { passwordHash: 'new', mustChangePassword: false };
    expect(await store.raiseValidAfter(user.id, 7, change)).toEqual({ raised: true, user: later });
    expect(await store.raiseValidAfter(user.id, 7, { passwordHash: 'other' })).toEqual({ raised: false, user: later });
    expect(await store.raiseValidAfter(user.id, 6, { passwordHash: 'other' })).toEqual({ raised: false, user: later });
    expect(await store.findUserById(user.id)).toEqual(later);
    expect(await store.raiseValidAfter('usr_nobody', 9, {})).toBeNull();
  });
});
