import type { Role, User } from '../../../layers/core/identity/store.ts';
import { aUser, aUserWithPassword, BOOTSTRAP, createStage, type Stage } from './support/admin-stage.ts';
import { sentMails, tokenOfMail } from './support/mails.ts';

const USERS = '/api/admin/users';

async function addUser(stage: Stage, username: string, change: Partial<User> = {}): Promise<User> {
  const user = { ...aUser('user'), id: `usr_${username}`, username, email: `${username}@example.com`, ...change };
  await stage.identity.createUser(user);
  return user;
}

async function stageWith(...names: string[]): Promise<Stage> {
  const stage = createStage();
  for (const name of names) await addUser(stage, name);
  return stage;
}

async function ask(stage: Stage, role: Role, [method, path, body]: [method: string, path: string, body?: object]) {
  return stage.call(`${USERS}${path}`, { method, headers: await stage.as(role), ...(body && { body }) });
}

const namesOf = (answer: { json: { data: { users: { username: string }[] } } }): string[] =>
  answer.json.data.users.map(({ username }) => username);

describe('the list of users', () => {
  it('is in the order of names, page by page, and shows no password', async () => {
    const stage = await stageWith('bob', 'Ann', 'carl');
    const first = await ask(stage, 'admin', ['GET', '?limit=2']);
    expect(namesOf(first)).toEqual(['Ann', 'bob']);
    const second = await ask(stage, 'admin', ['GET', `?limit=2&cursor=${first.json.data.next_cursor}`]);
    expect(namesOf(second)).toEqual(['carl', 'some-admin']);
    expect(second.json.data.next_cursor).toBeNull();
    expect(first.text).not.toMatch(/hash|scrypt/i);
  });

  it('finds by the beginning of the name, then of the address, each user once', async () => {
    const stage = await stageWith('bob', 'bobby');
    await addUser(stage, 'zoe', { email: 'bob.zoe@example.com' });
    await addUser(stage, 'nobody-here', { email: 'x@bob.example.com' });
    expect(namesOf(await ask(stage, 'admin', ['GET', '?search=BOB']))).toEqual(['bob', 'bobby', 'zoe']);
    const pages = [];
    let cursor = '';
    do {
      const page = await ask(stage, 'admin', ['GET', `?search=bob&limit=1${cursor}`]);
      pages.push(...namesOf(page));
      cursor = page.json.data.next_cursor === null ? '' : `&cursor=${page.json.data.next_cursor}`;
    } while (cursor !== '');
    expect(pages).toEqual(['bob', 'bobby', 'zoe']);
  });

  it('filters by role and state before it cuts pages', async () => {
    const stage = await stageWith();
    for (let index = 10; index < 40; index += 1) await addUser(stage, `user-${index}`, { silenced: index % 10 === 0 });
    const silenced = await ask(stage, 'admin', ['GET', '?is_silenced=true&limit=3']);
    expect(namesOf(silenced)).toEqual(['user-10', 'user-20', 'user-30']);
    expect(namesOf(await ask(stage, 'admin', ['GET', '?role=admin']))).toEqual(['some-admin']);
    expect(namesOf(await ask(stage, 'admin', ['GET', '?is_active=false']))).toEqual([]);
    expect((await ask(stage, 'admin', ['GET', '?role=boss'])).status).toBe(400);
  });

  it('is not for users', async () => {
    expect((await ask(createStage(), 'user', ['GET', ''])).status).toBe(403);
  });
});

describe('making a user', () => {
  it('with a password makes one who may sign in at once', async () => {
    const stage = createStage();
    const body = { username: 'newbie', email: 'new@example.com', password: 'long enough', trust_level: 3 };
    const made = await ask(stage, 'admin', ['POST', '', body]);
    expect(made.status).toBe(201);
    expect(made.json.data).toMatchObject({ role: 'user', is_verified: true, trust_level: 3, invitation: null });
    const login = await stage.call('/api/auth/login', { body: { username: 'newbie', password: 'long enough' } });
    expect(login.status).toBe(200);
    expect(stage.mailer.sent).toEqual([]);
  });

  it('without one mails an invitation, good for three days, that confirms the address', async () => {
    const stage = createStage();
    const made = await ask(stage, 'admin', ['POST', '', { username: 'newbie', email: 'new@example.com' }]);
    expect(made.json.data).toMatchObject({ is_verified: false, invitation: 'sent' });
    expect(sentMails(stage)).toEqual(['welcome new@example.com']);
    stage.now.ms += 72 * 3_600_000 - 1;
    const body = { token: tokenOfMail(stage, 'welcome'), password: 'long enough' };
    expect((await stage.call('/api/auth/reset-password', { body })).status).toBe(200);
    const login = await stage.call('/api/auth/login', { body: { username: 'newbie', password: 'long enough' } });
    expect(login.json.user.is_verified).toBe(true);
  });

  it.each([
    [{ username: 'newbie' }, 400, 'password'],
    [{ username: 'x', password: 'long enough' }, 400, 'username'],
    [{ username: 'newbie', password: 'short' }, 400, 'password'],
    [{ username: 'newbie', password: 'long enough', colour: 'red' }, 400, 'colour'],
    [{ username: 'newbie', password: 'long enough', trust_level: -1 }, 400, 'trust_level'],
  ])('refuses %j with %i, naming %s', async (body, status, path) => {
    const answer = await ask(createStage(), 'super_admin', ['POST', '', body]);
    expect(answer.status).toBe(status);
    expect(answer.json.errors.map((issue: { path: string }) => issue.path)).toEqual([path]);
  });

  it('refuses names that are taken or reserved with 409', async () => {
    const stage = await stageWith('bob');
    for (const username of ['BOB', 'admin']) {
      const made = await ask(stage, 'super_admin', ['POST', '', { username, password: 'long enough' }]);
      expect(made.status).toBe(409);
    }
  });

  it('leaves administrators to super administrators', async () => {
    const stage = createStage();
    const body = { username: 'newbie', password: 'long enough', role: 'admin' };
    expect((await ask(stage, 'admin', ['POST', '', body])).status).toBe(403);
    expect((await ask(stage, 'super_admin', ['POST', '', body])).json.data.role).toBe('admin');
  });
});

describe('changing a user', () => {
  it('sets what is named, and nothing else', async () => {
    const stage = await stageWith('bob');
    const change = { is_silenced: true, trust_level: 2, limits: { requestsPerMinute: 5 } };
    const answer = await ask(stage, 'admin', ['PATCH', '/usr_bob', change]);
    expect(answer.json.data).toMatchObject({ username: 'bob', is_active: true, role: 'user', ...change });
    expect((await ask(stage, 'admin', ['GET', '/usr_bob'])).json.data).toEqual(answer.json.data);
  });

  it('shuts a disabled user out at once and for good: old tokens do not come back with the user', async () => {
    const stage = createStage();
    await stage.identity.createUser(await aUserWithPassword('user', 'pass phrase'));
    const { json } = await stage.call('/api/auth/login', { body: { username: 'some-user', password: 'pass phrase' } });
    const headers = { authorization: `Bearer ${json.access_token}` };
    const me = async () => (await stage.call('/api/auth/me', { headers })).status;
    expect(await me()).toBe(200);
    await ask(stage, 'admin', ['PATCH', '/usr_user', { is_active: false }]);
    expect(await me()).not.toBe(200);
    await ask(stage, 'admin', ['PATCH', '/usr_user', { is_active: true }]);
    expect(await me()).toBe(401);
  });

  it('leaves silenced users their own pages', async () => {
    const stage = createStage();
    const headers = await stage.as('user');
    await ask(stage, 'admin', ['PATCH', '/usr_user', { is_silenced: true }]);
    expect((await stage.call('/api/auth/me', { headers })).json.is_silenced).toBe(true);
    expect((await stage.call('/api/user/profile', { headers })).status).toBe(200);
  });

  it('changes names with their guards: the new is taken, the old is free', async () => {
    const stage = await stageWith('bob', 'carl');
    expect((await ask(stage, 'admin', ['PATCH', '/usr_bob', { username: 'CARL' }])).status).toBe(409);
    expect((await ask(stage, 'admin', ['PATCH', '/usr_bob', { username: 'robert' }])).status).toBe(200);
    expect((await ask(stage, 'admin', ['PATCH', '/usr_carl', { username: 'bob' }])).status).toBe(200);
    expect((await ask(stage, 'admin', ['PATCH', '/usr_bob', { username: 'root' }])).status).toBe(409);
  });

  it('takes a new address for unconfirmed, and asks there, unless the administrator vouches for it', async () => {
    const stage = await stageWith('bob', 'carl');
    const bob = await ask(stage, 'admin', ['PATCH', '/usr_bob', { email: 'robert@example.com' }]);
    expect(bob.json.data.is_verified).toBe(false);
    expect(sentMails(stage)).toEqual(['verification robert@example.com']);
    const vouched = { email: 'c@example.com', is_verified: true };
    expect((await ask(stage, 'admin', ['PATCH', '/usr_carl', vouched])).json.data.is_verified).toBe(true);
    expect(stage.mailer.sent).toHaveLength(1);
  });

  it('is 404 for nobody and 400 for an unknown field', async () => {
    const stage = await stageWith('bob');
    expect((await ask(stage, 'admin', ['PATCH', '/usr_x', { trust_level: 1 }])).status).toBe(404);
    expect((await ask(stage, 'admin', ['PATCH', '/usr_bob', { passwordHash: 'x' }])).status).toBe(400);
  });
});

describe('who may change whom', () => {
  it.each([
    ['admin', 'usr_super_admin', { is_active: false }, 403],
    ['admin', 'usr_super_admin', { role: 'user' }, 403],
    ['admin', 'usr_other', { trust_level: 1 }, 403],
    ['admin', 'usr_user', { role: 'admin' }, 403],
    ['admin', 'usr_admin', { role: 'super_admin' }, 403],
    ['admin', 'usr_admin', { role: 'user' }, 409],
    ['admin', 'usr_admin', { role: 'admin', trust_level: 5 }, 200],
    ['admin', 'usr_admin', { is_active: false }, 409],
    ['super_admin', 'usr_super_admin', { role: 'admin' }, 409],
    ['super_admin', 'usr_super_admin', { is_active: false }, 409],
    ['super_admin', 'usr_super_admin', { is_silenced: true }, 409],
    ['super_admin', 'usr_admin', { role: 'user', is_active: false }, 200],
    ['super_admin', 'usr_user', { role: 'super_admin' }, 200],
    ['super_admin', 'usr_super_admin', { role: 'super_admin', trust_level: 5 }, 200],
  ] as const)('%s on %s with %j: %i', async (role, id, change, status) => {
    const stage = createStage();
    for (const each of ['user', 'admin', 'super_admin'] as const) await stage.as(each);
    await addUser(stage, 'other', { role: 'admin' });
    const before = structuredClone(stage.identity.rows.users.get(id));
    expect((await ask(stage, role, ['PATCH', `/${id}`, change])).status).toBe(status);
    if (status !== 200) expect(stage.identity.rows.users.get(id)).toEqual(before);
  });

  it('keeps one super administrator when two demote each other at once', async () => {
    const stage = createStage();
    const [one] = [await stage.as('super_admin')];
    const other = await addUser(stage, 'other', { role: 'super_admin' });
    const actors = [stage.identity.rows.users.get('usr_super_admin'), other].map(
      (user) => structuredClone(user) as User,
    );
    expect(one).toBeDefined();
    const mail = { publicUrl: null, language: 'en' } as const;
    const demote = (actor: User, target: User) =>
      stage.services.userAdministration.change(target.id, { role: 'user' }, { actor, mail });
    const [a, b] = actors as [User, User];
    const outcomes = await Promise.allSettled([demote(a, b), demote(b, a)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const roles = [...stage.identity.rows.users.values()].map(({ role }) => role);
    expect(roles.filter((role) => role === 'super_admin')).toHaveLength(1);
  });

  it('keeps the first administrator’s name, under which a second one would come into being', async () => {
    const stage = createStage();
    const { json } = await stage.call('/api/auth/login', { body: BOOTSTRAP });
    const id = json.user.id;
    expect((await ask(stage, 'super_admin', ['PATCH', `/${id}`, { username: 'somebody' }])).status).toBe(409);
    expect((await ask(stage, 'super_admin', ['DELETE', `/${id}`])).status).toBe(409);
    expect((await ask(stage, 'super_admin', ['PATCH', `/${id}`, { is_active: false }])).status).toBe(200);
    expect((await stage.call('/api/auth/login', { body: BOOTSTRAP })).status).toBe(403);
  });
});

describe('deleting a user', () => {
  it('disables the keys, ends the sessions, frees the names', async () => {
    const stage = await stageWith('bob');
    const headers = await stage.as('user');
    const { json } = await stage.call('/api/keys', { body: { name: 'first' }, headers });
    await stage.call('/api/user/settings', { method: 'PUT', body: { preferences: { language: 'zh' } }, headers });
    expect((await ask(stage, 'admin', ['DELETE', '/usr_user'])).status).toBe(200);
    expect(stage.identity.rows.users.has('usr_user')).toBe(false);
    expect(stage.identity.rows.keys.get(json.data.id)?.enabled).toBe(false);
    expect(stage.userSettings.rows.size).toBe(0);
    expect((await stage.call('/api/auth/me', { headers })).status).toBe(401);
    expect((await ask(stage, 'admin', ['DELETE', '/usr_user'])).status).toBe(404);
    const again = await ask(stage, 'admin', ['POST', '', { username: 'some-user', password: 'long enough' }]);
    expect(again.status).toBe(201);
  });

  it('done half is finished by the same call', async () => {
    const stage = await stageWith('bob');
    const { removeUser } = stage.accountStore;
    stage.accountStore.removeUser = () => Promise.reject(new Error('lost'));
    expect((await ask(stage, 'admin', ['DELETE', '/usr_bob'])).status).toBe(500);
    expect(stage.identity.rows.users.get('usr_bob')?.enabled).toBe(false);
    stage.accountStore.removeUser = removeUser;
    expect((await ask(stage, 'admin', ['DELETE', '/usr_bob'])).status).toBe(200);
    expect(stage.identity.rows.users.has('usr_bob')).toBe(false);
  });

  it('is not for oneself, nor for administrators on administrators', async () => {
    const stage = createStage();
    await addUser(stage, 'other', { role: 'admin' });
    expect((await ask(stage, 'admin', ['DELETE', '/usr_admin'])).status).toBe(409);
    expect((await ask(stage, 'admin', ['DELETE', '/usr_other'])).status).toBe(403);
    expect((await ask(stage, 'super_admin', ['DELETE', '/usr_other'])).status).toBe(200);
  });
});

describe("resetting a user's password", () => {
  it('is not how administrators set their own password, which asks for the one that they have', async () => {
    const stage = createStage();
    const before = stage.identity.rows.users.get('usr_admin')?.passwordHash;
    const answer = await ask(stage, 'admin', ['POST', '/usr_admin/reset-password', { password: 'another password' }]);
    expect(answer.status).toBe(409);
    expect(stage.identity.rows.users.get('usr_admin')?.passwordHash ?? null).toBe(before ?? null);
  });

  it('mails a link that works like any other', async () => {
    const stage = await stageWith('bob');
    const answer = await ask(stage, 'admin', ['POST', '/usr_bob/reset-password', {}]);
    expect(answer.json).toMatchObject({ mail: 'sent', temporary_password: null });
    const body = { token: tokenOfMail(stage, 'password-reset'), password: 'long enough' };
    expect((await stage.call('/api/auth/reset-password', { body })).status).toBe(200);
  });

  it('sets a temporary one that is shown once and has to be changed', async () => {
    const stage = await stageWith('bob');
    const made = await ask(stage, 'admin', ['POST', '/usr_bob/reset-password', { method: 'temporary' }]);
    const password = made.json.temporary_password;
    expect(password).toMatch(/^[\w-]{16}$/);
    const login = await stage.call('/api/auth/login', { body: { username: 'bob', password } });
    expect([login.status, login.json.user.must_change_password]).toEqual([200, true]);
    const chosen = { password: 'chosen by somebody' };
    const set = await ask(stage, 'admin', ['POST', '/usr_bob/reset-password', chosen]);
    expect([set.status, set.json.temporary_password]).toEqual([200, null]);
    expect((await stage.call('/api/auth/login', { body: { username: 'bob', password } })).status).toBe(401);
    const { text } = await stage.call('/api/admin/audit', { headers: await stage.as('super_admin') });
    expect(text).toContain('POST /api/admin/users/{id}/reset-password');
    expect(text).not.toContain(password);
    expect(text).not.toContain(chosen.password);
  });

  it('needs an address for a mail, and reaches no administrator from below', async () => {
    const stage = createStage();
    await addUser(stage, 'bob', { email: null });
    await addUser(stage, 'other', { role: 'admin' });
    expect((await ask(stage, 'admin', ['POST', '/usr_bob/reset-password', { method: 'mail' }])).status).toBe(400);
    expect((await ask(stage, 'admin', ['POST', '/usr_other/reset-password', {}])).status).toBe(403);
    expect(stage.mailer.calls).toEqual([]);
  });
});
