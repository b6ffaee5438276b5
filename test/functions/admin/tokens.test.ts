import { REFRESH_LIFE_MS } from '../../../layers/core/identity/refresh-tokens.ts';
import { REFRESH_GRACE_MS } from '../../../layers/core/identity/sessions.ts';
import { craftTokens } from '../../support/crafted-tokens.ts';
import {
  aUserWithPassword,
  createStage,
  HOST,
  SIGNING_SEED,
  type Answered,
  type Stage,
} from './support/admin-stage.ts';

const PASSWORD = 'a password of ann';
const LOGIN = { username: 'some-user', password: PASSWORD };
const SITE = { origin: `https://${HOST}` };

async function stageWithUser(): Promise<Stage> {
  const stage = createStage();
  await stage.identity.createUser(await aUserWithPassword('user', PASSWORD));
  return stage;
}

interface SignedIn {
  access: string;
  refresh: string;
  bearer: Record<string, string>;
  cookie: Record<string, string>;
}

async function signIn(stage: Stage): Promise<SignedIn> {
  const answer = await stage.call('/api/auth/login', { body: LOGIN });
  expect(answer.status).toBe(200);
  const { access_token: access, refresh_token: refresh } = answer.json;
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  return { access, refresh, bearer: { authorization: `Bearer ${access}` }, cookie: { cookie } };
}

const refresh = (stage: Stage, token: string): Promise<Answered> =>
  stage.call('/api/auth/refresh', { body: { refresh_token: token } });
const me = async (stage: Stage, headers: Record<string, string>): Promise<number> =>
  (await stage.call('/api/auth/me', { headers })).status;
const outcomeOf = ({ status, json }: Answered): unknown[] => [status, json.error_code];

describe('a refresh', () => {
  it('answers a new pair under all its names, without a user', async () => {
    const stage = await stageWithUser();
    const first = await signIn(stage);
    stage.now.ms += 1000;
    const { status, json } = await refresh(stage, first.refresh);
    expect(status).toBe(200);
    expect(json).toMatchObject({ success: true, token_type: 'bearer', expires_in: 86_400, token: json.access_token });
    expect(json).not.toHaveProperty('user');
    expect([json.access_token, json.refresh_token]).not.toEqual([first.access, first.refresh]);
    expect(await me(stage, { authorization: `Bearer ${json.access_token}` })).toBe(200);
    expect(await me(stage, first.bearer)).toBe(200);
  });

  it('with a token that was used before the grace ended kills the family, access tokens and cookie with it', async () => {
    const stage = await stageWithUser();
    const first = await signIn(stage);
    const second = (await refresh(stage, first.refresh)).json;
    expect((await refresh(stage, first.refresh)).json.refresh_token).toBe(second.refresh_token);
    stage.now.ms += REFRESH_GRACE_MS + 1;
    const replay = await refresh(stage, first.refresh);
    expect(outcomeOf(replay)).toEqual([401, 'INVALID_TOKEN']);
    expect(replay.headers['www-authenticate']).toBe('Bearer');
    expect(outcomeOf(await refresh(stage, second.refresh_token))).toEqual([401, 'INVALID_TOKEN']);
    expect(await me(stage, { authorization: `Bearer ${second.access_token}` })).toBe(401);
    expect(await me(stage, first.cookie)).toBe(401);
    expect(stage.log.join()).toContain('refresh_token_replayed');
    expect(stage.log.join()).not.toContain(first.refresh);
  });

  it('does not take an access token, nor does a guarded path take a refresh token', async () => {
    const stage = await stageWithUser();
    const { access, refresh: token } = await signIn(stage);
    expect(outcomeOf(await refresh(stage, access))).toEqual([401, 'INVALID_TOKEN']);
    expect(await me(stage, { authorization: `Bearer ${token}` })).toBe(401);
    expect(await me(stage, { cookie: `auth-token=${token}` })).toBe(401);
    expect(await me(stage, { cookie: `sluice_session=${token}` })).toBe(401);
  });

  it('tells an expired token, a disabled account, a missing token and a foreign page apart', async () => {
    const stage = await stageWithUser();
    const { refresh: token } = await signIn(stage);
    const body = { refresh_token: token };
    const missing = await stage.call('/api/auth/refresh', { body: {} });
    expect([missing.status, missing.json.errors[0].path]).toEqual([400, 'refresh_token']);
    const foreign = { origin: 'https://evil.example' };
    expect((await stage.call('/api/auth/refresh', { body, headers: foreign })).status).toBe(403);
    await stage.identity.updateUser('usr_user', { enabled: false });
    expect(outcomeOf(await refresh(stage, token))).toEqual([403, 'ACCOUNT_DISABLED']);
    await stage.identity.updateUser('usr_user', { enabled: true });
    stage.now.ms += REFRESH_LIFE_MS;
    expect(outcomeOf(await refresh(stage, token))).toEqual([401, 'TOKEN_EXPIRED']);
  });

  it('uses up nothing when the signing key cannot be had', async () => {
    const stage = await stageWithUser();
    const { refresh: token } = await signIn(stage);
    const broken = createStage({
      identity: stage.identity,
      sessionStore: stage.sessions,
      catalog: { ...stage.catalog, findPublicKey: () => Promise.reject(new Error('gone')) },
    });
    expect((await refresh(broken, token)).status).toBe(500);
    stage.now.ms += REFRESH_GRACE_MS + 1;
    expect((await refresh(stage, token)).status).toBe(200);
  });
});

describe('signing out', () => {
  it('ends the access token at once, and its refresh token and cookie', async () => {
    const stage = await stageWithUser();
    const mine = await signIn(stage);
    const other = await signIn(stage);
    const answer = await stage.call('/api/auth/logout', { method: 'POST', headers: mine.bearer });
    expect([answer.status, answer.json.success]).toEqual([200, true]);
    expect(await me(stage, mine.bearer)).toBe(401);
    expect(await me(stage, mine.cookie)).toBe(401);
    expect((await refresh(stage, mine.refresh)).status).toBe(401);
    expect(await me(stage, other.bearer)).toBe(200);
    const again = await stage.call('/api/auth/logout', { method: 'POST', headers: mine.bearer });
    expect(outcomeOf(again)).toEqual([401, 'INVALID_TOKEN']);
  });

  it('by cookie ends the same, and takes the cookie back', async () => {
    const stage = await stageWithUser();
    const mine = await signIn(stage);
    const headers = { ...mine.cookie, ...SITE };
    const answer = await stage.call('/api/auth/logout', { method: 'POST', headers });
    expect(String(answer.headers['set-cookie'])).toMatch(/^sluice_session=; .*Max-Age=0/);
    expect(await me(stage, mine.bearer)).toBe(401);
    expect((await stage.call('/api/auth/logout', { method: 'POST', headers })).status).toBe(200);
  });

  it('takes a refresh token along, also where the access token has expired', async () => {
    const stage = await stageWithUser();
    const [mine, other] = [await signIn(stage), await signIn(stage)];
    const sent = { body: { refresh_token: other.refresh }, headers: mine.bearer };
    expect((await stage.call('/api/auth/logout', sent)).status).toBe(200);
    expect(await me(stage, mine.bearer)).toBe(401);
    expect(await me(stage, other.bearer)).toBe(401);
    const third = await signIn(stage);
    stage.now.ms += 24 * 3600_000 + 1;
    const late = { body: { refresh_token: third.refresh }, headers: third.bearer };
    expect((await stage.call('/api/auth/logout', late)).status).toBe(200);
    expect((await refresh(stage, third.refresh)).status).toBe(401);
  });

  it('with nothing at hand is no mistake, and from a foreign page is refused', async () => {
    const stage = await stageWithUser();
    const { cookie } = await signIn(stage);
    expect((await stage.call('/api/auth/logout', { method: 'POST' })).status).toBe(200);
    const headers = { ...cookie, origin: 'https://evil.example' };
    expect((await stage.call('/api/auth/logout', { method: 'POST', headers })).status).toBe(403);
    expect(await me(stage, cookie)).toBe(200);
  });

  it('everywhere kills every access token, refresh token and cookie, and whoever signs in then is in', async () => {
    const stage = await stageWithUser();
    const all = [await signIn(stage), await signIn(stage), await signIn(stage)];
    const answer = await stage.call('/api/auth/logout-all', { method: 'POST', headers: all[1]?.bearer ?? {} });
    expect([answer.status, answer.json.success]).toEqual([200, true]);
    // All within one second.
    const after = await signIn(stage);
    for (const { bearer, cookie, refresh: token } of all) {
      expect(await me(stage, bearer)).toBe(401);
      expect(await me(stage, cookie)).toBe(401);
      expect(outcomeOf(await refresh(stage, token))).toEqual([401, 'INVALID_TOKEN']);
    }
    expect(await me(stage, after.bearer)).toBe(200);
    expect((await refresh(stage, after.refresh)).status).toBe(200);
    const [user] = stage.identity.rows.users.values();
    expect(user?.validAfter).toBe(stage.now.ms / 1000);
  });
});

describe('the cookie of one of the contracts, auth-token', () => {
  it('opens what its access token opens, under the same guard against foreign pages', async () => {
    const stage = await stageWithUser();
    const { access } = await signIn(stage);
    const cookie = `auth-token=${access}`;
    expect(await me(stage, { cookie })).toBe(200);
    const write = (headers: Record<string, string>) =>
      stage.call('/api/auth/logout-all', { method: 'POST', headers: { cookie, ...headers } });
    expect((await write({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await write(SITE)).status).toBe(200);
    const over = await stage.call('/api/auth/me', { headers: { cookie } });
    expect([over.status, over.headers['set-cookie']]).toEqual([
      401,
      expect.stringMatching(/^auth-token=; .*Max-Age=0/),
    ]);
  });
});

describe('an access token on the control plane', () => {
  const stage = createStage();
  const facts = { seed: SIGNING_SEED, userId: 'usr_user', sessionId: 'ses_user', nowMs: stage.now.ms };
  const { right, expired, wrong } = craftTokens(facts);

  it('that is right in everything is taken, so that those below are refused for what is wrong', async () => {
    await stage.as('user');
    expect(await me(stage, { authorization: `Bearer ${right}` })).toBe(200);
  });

  it('that has expired is told so', async () => {
    const answer = await stage.call('/api/auth/me', { headers: { authorization: `Bearer ${expired}` } });
    expect(outcomeOf(answer)).toEqual([401, 'TOKEN_EXPIRED']);
  });

  it.each(wrong)('%s is refused', async (_title, token) => {
    await stage.as('user');
    const answer = await stage.call('/api/auth/me', { headers: { authorization: `Bearer ${token}` } });
    expect(outcomeOf(answer)).toEqual([401, 'INVALID_TOKEN']);
  });
});
