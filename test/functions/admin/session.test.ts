import { SESSION_LIFE_MS } from '../../../layers/core/identity/sessions.ts';
import { aUser, aUserWithPassword, BOOTSTRAP, createStage, HOST, type Stage } from './support/admin-stage.ts';

const { username, password } = BOOTSTRAP;

function cookieOf(answer: { headers: Record<string, string | string[]> }): string {
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
}

async function cookieFor(stage: Stage): Promise<string> {
  return cookieOf(await stage.call('/api/v1/admin/login', { body: { username, password } }));
}

describe('signing in', () => {
  it('answers the union that three contracts read, and sets the cookie', async () => {
    const answer = await createStage().call('/api/auth/login', { body: { username, password } });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      success: true,
      token_type: 'bearer',
      expires_in: 86_400,
      user: { username: 'admin', role: 'super_admin', is_active: true, is_silenced: false },
    });
    expect(answer.json.token).toBe(answer.json.access_token);
    expect(answer.json.refresh_token).toMatch(/^rt1\.ses_[a-z2-7]{16}\.1\.[\da-f]{64}$/);
    expect(answer.headers['set-cookie']).toMatch(
      /^sluice_session=ses_[a-z2-7]{16}\.[\w-]{43}; Path=\/; Max-Age=28800; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  it('accepts the bearer token on every guarded path', async () => {
    const stage = createStage();
    const { json } = await stage.call('/api/auth/login', { body: { username, password } });
    const me = await stage.call('/api/auth/me', { headers: { authorization: `bearer ${json.access_token}` } });
    expect(me.json).toMatchObject({ username: 'admin', data: { username: 'admin' } });
    expect(me.json.permissions).toContain('configuration:import');
  });

  it('accepts an e-mail address for a name, in any case of letters', async () => {
    const stage = createStage();
    await stage.identity.createUser(await aUserWithPassword('user', 'pass phrase'));
    const answer = await stage.call('/api/auth/login', {
      body: { email: 'USER@example.com', password: 'pass phrase' },
    });
    expect(answer.json.user.role).toBe('user');
  });

  it.each([
    ['a wrong password', { username, password: 'wrong' }],
    ['an unknown user', { username: 'nobody', password }],
  ])('refuses %s with the same 401', async (_what, body) => {
    const answer = await createStage().call('/api/auth/login', { body });
    expect(answer.status).toBe(401);
    expect(answer.json).toMatchObject({ error_code: 'INVALID_CREDENTIALS', error: 'User name or password is wrong.' });
    expect(answer.headers).not.toHaveProperty('set-cookie');
  });

  it('refuses a user without a password and a disabled one', async () => {
    const stage = createStage();
    await stage.identity.createUser(aUser('admin'));
    await stage.identity.createUser({ ...(await aUserWithPassword('user', 'pass')), enabled: false });
    const noPassword = await stage.call('/api/auth/login', { body: { username: 'some-admin', password: 'x' } });
    const disabled = await stage.call('/api/auth/login', { body: { username: 'some-user', password: 'pass' } });
    expect([noPassword.status, disabled.status]).toEqual([401, 403]);
    expect(disabled.json.error_code).toBe('ACCOUNT_DISABLED');
  });

  it('asks for a name and a password by path', async () => {
    const answer = await createStage().call('/api/auth/login', { body: {} });
    expect(answer.json.errors.map(({ path }: { path: string }) => path)).toContain('password');
  });

  it('makes one first administrator when two sign in at the same time', async () => {
    const stage = createStage();
    const body = { username, password };
    const answers = await Promise.all([1, 2, 3].map(() => stage.call('/api/auth/login', { body })));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    expect(stage.identity.rows.users.size).toBe(1);
    expect(new Set(answers.map((answer) => answer.json.user.id)).size).toBe(1);
  });

  it('makes no user for any other name', async () => {
    const stage = createStage();
    await stage.call('/api/auth/login', { body: { username: 'root', password } });
    expect(stage.identity.rows.users.size).toBe(0);
  });

  it('lets only administrators in by the console form, which answers when the session ends', async () => {
    const stage = createStage();
    await stage.identity.createUser(await aUserWithPassword('user', 'pass'));
    const user = await stage.call('/api/v1/admin/login', { body: { username: 'some-user', password: 'pass' } });
    const admin = await stage.call('/api/v1/admin/login', { body: { username, password } });
    expect(user.status).toBe(403);
    expect(admin.json).toEqual({ success: true, expires_at: stage.now.ms + SESSION_LIFE_MS });
  });
});

describe('the cookie session', () => {
  it('opens guarded paths, stores a digest only, and ends at logout', async () => {
    const stage = createStage();
    const cookie = await cookieFor(stage);
    expect((await stage.call('/api/v1/admin/session', { headers: { cookie } })).status).toBe(200);
    expect(JSON.stringify([...stage.sessions.rows])).not.toContain(cookie.split('.')[1]);
    const logout = await stage.call('/api/v1/admin/logout', { method: 'POST', headers: { cookie } });
    expect(String(logout.headers['set-cookie'])).toMatch(/^sluice_session=; Path=\/; Max-Age=0/);
    const after = await stage.call('/api/v1/admin/session', { headers: { cookie } });
    expect([after.status, after.json.code]).toEqual([401, 'SESSION_EXPIRED']);
  });

  it('slides with use, and the cookie is given out again with it', async () => {
    const stage = createStage();
    const cookie = await cookieFor(stage);
    stage.now.ms += SESSION_LIFE_MS - 1000;
    const used = await stage.call('/api/auth/me', { headers: { cookie } });
    expect(cookieOf(used)).toBe(cookie);
    stage.now.ms += SESSION_LIFE_MS - 1000;
    expect((await stage.call('/api/auth/me', { headers: { cookie } })).status).toBe(200);
    stage.now.ms += SESSION_LIFE_MS;
    expect((await stage.call('/api/auth/me', { headers: { cookie } })).status).toBe(401);
  });

  it('writes nothing for a second call within the minute', async () => {
    const stage = createStage();
    const cookie = await cookieFor(stage);
    const used = await stage.call('/api/auth/me', { headers: { cookie } });
    expect(used.headers).not.toHaveProperty('set-cookie');
  });

  it('ends for a user who is disabled meanwhile', async () => {
    const stage = createStage();
    const cookie = await cookieFor(stage);
    const [user] = stage.identity.rows.users.values();
    await stage.identity.updateUser(user?.id ?? '', { enabled: false });
    expect((await stage.call('/api/auth/me', { headers: { cookie } })).status).toBe(403);
  });

  it.each([
    ['our own page', { origin: `https://${HOST}` }, 200],
    ['a program that names no origin', {}, 200],
    ['another site', { origin: 'https://evil.example' }, 403],
    ['our name on another port', { origin: `https://${HOST}:8443` }, 403],
    ['a sandboxed page', { origin: 'null' }, 403],
    ['a cross-site form without an origin', { 'sec-fetch-site': 'cross-site' }, 403],
  ])('lets a write through or not when it comes from %s', async (_who, headers, status) => {
    const stage = createStage();
    const cookie = await cookieFor(stage);
    const answer = await stage.call('/api/admin/settings', {
      method: 'PUT',
      body: {},
      headers: { cookie, ...headers },
    });
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.json.error_code).toBe('ORIGIN_REFUSED');
  });

  it('is not let off the origin check by an authorization header that is no token', async () => {
    const stage = createStage();
    const cookie = await cookieFor(stage);
    const headers = { cookie, authorization: 'Basic eA==', origin: 'https://evil.example' };
    expect((await stage.call('/api/admin/settings', { method: 'PUT', body: {}, headers })).status).toBe(403);
  });

  it('cannot be begun from another site', async () => {
    const headers = { origin: 'https://evil.example' };
    const answer = await createStage().call('/api/auth/login', { body: { username, password }, headers });
    expect(answer.status).toBe(403);
  });

  it('may be read from anywhere the browser lets it', async () => {
    const stage = createStage();
    const cookie = await cookieFor(stage);
    const answer = await stage.call('/api/auth/me', { headers: { cookie, origin: 'https://evil.example' } });
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('an access token', () => {
  it.each([
    ['a data plane key', 'sk-sluice1-whatever'],
    ['a token of three empty parts', 'eyJ.eyJ.x'],
    ['a token without a signature', `${Buffer.from('{"alg":"none","kid":"v1"}').toString('base64url')}.e30.`],
  ])('is not %s', async (_what, token) => {
    const answer = await createStage().call('/api/auth/me', { headers: { authorization: `Bearer ${token}` } });
    expect([answer.status, answer.json.error_code]).toEqual([401, 'INVALID_TOKEN']);
  });

  it('expires after a day, by name', async () => {
    const stage = createStage();
    const headers = await stage.as('user');
    stage.now.ms += 24 * 3600_000 + 1000;
    const answer = await stage.call('/api/auth/me', { headers });
    expect([answer.status, answer.json.error_code]).toEqual([401, 'TOKEN_EXPIRED']);
  });

  it('ends for tokens from before the user signed out everywhere', async () => {
    const stage = createStage();
    const headers = await stage.as('user');
    await stage.identity.updateUser('usr_user', { validAfter: 1 });
    expect((await stage.call('/api/auth/me', { headers })).status).toBe(401);
  });

  it('follows the role that is stored, not the one it was made with', async () => {
    const stage = createStage();
    const headers = await stage.as('super_admin');
    await stage.identity.updateUser('usr_super_admin', { role: 'user' });
    expect((await stage.call('/api/admin/export', { headers })).status).toBe(403);
  });

  it('is signed with a key whose public half is in the catalog', async () => {
    const stage = createStage();
    await stage.as('user');
    expect(await stage.catalog.findPublicKey('signing', 'v1')).toMatchObject({ version: 'v1' });
  });
});

describe('forms that send what was left empty', () => {
  it('sign in by the field that was filled in, and are asked for one when none was', async () => {
    const stage = createStage();
    await stage.identity.createUser(await aUserWithPassword('user', 'pass phrase'));
    const login = async (names: object) =>
      (await stage.call('/api/auth/login', { body: { ...names, password: 'pass phrase' } })).status;
    expect(await login({ username: '', email: 'user@example.com' })).toBe(200);
    expect(await login({ username: null, email: 'user@example.com' })).toBe(200);
    expect(await login({ username: 'some-user', email: '' })).toBe(200);
    expect(await login({ username: '', email: null })).toBe(400);
  });

  it('sign out without a refresh token', async () => {
    const stage = createStage();
    for (const none of [null, '']) {
      const answer = await stage.call('/api/auth/logout', {
        headers: await stage.as('user'),
        body: { refresh_token: none },
      });
      expect(answer.status).toBe(200);
    }
  });

  it('ask for no filter', async () => {
    const stage = createStage();
    const headers = await stage.as('super_admin');
    const empty = '?start_date=&end_date=&model_name=&success=&user=&limit=&offset=';
    expect((await stage.call(`/api/usage/logs${empty}`, { headers })).status).toBe(200);
    const users = await stage.call('/api/admin/users?search=&role=&is_active=', { headers });
    expect(users.json.data.users).toHaveLength(1);
  });
});
