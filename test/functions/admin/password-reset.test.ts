import type { User } from '../../../layers/core/identity/store.ts';
import { createMemoryMailer } from '../../support/memory-mailer.ts';
import { aUserWithPassword, createStage, HOST, type Stage } from './support/admin-stage.ts';
import { sentMails, tokenOfMail } from './support/mails.ts';

const OLD = 'the old password';
const NEW = 'the new password';
const EMAIL = 'user@example.com';

async function stageWithUser(change: Partial<User> = {}, ports: Parameters<typeof createStage>[0] = {}) {
  const stage = createStage(ports);
  const user = { ...(await aUserWithPassword('user', OLD)), ...change };
  await stage.identity.createUser(user);
  return { stage, user };
}

const forgot = (stage: Stage, email = EMAIL, headers: Record<string, string> = {}) =>
  stage.call('/api/auth/forgot-password', { body: { email }, headers });
const check = (stage: Stage, token: string) => stage.call('/api/auth/verify-reset-token', { body: { token } });
const reset = (stage: Stage, token: string, password = NEW) =>
  stage.call('/api/auth/reset-password', { body: { token, password } });
const login = (stage: Stage, password: string) => stage.call('/api/auth/login', { body: { email: EMAIL, password } });

async function resetToken(stage: Stage): Promise<string> {
  await forgot(stage);
  return tokenOfMail(stage, 'password-reset');
}

describe('a reset link', () => {
  it('is mailed, tells whose it is, and sets a password once', async () => {
    const { stage } = await stageWithUser();
    const token = await resetToken(stage);
    expect(stage.mailer.sent[0]?.text).toContain(`https://${HOST}/reset-password?token=${token}`);
    expect((await check(stage, token)).json).toMatchObject({
      success: true,
      email: EMAIL,
      message: expect.any(String),
    });
    expect((await reset(stage, token)).status).toBe(200);
    expect((await login(stage, OLD)).status).toBe(401);
    expect((await login(stage, NEW)).status).toBe(200);
    for (const again of [await check(stage, token), await reset(stage, token, 'a third password')]) {
      expect([again.status, again.json.error_code]).toEqual([400, 'LINK_INVALID']);
    }
    expect((await login(stage, NEW)).status).toBe(200);
    expect(JSON.stringify([...stage.accountStore.links])).not.toContain(token);
  });

  it('ends every session and every access and refresh token, confirms the address, lifts the forced change', async () => {
    const { stage, user } = await stageWithUser({ emailVerified: false, mustChangePassword: true });
    const { json, headers } = await login(stage, OLD);
    const cookie = String(headers['set-cookie']).split(';')[0] ?? '';
    const me = (sent: Record<string, string>) => stage.call('/api/auth/me', { headers: sent });
    expect((await me({ cookie })).status).toBe(200);
    // The very second of the sign-in.
    expect((await reset(stage, await resetToken(stage))).status).toBe(200);
    expect((await me({ cookie })).status).toBe(401);
    expect((await me({ authorization: `Bearer ${json.access_token}` })).status).toBe(401);
    const refreshed = await stage.call('/api/auth/refresh', { body: { refresh_token: json.refresh_token } });
    expect(refreshed.status).toBe(401);
    expect(stage.identity.rows.users.get(user.id)).toMatchObject({ emailVerified: true, mustChangePassword: false });
    const again = await login(stage, NEW);
    expect((await me({ authorization: `Bearer ${again.json.access_token}` })).status).toBe(200);
  });

  it('works for an hour less a millisecond, and not for an hour', async () => {
    for (const [afterMs, status] of [
      [3_600_000 - 1, 200],
      [3_600_000, 400],
    ] as const) {
      const { stage } = await stageWithUser();
      const token = await resetToken(stage);
      stage.now.ms += afterMs;
      expect((await check(stage, token)).status).toBe(status);
      expect((await reset(stage, token)).status).toBe(status);
    }
  });

  it('survives a password that is refused', async () => {
    const { stage } = await stageWithUser();
    const token = await resetToken(stage);
    const refused = await reset(stage, token, 'short7!');
    expect([refused.status, refused.json.errors[0].path]).toEqual([400, 'password']);
    expect((await reset(stage, token)).status).toBe(200);
  });

  it('is over when another one was used, or the password was changed since', async () => {
    const { stage } = await stageWithUser();
    const [first, second] = [await resetToken(stage), await resetToken(stage)];
    expect(first).not.toBe(second);
    expect((await reset(stage, second)).status).toBe(200);
    const late = await reset(stage, first, 'a third password');
    expect([late.status, late.json.error_code]).toEqual([400, 'LINK_INVALID']);
    expect((await login(stage, NEW)).status).toBe(200);
  });

  it('is over when the address became another', async () => {
    const { stage, user } = await stageWithUser();
    const token = await resetToken(stage);
    stage.identity.rows.users.set(user.id, { ...user, email: 'new@example.com' });
    expect((await check(stage, token)).status).toBe(400);
    expect((await reset(stage, token)).status).toBe(400);
  });

  it('is no way in for a disabled user', async () => {
    const { stage, user } = await stageWithUser();
    const token = await resetToken(stage);
    await stage.identity.updateUser(user.id, { enabled: false });
    expect((await reset(stage, token)).status).toBe(400);
  });

  it('of twenty uses at once lets exactly one through, and that password counts', async () => {
    const { stage } = await stageWithUser();
    const token = await resetToken(stage);
    const passwords = Array.from({ length: 20 }, (_value, index) => `password number ${index}`);
    const answers = await Promise.all(passwords.map((password) => reset(stage, token, password)));
    const winners = passwords.filter((_password, index) => answers[index]?.status === 200);
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(19);
    expect((await login(stage, winners[0] ?? '')).status).toBe(200);
  });

  it('names its user in the audit log', async () => {
    const { stage, user } = await stageWithUser();
    await reset(stage, await resetToken(stage));
    const admin = await stage.as('super_admin');
    const { text } = await stage.call('/api/admin/audit', { headers: admin });
    expect(text).toContain('POST /api/auth/reset-password');
    expect(text).toContain(user.id);
    expect(text).not.toContain(NEW);
  });
});

describe('asking for a reset link', () => {
  /** Every call of the stores and of the mailer, in order. */
  async function countedWork(email: string, user: Partial<User> = {}): Promise<{ calls: string[]; text: string }> {
    const { stage } = await stageWithUser(user);
    const calls: string[] = [];
    for (const [name, store] of Object.entries({
      identity: stage.identity,
      accountStore: stage.accountStore,
      userSettings: stage.userSettings,
      throttles: stage.throttles,
      catalog: stage.catalog,
      mailer: stage.mailer,
    })) {
      for (const [method, run] of Object.entries(store)) {
        if (typeof run !== 'function') continue;
        Object.assign(store, {
          [method]: (...given: unknown[]) => {
            calls.push(`${name}.${method}`);
            return (run as (...all: unknown[]) => unknown)(...given);
          },
        });
      }
    }
    const answer = await forgot(stage, email);
    expect(answer.status).toBe(200);
    return { calls, text: answer.text };
  }

  it('does the same work and gives the same answer whether anybody has the address or not', async () => {
    const known = await countedWork(EMAIL);
    expect(known.calls).toEqual([
      'throttles.take',
      'throttles.take',
      'accountStore.findUserEvenly',
      'userSettings.readUserSettings',
      'accountStore.createLink',
      'mailer.send',
    ]);
    for (const other of [
      await countedWork('nobody@example.com'),
      await countedWork(EMAIL, { enabled: false }),
      await countedWork(EMAIL, { email: null }),
      await countedWork(EMAIL, { passwordHash: null, emailVerified: false }),
    ]) {
      expect(other).toEqual(known);
    }
  });

  it('sends nobody a mail when nobody has the address, and makes no link that opens anything', async () => {
    const { stage } = await stageWithUser();
    await forgot(stage, 'nobody@example.com');
    expect(stage.mailer.sent).toEqual([]);
    expect(stage.mailer.calls.map(({ to }) => to)).toEqual(['success@simulator.amazonses.com']);
    const token = /\?token=([\w-]+)$/m.exec(stage.mailer.calls[0]?.text ?? '')?.[1] ?? '';
    expect((await check(stage, token)).status).toBe(400);
    expect((await reset(stage, token)).status).toBe(400);
  });

  it('gives the same answer when the mail fails', async () => {
    const failing = await stageWithUser({}, { mailer: createMemoryMailer(() => 'failed') });
    const well = await stageWithUser();
    expect((await forgot(failing.stage)).text).toBe((await forgot(well.stage)).text);
  });

  it('fills no inbox: five mails an hour for one address, whose owner is not told apart by it', async () => {
    const { stage } = await stageWithUser();
    const answers = [];
    for (let index = 0; index < 8; index += 1) answers.push((await forgot(stage, 'USER@example.com')).text);
    expect(new Set(answers).size).toBe(1);
    expect(sentMails(stage)).toEqual(Array(5).fill(`password-reset ${EMAIL}`));
    stage.now.ms += 3_600_000;
    await forgot(stage);
    expect(stage.mailer.sent).toHaveLength(6);
  });

  it('is limited by the address of the client: 429 for known and unknown addresses alike', async () => {
    const { stage } = await stageWithUser();
    const statuses = [];
    for (let index = 0; index < 31; index += 1) statuses.push((await forgot(stage, `a${index}@example.com`)).status);
    expect(statuses).toEqual([...Array(30).fill(200), 429]);
    const known = await forgot(stage);
    expect([known.status, Number(known.headers['retry-after']) > 0]).toEqual([429, true]);
  });

  it('writes in the language that the user chose, else in that of the browser', async () => {
    const { stage, user } = await stageWithUser();
    await forgot(stage, EMAIL, { 'accept-language': 'zh' });
    const after = { notifications: {}, security: {}, preferences: { language: 'en' } };
    await stage.userSettings.putUserSettings(user.id, { before: null, after });
    await forgot(stage, EMAIL, { 'accept-language': 'zh' });
    expect(stage.mailer.sent.map(({ subject }) => subject)).toEqual(['重置您的密码', 'Reset your password']);
  });

  it('puts no host of the client’s own choice into a link', async () => {
    const { stage } = await stageWithUser();
    await forgot(stage, EMAIL, {
      host: 'evil.example',
      'x-forwarded-host': 'console.example.com',
      forwarded: 'host=evil',
    });
    await forgot(stage, EMAIL, { 'x-forwarded-host': 'evil.example/@x' });
    await forgot(stage, EMAIL, { 'x-forwarded-host': '127.0.0.1:8787' });
    const links = stage.mailer.calls.map(({ text }) => /https?:\/\/[^/]+\//.exec(text)?.[0]);
    expect(links).toEqual(['https://console.example.com/', 'http://127.0.0.1:8787/']);
  });
});

describe('a lost answer of the store', () => {
  it('neither burns the link nor leaves the caller in doubt', async () => {
    for (const applied of [false, true]) {
      const { stage } = await stageWithUser();
      const token = await resetToken(stage);
      const { changeUser } = stage.accountStore;
      stage.accountStore.changeUser = async (request) => {
        stage.accountStore.changeUser = changeUser;
        if (applied) await changeUser(request);
        throw new Error('the answer was lost');
      };
      expect((await reset(stage, token)).status).toBe(500);
      const again = await reset(stage, token);
      expect(again.status).toBe(applied ? 400 : 200);
      if (applied) expect(again.json.error).toMatch(/used already/);
      expect((await login(stage, NEW)).status).toBe(200);
    }
  });
});
