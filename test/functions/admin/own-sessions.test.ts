import { SESSION_LIFE_MS } from '../../../layers/core/identity/sessions.ts';
import {
  aUser,
  aUserWithPassword,
  BOOTSTRAP,
  createStage,
  HOST,
  type Answered,
  type Stage,
} from './support/admin-stage.ts';

const PASSWORD = 'a password of ann';
const LOGIN = { username: 'some-user', password: PASSWORD };

async function stageWithUser(): Promise<Stage> {
  const stage = createStage();
  await stage.identity.createUser(await aUserWithPassword('user', PASSWORD));
  return stage;
}

type Headers = Record<string, string>;
async function signIn(stage: Stage, sent: { headers?: Headers; clientAddress?: string } = {}) {
  const answer = await stage.call('/api/auth/login', { body: LOGIN, ...sent });
  expect(answer.status).toBe(200);
  const bearer = { authorization: `Bearer ${answer.json.access_token}` };
  const cookie = { cookie: String(answer.headers['set-cookie']).split(';')[0] ?? '' };
  return { bearer, cookie, refresh: String(answer.json.refresh_token) };
}

const me = (stage: Stage, headers: Headers): Promise<Answered> => stage.call('/api/auth/me', { headers });
const list = async (stage: Stage, headers: Headers) => (await stage.call('/api/auth/sessions', { headers })).json.data;
const end = (stage: Stage, id: string, headers: Headers) =>
  stage.call(`/api/auth/sessions/${id}`, { method: 'DELETE', headers });

describe('the list of one’s sessions', () => {
  it('tells where each began, which is this one, and nothing that opens it', async () => {
    const stage = await stageWithUser();
    const headers = { 'user-agent': `Browser ${'x'.repeat(500)}` };
    const first = await signIn(stage, { headers, clientAddress: '198.51.100.7' });
    stage.now.ms += 60_000;
    const second = await signIn(stage);
    const sessions = await list(stage, second.bearer);
    expect(sessions).toMatchObject([
      { current: true, address: '192.0.2.1', kinds: ['cookie', 'tokens'], user_agent: '' },
      { current: false, address: '198.51.100.7', created_at: '2026-03-01T12:00:00.000Z' },
    ]);
    expect(sessions[1].user_agent).toHaveLength(120);
    const secrets = [first.refresh.split('.')[3], first.cookie.cookie.split('.')[1]];
    for (const secret of secrets) expect(JSON.stringify(sessions)).not.toContain(secret);
  });

  it('ends one of them by its id, tokens and cookie, and takes back the cookie of this one', async () => {
    const stage = await stageWithUser();
    const [mine, other] = [await signIn(stage), await signIn(stage)];
    const sessions = await list(stage, mine.bearer);
    const idOf = (current: boolean) => sessions.find((one: { current: boolean }) => one.current === current).id;
    expect((await end(stage, idOf(false), mine.bearer)).status).toBe(200);
    expect((await me(stage, other.bearer)).status).toBe(401);
    expect((await me(stage, other.cookie)).status).toBe(401);
    expect((await end(stage, idOf(false), mine.bearer)).status).toBe(404);
    const own = await end(stage, idOf(true), mine.bearer);
    expect(String(own.headers['set-cookie'])).toMatch(/^sluice_session=; .*Max-Age=0/);
    expect((await me(stage, mine.bearer)).status).toBe(401);
  });

  it('never reaches another user’s', async () => {
    const stage = await stageWithUser();
    const { bearer } = await signIn(stage);
    const admin = await stage.as('super_admin');
    const [theirs] = await list(stage, bearer);
    expect((await end(stage, theirs.id, admin)).status).toBe(404);
    expect((await me(stage, bearer)).status).toBe(200);
    expect(await list(stage, admin)).toEqual([]);
  });
});

describe('a cookie session that is over', () => {
  it('is told so, and its cookie taken back', async () => {
    const stage = await stageWithUser();
    const { cookie } = await signIn(stage);
    stage.now.ms += SESSION_LIFE_MS;
    const answer = await me(stage, cookie);
    expect([answer.status, answer.json.error_code]).toEqual([401, 'SESSION_EXPIRED']);
    expect(answer.headers['set-cookie']).toMatch(/^sluice_session=; .*Max-Age=0/);
  });

  it('leaves the tokens of the same sign-in as they are', async () => {
    const stage = await stageWithUser();
    const { bearer } = await signIn(stage);
    stage.now.ms += SESSION_LIFE_MS;
    expect((await me(stage, bearer)).status).toBe(200);
  });
});

describe('a change of one’s password', () => {
  const change = (stage: Stage, headers: Headers, body: object) =>
    stage.call('/api/auth/change-password', { body, headers });
  const NEXT = { current_password: PASSWORD, new_password: 'another password' };

  it('ends all other sessions and leaves this one: token, refresh token and cookie', async () => {
    const stage = await stageWithUser();
    const [mine, other] = [await signIn(stage), await signIn(stage)];
    expect((await change(stage, mine.bearer, NEXT)).status).toBe(200);
    expect((await me(stage, mine.bearer)).status).toBe(200);
    expect((await me(stage, mine.cookie)).status).toBe(200);
    expect((await stage.call('/api/auth/refresh', { body: { refresh_token: mine.refresh } })).status).toBe(200);
    for (const headers of [other.bearer, other.cookie]) expect((await me(stage, headers)).status).toBe(401);
    expect((await stage.call('/api/auth/refresh', { body: { refresh_token: other.refresh } })).status).toBe(401);
    const login = (password: string) => stage.call('/api/auth/login', { body: { ...LOGIN, password } });
    expect([(await login(PASSWORD)).status, (await login(NEXT.new_password)).status]).toEqual([401, 200]);
  });

  it.each([
    ['a wrong current password', { ...NEXT, current_password: 'wrong' }, 'current_password'],
    ['the password that there is', { ...NEXT, new_password: PASSWORD }, 'new_password'],
    ['a short one', { ...NEXT, new_password: 'short' }, 'new_password'],
    ['no current password', { new_password: NEXT.new_password }, 'current_password'],
  ])('is refused with %s by the field’s name, and ends nothing', async (_what, body, field) => {
    const stage = await stageWithUser();
    const [mine, other] = [await signIn(stage), await signIn(stage)];
    const answer = await change(stage, mine.bearer, body);
    expect(answer.status).toBe(400);
    expect(answer.json.error).toMatch(new RegExp(`^${field}: `));
    expect((await me(stage, other.bearer)).status).toBe(200);
  });

  it('lets nobody guess with a stolen session: ten tries in a quarter of an hour', async () => {
    const stage = await stageWithUser();
    const { bearer } = await signIn(stage);
    const wrong = { ...NEXT, current_password: 'wrong' };
    for (let tries = 0; tries < 10; tries += 1) expect((await change(stage, bearer, wrong)).status).toBe(400);
    const refused = await change(stage, bearer, NEXT);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '900']);
  });

  it('is refused to a user who has no password', async () => {
    const stage = createStage();
    await stage.identity.createUser(aUser('user'));
    expect((await change(stage, await stage.as('user'), NEXT)).status).toBe(400);
  });
});

describe('the first administrator’s generated password', () => {
  const login = (stage: Stage, password = BOOTSTRAP.password) =>
    stage.call('/api/auth/login', { body: { username: BOOTSTRAP.username, password } });

  it('is to be changed, which the console asks for and the API does not', async () => {
    const stage = createStage();
    const { json } = await login(stage);
    expect(json.user.must_change_password).toBe(true);
    const headers = { authorization: `Bearer ${json.access_token}` };
    expect((await me(stage, headers)).json.data.must_change_password).toBe(true);
    expect((await stage.call('/api/v1/admin/session', { headers })).json.user.must_change_password).toBe(true);
    expect((await stage.call('/api/admin/export', { headers })).status).toBe(200);
  });

  it('is asked for no longer once it was changed', async () => {
    const stage = createStage();
    const { json } = await login(stage);
    const headers = { authorization: `Bearer ${json.access_token}` };
    const body = { current_password: BOOTSTRAP.password, new_password: 'of my own choice' };
    expect((await stage.call('/api/auth/change-password', { body, headers })).status).toBe(200);
    expect((await me(stage, headers)).json.must_change_password).toBe(false);
    expect((await login(stage)).status).toBe(401);
    expect((await login(stage, 'of my own choice')).json.user.must_change_password).toBe(false);
  });

  it('may stay where the setting says so, as on one machine', async () => {
    const stage = createStage();
    await stage.catalog.changeSettings({ forcedPasswordChange: false });
    expect((await login(stage)).json.user.must_change_password).toBe(false);
  });
});

describe('tries to sign in', () => {
  const attempt = (stage: Stage, body: object, clientAddress = '198.51.100.1', headers: Headers = {}) =>
    stage.call('/api/auth/login', { body, clientAddress, headers });
  const WRONG = { ...LOGIN, password: 'wrong' };

  it('end with 429 and when to come back, also for the right password, at both paths, for this address', async () => {
    const stage = await stageWithUser();
    for (let tries = 0; tries < 10; tries += 1) expect((await attempt(stage, WRONG)).status).toBe(401);
    const refused = await attempt(stage, LOGIN);
    expect([refused.status, refused.json.error_code]).toEqual([429, 'RATE_LIMIT_EXCEEDED']);
    expect(refused.headers['retry-after']).toBe('900');
    const form = { body: LOGIN, clientAddress: '198.51.100.1' };
    expect((await stage.call('/api/v1/admin/login', form)).status).toBe(429);
    expect((await attempt(stage, LOGIN, '198.51.100.2')).status).toBe(200);
    stage.now.ms += 900_000;
    expect((await attempt(stage, LOGIN)).status).toBe(200);
  });

  it('are told from each other by the CDN’s address alone, whatever a client says of itself', async () => {
    const stage = await stageWithUser();
    const says = (index: number) => ({
      'x-forwarded-for': `203.0.113.${index}`,
      'x-real-ip': `203.0.113.${index}`,
      forwarded: `for=203.0.113.${index}`,
    });
    for (let tries = 0; tries < 10; tries += 1) await attempt(stage, WRONG, undefined, says(tries));
    expect((await attempt(stage, LOGIN, undefined, says(99))).status).toBe(429);
  });

  it('that succeed are not held up by a count that cannot be taken back', async () => {
    const stage = await stageWithUser();
    const broken = createStage({
      identity: stage.identity,
      throttles: { ...stage.throttles, giveBack: () => Promise.reject(new Error('lost')) },
    });
    expect((await attempt(broken, LOGIN)).status).toBe(200);
    expect(broken.log.join()).toContain('login_count_kept');
  });

  it('are refused from a foreign page, before anything is counted', async () => {
    const stage = await stageWithUser();
    expect((await attempt(stage, LOGIN, undefined, { origin: `https://${HOST}.evil.example` })).status).toBe(403);
    expect(stage.throttles.asked).toEqual([]);
  });
});
