import fc from 'fast-check';
import { createSdkTableClient } from '../../../layers/aws/sdk-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import { createAccountStore } from '../../../layers/aws/tables/accounts.ts';
import { createIdentityStore } from '../../../layers/aws/tables/identity.ts';
import { createThrottleStore } from '../../../layers/aws/tables/throttles.ts';
import { createUserSettingsStore } from '../../../layers/aws/tables/user-settings.ts';
import type { AccountStore, MailedLink } from '../../../layers/core/identity/account-store.ts';
import { createLink } from '../../../layers/core/identity/mailed-links.ts';
import { createPasswordReset } from '../../../layers/core/identity/password-reset.ts';
import type { IdentityStore, User } from '../../../layers/core/identity/store.ts';
import { createUserAdministration } from '../../../layers/core/identity/user-administration.ts';
import { createPrefixedId } from '../../../layers/kit/ids/prefixed-id.ts';
import { startEmbeddedTables, testAws, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { startFaultFront, type Fault, type FaultFront } from '../../support/fault-front.ts';

let embedded: EmbeddedTables;
let front: FaultFront;
let client: TableClient;
let identity: IdentityStore;
let accounts: AccountStore;
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  front = await startFaultFront(embedded.url);
  client = createSdkTableClient({
    aws: testAws({ dynamodb: front.url }),
    retries: { attempts: 2, sleep: async () => undefined },
  });
  identity = createIdentityStore(client, embedded.tables.identity);
  accounts = createAccountStore(client, embedded.tables.identity);
});
afterAll(async () => {
  await client.close();
  await front.close();
  await embedded.close();
});

const NOW = Date.parse('2026-03-01T12:00:00Z');

async function aStoredUser(change: Partial<User> = {}): Promise<User> {
  const id = createPrefixedId('usr');
  const user: User = {
    id,
    username: `name-${id}`,
    email: `${id}@example.com`,
    role: 'user',
    passwordHash: 'old hash',
    enabled: true,
    silenced: false,
    emailVerified: false,
    validAfter: 0,
    trustLevel: 0,
    mustChangePassword: false,
    createdAt: NOW,
    ...change,
  };
  expect(await identity.createUser(user)).toBe('created');
  return user;
}

async function aStoredLink(user: User, change: Partial<MailedLink> = {}): Promise<MailedLink> {
  const link: MailedLink = {
    tokenDigest: createPrefixedId('ses'),
    purpose: 'reset-password',
    userId: user.id,
    email: user.email ?? '',
    stamp: 'stamp',
    createdAt: NOW,
    expiresAt: NOW + 3_600_000,
    usedAt: null,
    ...change,
  };
  await accounts.createLink(link);
  return link;
}

describe('a change of a user', () => {
  it('exchanges the guards of the names with them: old ones are free, new ones taken', async () => {
    const user = await aStoredUser();
    const change = { username: `New-${user.id}`, email: `NEW-${user.id}@example.com`, emailVerified: true };
    const outcome = await accounts.changeUser({ user, change });
    expect(outcome).toEqual({ outcome: 'changed', user: { ...user, ...change } });
    expect(await identity.findUserById(user.id)).toEqual({ ...user, ...change });
    expect((await identity.findUserByLogin(`new-${user.id}@EXAMPLE.com`))?.id).toBe(user.id);
    expect(await identity.findUserByLogin(user.username)).toBeNull();
    await aStoredUser({ username: user.username, email: user.email });
  });

  it('is refused as a whole when one of the names is taken', async () => {
    const [user, other] = [await aStoredUser(), await aStoredUser()];
    const link = await aStoredLink(user);
    const change = { username: `new-${user.id}`, email: other.email?.toUpperCase() ?? '', trustLevel: 5 };
    const used = { tokenDigest: link.tokenDigest, now: NOW };
    expect(await accounts.changeUser({ user, change, link: used })).toEqual({ outcome: 'name-taken' });
    expect(await identity.findUserById(user.id)).toEqual(user);
    expect(await identity.findUserByLogin(`new-${user.id}`)).toBeNull();
    expect((await accounts.findLink(link.tokenDigest))?.usedAt).toBeNull();
  });

  it.each([
    ['username', 'another'],
    ['email', null],
    ['role', 'admin'],
    ['enabled', false],
    ['passwordHash', 'newer hash'],
    ['validAfter', 7],
  ])('is refused when the %s is another than was judged', async (name, value) => {
    const user = await aStoredUser();
    await accounts.changeUser({ user, change: { [name]: name === 'username' ? `${value}-${user.id}` : value } });
    expect(await accounts.changeUser({ user, change: { trustLevel: 1 } })).toEqual({ outcome: 'changed-meanwhile' });
    expect((await identity.findUserById(user.id))?.trustLevel).toBe(0);
  });

  it('uses a link up once, whatever the user looks like', async () => {
    const user = await aStoredUser();
    const link = await aStoredLink(user);
    const use = (now: number) =>
      accounts.changeUser({ user, change: { emailVerified: true }, link: { tokenDigest: link.tokenDigest, now } });
    expect((await use(link.expiresAt)).outcome).toBe('link-used');
    expect((await use(link.expiresAt - 1)).outcome).toBe('changed');
    expect((await use(NOW)).outcome).toBe('link-used');
    const unknown = { tokenDigest: 'nothing', now: NOW };
    expect((await accounts.changeUser({ user, change: { trustLevel: 1 }, link: unknown })).outcome).toBe('link-used');
  });

  it('needs an actor who still is what was judged', async () => {
    const [user, admin] = [await aStoredUser(), await aStoredUser({ role: 'admin' })];
    const change = (role: User['role'], id = admin.id) =>
      accounts.changeUser({ user, change: { trustLevel: 1 }, actor: { id, role } });
    expect((await change('super_admin')).outcome).toBe('actor-refused');
    expect((await change('admin', 'usr_gone')).outcome).toBe('actor-refused');
    expect((await change('admin')).outcome).toBe('changed');
    await identity.updateUser(admin.id, { enabled: false });
    expect((await accounts.removeUser({ user, actor: { id: admin.id, role: 'admin' } })) as string).toBe(
      'actor-refused',
    );
  });

  it('brings an item of an older version up, and is judged anew', async () => {
    const user = await aStoredUser();
    const key = { pk: `user#${user.id}`, sk: 'user' };
    await client.update({
      table: embedded.tables.identity,
      key,
      update: 'SET #v = :one REMOVE trustLevel, mustChangePassword',
      names: { '#v': 'v' },
      values: { ':one': 1 },
    });
    const request = { user, change: { trustLevel: 4 } };
    expect((await accounts.changeUser(request)).outcome).toBe('changed-meanwhile');
    expect((await accounts.changeUser(request)).outcome).toBe('changed');
    expect((await identity.findUserById(user.id))?.trustLevel).toBe(4);
  });

  it.each<[Fault[], string]>([
    [['answer-lost'], 'changed'],
    [['answer-cut'], 'changed'],
    [['failed-after'], 'changed'],
    [['refused-before'], 'changed'],
    [['throttled'], 'changed'],
    [['conflict'], 'changed'],
  ])('is made once when its sending meets %j', async (faults, outcome) => {
    const user = await aStoredUser();
    const link = await aStoredLink(user);
    const request = {
      user,
      change: { passwordHash: 'new hash', username: `new-${user.id}` },
      link: { tokenDigest: link.tokenDigest, now: NOW },
    };
    front.arm('TransactWriteItems', faults);
    expect((await accounts.changeUser(request)).outcome).toBe(outcome);
    expect((await identity.findUserById(user.id))?.passwordHash).toBe('new hash');
    expect((await accounts.findLink(link.tokenDigest))?.usedAt).toBe(NOW);
  });
});

describe('the removal of a user', () => {
  it('takes the guards with it, and is no user twice', async () => {
    const user = await aStoredUser();
    front.arm('TransactWriteItems', ['answer-lost']);
    expect(await accounts.removeUser({ user })).toBe('changed');
    expect(await identity.findUserById(user.id)).toBeNull();
    expect(await accounts.removeUser({ user })).toBe('not-found');
    await aStoredUser({ username: user.username, email: user.email });
  });
});

describe('lists', () => {
  const prefix = 'zz';
  const names = ['zz-ann', 'ZZ-Bob', 'zz-b', 'zz_x', 'zzz', 'zy', 'z'];
  beforeAll(async () => {
    for (const username of names) await aStoredUser({ username, email: `${username}@Example.org` });
  });

  it.each([1, 2, 100])('hold the names with a prefix and no others, %i on a page', async (limit) => {
    for (const list of [accounts.listUsersByName, accounts.listUsersByEmail]) {
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof list>> = await list('ZZ', { limit, cursor });
        found.push(...page.items.map(({ user }) => user.username));
        cursor = page.next;
      } while (cursor !== null);
      expect(found).toHaveLength(5);
      expect(new Set(found)).toEqual(new Set(names.filter((name) => name.toLowerCase().startsWith(prefix))));
    }
  });

  it('are as long as there are names, for any prefix', async () => {
    const all = (await accounts.listUsersByName('', { limit: 1_000, cursor: null })).items;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...all), fc.nat(8), async ({ user }, length) => {
        const start = user.username.slice(0, length).toLowerCase();
        const { items } = await accounts.listUsersByName(start, { limit: 1_000, cursor: null });
        expect(items).toHaveLength(all.filter((one) => one.user.username.toLowerCase().startsWith(start)).length);
      }),
      { numRuns: 30 },
    );
  });

  it('follow a user to another name and address, and forget one who is gone', async () => {
    const user = await aStoredUser({ username: 'yy-one', email: 'yy-one@example.org' });
    const moved = await accounts.changeUser({ user, change: { username: 'yy-two', email: 'yy-two@example.org' } });
    const shown = async () => [
      (await accounts.listUsersByName('yy', { limit: 9, cursor: null })).items.map((item) => item.user.username),
      (await accounts.listUsersByEmail('yy', { limit: 9, cursor: null })).items.map((item) => item.user.email),
    ];
    expect(await shown()).toEqual([['yy-two'], ['yy-two@example.org']]);
    await accounts.removeUser({ user: moved.outcome === 'changed' ? moved.user : user });
    expect(await shown()).toEqual([[], []]);
  });

  it('stay as they are when nothing of a user is changed', async () => {
    const user = await aStoredUser({ username: 'xx-one', email: 'xx-one@example.org' });
    expect(await accounts.changeUser({ user, change: { role: undefined } })).toEqual({ outcome: 'changed', user });
    expect(await accounts.changeUser({ user, change: {} })).toEqual({ outcome: 'changed', user });
  });

  it('take no cursor of another search, and find nobody by a text that no name has room for', async () => {
    const { next } = await accounts.listUsersByName('zz', { limit: 1, cursor: null });
    await expect(accounts.listUsersByName('z-', { limit: 1, cursor: next })).rejects.toMatchObject({ param: 'cursor' });
    await expect(accounts.listUsersByName('yy', { limit: 1, cursor: next })).rejects.toMatchObject({ param: 'cursor' });
    for (const list of [accounts.listUsersByName, accounts.listUsersByEmail]) {
      expect(await list('\ufdfa'.repeat(254), { limit: 1, cursor: null })).toEqual({ items: [], next: null });
    }
  });

  it('take no cursor that is none of theirs', async () => {
    const foreign = Buffer.from('keys 123').toString('base64url');
    await expect(accounts.listUsersByName('', { limit: 1, cursor: foreign })).rejects.toMatchObject({
      param: 'cursor',
    });
  });
});

/** The rules over the store itself; mails are counted. */
function aReset() {
  const sent: unknown[] = [];
  const deps = {
    identity,
    accounts,
    userSettings: createUserSettingsStore(client, embedded.tables.identity),
    throttles: createThrottleStore(client, embedded.tables.identity),
    mails: { send: async (mail: unknown) => (sent.push(mail), 'sent' as const) },
    readSettings: async () => ({ minPasswordLength: 8, emailVerification: 'required' as const }),
    bootstrapName: async () => 'admin',
    hashPassword: async (password: string) => `hash of ${password}`,
    clock: () => NOW,
  };
  return { ...createPasswordReset(deps), administration: createUserAdministration(deps), sent };
}

const VISITOR = { address: '192.0.2.7', mail: { publicUrl: 'https://x.example', language: 'en' } } as const;

it('asking for a reset link costs the same calls of the store, and one mail, for known and unknown addresses', async () => {
  const reset = aReset();
  const user = await aStoredUser();
  const disabled = await aStoredUser({ enabled: false });
  const costs = [];
  for (const email of [user.email ?? '', 'nobody@example.com', disabled.email ?? '']) {
    embedded.calls.length = 0;
    await reset.forgotPassword(email, VISITOR);
    costs.push({ calls: embedded.calls.map(({ operation }) => operation), mails: reset.sent.splice(0).length });
  }
  expect(costs[0]?.calls).toEqual(['UpdateItem', 'UpdateItem', 'GetItem', 'GetItem', 'GetItem', 'PutItem']);
  expect(costs[0]?.mails).toBe(1);
  expect(costs).toEqual(Array(3).fill(costs[0]));
});

describe('a reset link, over the store', () => {
  async function aLinkOf(user: User): Promise<string> {
    return createLink(accounts, { purpose: 'reset-password', user, email: user.email ?? '', now: NOW });
  }

  it('of ten uses at once lets one through, and its password is the one that counts', async () => {
    const user = await aStoredUser();
    const token = await aLinkOf(user);
    const { resetPassword } = aReset();
    const passwords = Array.from({ length: 10 }, (_value, index) => `password ${index}`);
    const outcomes = await Promise.allSettled(passwords.map((password) => resetPassword(token, password)));
    const winners = passwords.filter((_password, index) => outcomes[index]?.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    expect((await identity.findUserById(user.id))?.passwordHash).toBe(`hash of ${winners[0]}`);
  });

  it('with two links of one user at once lets one through', async () => {
    const user = await aStoredUser();
    const tokens = [await aLinkOf(user), await aLinkOf(user)];
    const { resetPassword } = aReset();
    const outcomes = await Promise.allSettled(tokens.map((token, index) => resetPassword(token, `password ${index}`)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  // Every call that the way of a reset makes, met by every fault so often that it counts as failed.
  const FAULTS: Fault[] = ['answer-lost', 'failed-after', 'refused-before', 'throttled'];
  const cases = FAULTS.flatMap((fault) =>
    ['GetItem', 'TransactWriteItems'].map((operation) => [fault, operation] as const),
  );
  it.each(cases)('that fails by %s of %s is either whole or not used at all', async (fault, operation) => {
    const user = await aStoredUser();
    const token = await aLinkOf(user);
    const { resetPassword } = aReset();
    front.arm(operation, [fault, fault]);
    const first = await resetPassword(token, 'first password').then(
      () => 'done',
      () => 'failed',
    );
    front.arm(operation, []);
    const stored = (await identity.findUserById(user.id))?.passwordHash;
    const second = await resetPassword(token, 'second password').then(
      () => 'done',
      (error: { code?: string }) => error.code,
    );
    if (stored === 'hash of first password') expect(second).toBe('link_invalid');
    else {
      expect([first, stored, second]).toEqual(['failed', 'old hash', 'done']);
      expect((await identity.findUserById(user.id))?.passwordHash).toBe('hash of second password');
    }
  });
});

it('two super administrators who demote each other at once leave one', async () => {
  const [one, two] = [await aStoredUser({ role: 'super_admin' }), await aStoredUser({ role: 'super_admin' })];
  const { administration } = aReset();
  const demote = (actor: User, target: User) =>
    administration.change(target.id, { role: 'user' }, { actor, mail: VISITOR.mail });
  const outcomes = await Promise.allSettled([demote(one, two), demote(two, one)]);
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const roles = await Promise.all([one, two].map(async ({ id }) => (await identity.findUserById(id))?.role));
  expect(roles.toSorted()).toEqual(['super_admin', 'user']);
});
