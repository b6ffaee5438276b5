import type { Settings } from '../../../layers/core/catalog/store.ts';
import { createMemoryMailer } from '../../support/memory-mailer.ts';
import { createStage, HOST, type Answered, type Stage } from './support/admin-stage.ts';
import { sentMails, tokenOfMail } from './support/mails.ts';

const JO = { email: 'Jo@Example.com', password: 'correct horse', username: 'jo.smith' };

async function openStage(settings: Partial<Settings> = {}, change: Parameters<typeof createStage>[0] = {}) {
  const stage = createStage(change);
  await stage.catalog.changeSettings({ registration: 'open', ...settings });
  return stage;
}

const register = (stage: Stage, body: object = JO, headers: Record<string, string> = {}): Promise<Answered> =>
  stage.call('/api/auth/register', { body, headers });
const verify = (stage: Stage, token: string) => stage.call('/api/auth/verify-email', { body: { token } });
const login = (stage: Stage, username: string, password: string) =>
  stage.call('/api/auth/login', { body: { username, password } });

describe('registration', () => {
  it('makes an unverified user and answers what each contract reads, without signing anybody in', async () => {
    const stage = await openStage();
    const answer = await register(stage);
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({
      success: true,
      message: expect.stringContaining('confirm your e-mail address'),
      user: { username: 'jo.smith', email: 'Jo@Example.com', role: 'user', is_verified: false, is_active: true },
    });
    expect(answer.json.userId).toBe(answer.json.user.id);
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(answer.text).not.toMatch(/token|correct horse|scrypt/);
    const stored = stage.identity.rows.users.get(answer.json.userId);
    expect(stored?.passwordHash).toMatch(/^\$scrypt\$/);
  });

  it('mails a link that confirms the address once, and then a welcome', async () => {
    const stage = await openStage();
    await register(stage);
    const token = tokenOfMail(stage, 'verification');
    expect(stage.mailer.sent[0]?.text).toContain(`https://${HOST}/verify-email?token=${token}`);
    expect(JSON.stringify([...stage.accountStore.links])).not.toContain(token);
    const verified = await verify(stage, token);
    expect([verified.status, verified.json.user.is_verified]).toEqual([200, true]);
    expect(sentMails(stage)).toEqual(['verification Jo@Example.com', 'welcome Jo@Example.com']);
    const again = await verify(stage, token);
    expect([again.status, again.json.error_code]).toEqual([400, 'LINK_INVALID']);
    expect(again.json.error).toMatch(/used already/);
  });

  it('confirms to the last millisecond of a day, and not after it', async () => {
    for (const [afterMs, status] of [
      [24 * 3_600_000 - 1, 200],
      [24 * 3_600_000, 400],
    ] as const) {
      const stage = await openStage();
      await register(stage);
      stage.now.ms += afterMs;
      expect((await verify(stage, tokenOfMail(stage, 'verification'))).status).toBe(status);
    }
  });

  it('lets unverified users sign in', async () => {
    const stage = await openStage();
    await register(stage);
    const { status, json } = await login(stage, 'JO@example.com', JO.password);
    expect([status, json.user.is_verified]).toEqual([200, false]);
  });

  it.each([
    ['the same address', { ...JO, username: 'other' }],
    ['the address in other letters', { ...JO, email: 'JO@EXAMPLE.COM', username: 'other' }],
    ['the same name in other letters', { ...JO, email: 'other@example.com', username: 'JO.Smith' }],
    ['an address without a name', { email: JO.email, password: JO.password }],
  ])('is 409 for %s, and does not say which of the two is taken', async (_what, body) => {
    const stage = await openStage();
    await register(stage);
    const answer = await register(stage, body);
    expect(answer.status).toBe(409);
    expect(answer.json.error).toBe('This user name or e-mail address is taken.');
    expect(stage.identity.rows.users.size).toBe(1);
    expect(stage.mailer.sent).toHaveLength(1);
  });

  it('makes a name from the address where none was chosen, another one when it is taken', async () => {
    const stage = await openStage();
    const names = [];
    for (const email of ['ann.lee+x@example.com', 'ann.lee@example.org', 'admin@example.org', 'x@example.org']) {
      names.push((await register(stage, { email, password: JO.password })).json.user.username);
    }
    expect(names[0]).toBe('ann.lee');
    expect(names[1]).toMatch(/^ann\.lee-[0-9a-f]{6}$/);
    expect(names[2]).toMatch(/^user-[0-9a-f]{8}$/);
    expect(new Set(names).size).toBe(4);
  });

  it.each([
    ['a short password', { ...JO, password: 'seven77' }, /password/i],
    ['a password of more than 256 characters', { ...JO, password: 'x'.repeat(257) }, /password/i],
    ['the name for a password', { ...JO, username: 'jo.smith.jones', password: 'Jo.Smith.Jones' }, /password/i],
    ['an address without a domain', { ...JO, email: 'jo@' }, /email/],
    ['two addresses', { ...JO, email: 'a@example.com,b@example.com' }, /email/],
    ['a line break in the address', { ...JO, email: 'a@example.com\r\nBcc: b@example.com' }, /email/],
    ['a name of two characters', { ...JO, username: 'jo' }, /username/],
    ['a name of 51 characters', { ...JO, username: 'j'.repeat(51) }, /username/],
    ['an address for a name', { ...JO, username: 'other@example.com' }, /user name/],
    ['a name with a Cyrillic letter', { ...JO, username: 'jо-smith' }, /user name/],
    ['no address', { password: JO.password }, /email/],
  ])('is 400 for %s, and says what is wrong', async (_what, body, message) => {
    const stage = await openStage();
    const answer = await register(stage, body);
    expect(answer.status).toBe(400);
    expect(answer.json.error).toMatch(message);
    expect(answer.json.errors[0].path).toMatch(/^(password|email|username)$/);
    expect(stage.identity.rows.users.size).toBe(0);
  });

  it.each(['Admin', 'root', 'SUPPORT', 'sluice'])('gives nobody the name %s', async (username) => {
    expect((await register(await openStage(), { ...JO, username })).status).toBe(409);
  });

  it("gives nobody the first administrator's name, who has not signed in yet", async () => {
    const secrets = {
      ...createStage().services.secrets,
      bootstrapAdmin: async () => ({ username: 'Boss', password: 'x' }),
    };
    const stage = await openStage({}, { secrets });
    expect((await register(stage, { ...JO, username: 'bOSS' })).status).toBe(409);
  });

  it('is closed unless it was opened', async () => {
    const stage = createStage();
    const answer = await register(stage);
    expect([answer.status, answer.json.error_code]).toEqual([403, 'REGISTRATION_CLOSED']);
    expect(stage.throttles.asked).toEqual([]);
  });

  it('takes addresses of the domains that were named, and of no subdomain or look-alike', async () => {
    const stage = await openStage({ registrationDomains: ['example.com'] });
    const status = async (email: string) => (await register(stage, { email, password: JO.password })).status;
    expect(await status('a@Example.COM')).toBe(201);
    expect(await status('b@sub.example.com')).toBe(400);
    expect(await status('c@notexample.com')).toBe(400);
    expect(await status('d@example.com.evil.org')).toBe(400);
  });

  it('verifies at once where verification is off', async () => {
    const stage = await openStage({ emailVerification: 'off' });
    const answer = await register(stage);
    expect(answer.json.user.is_verified).toBe(true);
    expect(answer.json.message).toMatch(/sign in now/);
    expect(sentMails(stage)).toEqual(['welcome Jo@Example.com']);
  });

  it.each(['failed', 'off'] as const)('succeeds when mail is %s', async (outcome) => {
    const stage = await openStage({}, { mailer: createMemoryMailer(() => outcome) });
    expect((await register(stage)).status).toBe(201);
  });

  it('writes mails in the language of the browser', async () => {
    const stage = await openStage();
    await register(stage, JO, { 'accept-language': 'fr;q=0.9, zh-CN;q=0.8, en;q=0.5' });
    expect(stage.mailer.sent[0]?.subject).toBe('请验证您的邮箱地址');
    expect(stage.mailer.sent[0]?.html).toContain('<html lang="zh">');
  });

  it('is limited by address of the client, in all processes together', async () => {
    const stage = await openStage();
    const statuses = [];
    for (let index = 0; index < 101; index += 1) {
      statuses.push((await register(stage, { ...JO, email: 'x' })).status, (await register(stage)).status);
    }
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
    const refused = await register(stage);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('counts a network of IPv6 as one client', async () => {
    const stage = await openStage();
    const visit = (address: string) =>
      stage.services.registration
        .register({ ...JO, username: 'jo' }, { address, mail: { publicUrl: null, language: 'en' } })
        .catch(() => null);
    await visit('2001:db8:0:7::1');
    await visit('2001:db8::7:aaaa:bbbb:cccc:1');
    await visit('2001:db8:0:8::1');
    expect(new Set(stage.throttles.asked).size).toBe(2);
  });

  it('of twenty at once with one address makes one user', async () => {
    const stage = await openStage();
    const answers = await Promise.all(Array.from({ length: 20 }, () => register(stage)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
  });
});

describe('another link for the own address', () => {
  it('is sent on request, five times an hour, and both links are good for the one confirmation', async () => {
    const stage = await openStage();
    await register(stage);
    const first = tokenOfMail(stage, 'verification');
    const { json } = await login(stage, JO.username, JO.password);
    const headers = { authorization: `Bearer ${json.access_token}` };
    const resend = () => stage.call('/api/auth/resend-verification', { method: 'POST', headers });
    const statuses = [];
    for (let index = 0; index < 6; index += 1) statuses.push((await resend()).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await verify(stage, tokenOfMail(stage, 'verification'))).status).toBe(200);
    expect((await verify(stage, first)).status).toBe(200);
    expect(sentMails(stage).filter((mail) => mail.startsWith('welcome'))).toHaveLength(1);
    expect((await resend()).json.message).toMatch(/confirmed already/);
  });
});

describe('a link that is no link', () => {
  it.each(['', 'x', 'x'.repeat(43), 'x'.repeat(600), '../../users'])('"%s" is 400', async (token) => {
    const stage = await openStage();
    const answers = await Promise.all([
      verify(stage, token),
      stage.call('/api/auth/verify-reset-token', { body: { token } }),
      stage.call('/api/auth/reset-password', { body: { token, password: 'new password' } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
  });

  it('opens nothing but what it was sent for', async () => {
    const stage = await openStage();
    await register(stage);
    const verification = tokenOfMail(stage, 'verification');
    const body = { token: verification, password: 'new password' };
    expect((await stage.call('/api/auth/reset-password', { body })).status).toBe(400);
    await stage.call('/api/auth/forgot-password', { body: { email: JO.email } });
    expect((await verify(stage, tokenOfMail(stage, 'password-reset'))).status).toBe(400);
    expect((await verify(stage, verification)).status).toBe(200);
  });

  it('is that of a user who is gone or disabled', async () => {
    const stage = await openStage();
    const { json } = await register(stage);
    const token = tokenOfMail(stage, 'verification');
    await stage.identity.updateUser(json.userId, { enabled: false });
    expect((await verify(stage, token)).status).toBe(400);
    stage.identity.rows.users.clear();
    expect((await verify(stage, token)).status).toBe(400);
  });
});

describe('looking a user name up', () => {
  it('tells whether it is taken, in any letters, to anybody', async () => {
    const stage = await openStage();
    await register(stage);
    const check = (username: string) => stage.call(`/api/auth/check-username?username=${encodeURIComponent(username)}`);
    expect((await check('JO.smith')).json).toEqual({
      success: true,
      exists: true,
      message: 'This user name is taken.',
      username: 'JO.smith',
    });
    expect((await check('nobody-yet')).json).toMatchObject({ exists: false, message: 'This user name is free.' });
    expect((await check('admin')).json.exists).toBe(true);
    expect((await check('x')).json).toMatchObject({ exists: false, message: expect.stringMatching(/3 to 50/) });
    expect((await stage.call('/api/auth/check-username')).status).toBe(400);
  });

  it('is possible thirty times a minute', async () => {
    const stage = await openStage();
    const ask = () => stage.call('/api/auth/check-username?username=somebody');
    const statuses = [];
    for (let index = 0; index < 31; index += 1) statuses.push((await ask()).status);
    expect(statuses).toEqual([...Array(30).fill(200), 429]);
    stage.now.ms += 60_000;
    expect((await ask()).status).toBe(200);
  });
});
