import { aUserWithPassword, BOOTSTRAP, createStage, type Stage } from './support/admin-stage.ts';
import { sentMails, tokenOfMail } from './support/mails.ts';

async function signedIn() {
  const stage = createStage();
  const headers = await stage.as('user');
  return { stage, headers };
}

const put = (stage: Stage, headers: Record<string, string>, path: string, body: object) =>
  stage.call(`/api/user/${path}`, { method: 'PUT', body, headers });

describe('the own profile', () => {
  it('is shown under every name that one of the contracts reads', async () => {
    const { stage, headers } = await signedIn();
    const { json } = await stage.call('/api/user/profile', { headers });
    expect(json).toMatchObject({ success: true, username: 'some-user', email: 'user@example.com', trust_level: 0 });
    for (const copy of [json.data, json.user, json.profile]) expect(copy).toMatchObject({ username: 'some-user' });
  });

  it('takes another name at once, under which its user signs in', async () => {
    const stage = createStage();
    await stage.identity.createUser(await aUserWithPassword('user', 'pass phrase'));
    const login = (username: string) => stage.call('/api/auth/login', { body: { username, password: 'pass phrase' } });
    const headers = { authorization: `Bearer ${(await login('some-user')).json.access_token}` };
    expect((await put(stage, headers, 'profile', { username: 'renamed' })).json.username).toBe('renamed');
    expect((await login('renamed')).status).toBe(200);
    expect((await login('some-user')).status).toBe(401);
    expect((await stage.call('/api/auth/me', { headers })).json.username).toBe('renamed');
  });

  it.each([
    [{ username: 'a' }, 400],
    [{ username: 'some-admin' }, 409],
    [{ username: 'root' }, 409],
    [{ email: 'admin@example.com' }, 409],
    [{ email: 'nothing' }, 400],
    [{ role: 'admin', is_verified: true }, 200],
  ])('answers %j with %i, and changes nothing by it', async (body, status) => {
    const { stage, headers } = await signedIn();
    await stage.as('admin');
    const before = structuredClone(stage.identity.rows.users.get('usr_user'));
    expect((await put(stage, headers, 'profile', body)).status).toBe(status);
    expect(stage.identity.rows.users.get('usr_user')).toEqual(before);
    expect(stage.mailer.calls).toEqual([]);
  });

  it('keeps its address until the new one was confirmed, and then tells the old one', async () => {
    const { stage, headers } = await signedIn();
    const { json } = await put(stage, headers, 'profile', { email: 'new@example.com' });
    expect(json).toMatchObject({ email: 'user@example.com', is_verified: true, pending_email: 'new@example.com' });
    const body = { token: tokenOfMail(stage, 'verification') };
    const confirmed = await stage.call('/api/auth/verify-email', { body });
    expect(confirmed.json.user).toMatchObject({ email: 'new@example.com', is_verified: true });
    expect(sentMails(stage)).toEqual(['verification new@example.com', 'alert user@example.com']);
    expect((await stage.call('/api/auth/verify-email', { body })).status).toBe(400);
  });

  it('does not say of any number of addresses whether somebody has them', async () => {
    const { stage, headers } = await signedIn();
    await stage.as('admin');
    const statuses: number[] = [];
    for (let tries = 0; tries < 6; tries += 1) {
      statuses.push((await put(stage, headers, 'profile', { email: 'admin@example.com' })).status);
    }
    expect(statuses).toEqual([409, 409, 409, 409, 409, 429]);
  });

  it('of two addresses that wait takes the one that is confirmed first', async () => {
    const { stage, headers } = await signedIn();
    await put(stage, headers, 'profile', { email: 'one@example.com' });
    const one = tokenOfMail(stage, 'verification');
    await put(stage, headers, 'profile', { email: 'two@example.com' });
    const verify = (token: string) => stage.call('/api/auth/verify-email', { body: { token } });
    expect((await verify(tokenOfMail(stage, 'verification'))).status).toBe(200);
    expect((await verify(one)).status).toBe(400);
    expect(stage.identity.rows.users.get('usr_user')?.email).toBe('two@example.com');
  });

  it('does not take an address that became another user’s while it waited', async () => {
    const { stage, headers } = await signedIn();
    await put(stage, headers, 'profile', { email: 'new@example.com' });
    await stage.identity.createUser({ ...(await aUserWithPassword('admin', 'x')), email: 'NEW@example.com' });
    const answer = await stage.call('/api/auth/verify-email', { body: { token: tokenOfMail(stage, 'verification') } });
    expect(answer.status).toBe(409);
    expect(stage.identity.rows.users.get('usr_user')?.email).toBe('user@example.com');
  });

  it('takes no address of a domain that may not register', async () => {
    const { stage, headers } = await signedIn();
    await stage.catalog.changeSettings({ registrationDomains: ['example.com'] });
    const refused = await put(stage, headers, 'profile', { email: 'new@example.org' });
    expect([refused.status, refused.json.errors[0].path]).toEqual([400, 'email']);
    expect((await put(stage, headers, 'profile', { email: 'new@example.com' })).status).toBe(200);
  });

  it('asks no more than five addresses an hour', async () => {
    const { stage, headers } = await signedIn();
    const statuses = [];
    for (let index = 0; index < 6; index += 1) {
      statuses.push((await put(stage, headers, 'profile', { email: `n${index}@example.com` })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  });

  it('takes the address at once where verification is off, and other letters of the same one always', async () => {
    const { stage, headers } = await signedIn();
    const letters = await put(stage, headers, 'profile', { email: 'User@example.com' });
    expect(letters.json).toMatchObject({ email: 'User@example.com', is_verified: true, pending_email: null });
    await stage.catalog.changeSettings({ emailVerification: 'off' });
    const changed = await put(stage, headers, 'profile', { email: 'new@example.com' });
    expect(changed.json).toMatchObject({ email: 'new@example.com', is_verified: true, pending_email: null });
    expect(stage.mailer.calls).toEqual([]);
  });

  it('keeps the first administrator’s name', async () => {
    const stage = createStage();
    const { json } = await stage.call('/api/auth/login', { body: BOOTSTRAP });
    const headers = { authorization: `Bearer ${json.access_token}` };
    expect((await put(stage, headers, 'profile', { username: 'somebody' })).status).toBe(409);
    expect((await put(stage, headers, 'profile', { email: 'boss@example.com' })).json.pending_email).toBe(
      'boss@example.com',
    );
  });
});

describe('the own settings', () => {
  it('keep what two pages change at once', async () => {
    const stage = createStage();
    const headers = await stage.as('user');
    const answers = await Promise.all([
      put(stage, headers, 'settings', { preferences: { theme: 'dark' } }),
      put(stage, headers, 'settings', { preferences: { language: 'zh' } }),
      put(stage, headers, 'settings', { notifications: { email: false } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await stage.call('/api/user/settings', { headers })).json.data).toEqual({
      notifications: { email: false },
      security: {},
      preferences: { theme: 'dark', language: 'zh' },
    });
  });

  it('have defaults, and keep what is not named', async () => {
    const { stage, headers } = await signedIn();
    const defaults = (await stage.call('/api/user/settings', { headers })).json;
    expect(defaults).toMatchObject({
      notifications: { email: true },
      security: {},
      preferences: { language: null, theme: 'system' },
    });
    await put(stage, headers, 'settings', { preferences: { theme: 'dark' }, notifications: { weekly: false } });
    const { json } = await put(stage, headers, 'settings', { preferences: { language: 'zh' } });
    const wanted = {
      notifications: { email: true, weekly: false },
      security: {},
      preferences: { language: 'zh', theme: 'dark' },
    };
    expect(json).toMatchObject({ success: true, ...wanted, data: wanted, settings: wanted });
    expect((await stage.call('/api/user/settings', { headers })).json.data).toEqual(wanted);
  });

  it('stay small, however many changes there are', async () => {
    const { stage, headers } = await signedIn();
    const fields = (from: number) =>
      Object.fromEntries(Array.from({ length: 30 }, (_v, index) => [`f${from + index}`, 1]));
    expect((await put(stage, headers, 'settings', { security: fields(0) })).status).toBe(200);
    const refused = await put(stage, headers, 'settings', { security: fields(30) });
    expect([refused.status, refused.json.errors[0].path]).toEqual([400, 'security']);
  });

  it('are everybody’s own', async () => {
    const { stage, headers } = await signedIn();
    await put(stage, headers, 'settings', { preferences: { theme: 'dark' } });
    const other = await stage.call('/api/user/settings', { headers: await stage.as('admin') });
    expect(other.json.preferences.theme).toBe('system');
  });

  it.each([
    [{ preferences: { language: 'fr' } }, 'preferences.language'],
    [{ preferences: { theme: 7 } }, 'preferences.theme'],
    [{ notifications: { deep: { er: 1 } } }, 'notifications.deep'],
    [{ security: { text: 'x'.repeat(501) } }, 'security.text'],
    [{ security: { __proto__x: 1, '1': 2 } }, 'security.1'],
    [{ security: Object.fromEntries(Array.from({ length: 51 }, (_value, index) => [`f${index}`, 1])) }, 'security'],
  ])('refuse %j', async (body, path) => {
    const { stage, headers } = await signedIn();
    const answer = await put(stage, headers, 'settings', body);
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0].path).toContain(path);
    expect(stage.userSettings.rows.size).toBe(0);
  });
});
