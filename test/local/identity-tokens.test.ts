import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { postJson, until, type AdminAnswer } from '../support/gateway.ts';
import { moveClock } from '../support/ledger.ts';
import { keepOutOfLogs } from '../support/log-secrets.ts';
import { removeDirectory, sharedAssembly, startStack, temporaryDirectory, type Stack } from '../support/stack.ts';

/** A stack of its own: it moves the clock, and signs the first administrator out everywhere. */
const dataDirectory = temporaryDirectory('identity');
const CLOCK = '2031-05-06T04:00:00Z';
/** Longer than the grace of a rotated token. */
const LATER_MS = 60_000;
/** A relay believes what it has read for ten seconds; the rest is room for a busy machine. */
const TIME_LIMIT_MS = 25_000;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ cloudAssembly: sharedAssembly(), dataDirectory, args: ['--clock', CLOCK] });
}, 150_000);
afterAll(async () => {
  await stack?.stop();
  removeDirectory(dataDirectory);
}, 60_000);

interface SignedIn {
  access: string;
  refresh: string;
  cookie: string;
}

function tokensOf({ status, body, headers }: AdminAnswer): SignedIn {
  expect(status).toBe(200);
  const [access, refresh] = [String(body['access_token']), String(body['refresh_token'])];
  keepOutOfLogs('an access token', access);
  keepOutOfLogs('a refresh token', refresh);
  return { access, refresh, cookie: (headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<AdminAnswer> =>
  postJson(`${stack.ready.url}${path}`, body, headers);
const signIn = async (): Promise<SignedIn> => tokensOf(await post('/api/auth/login', stack.ready.admin));
const refresh = (token: string): Promise<AdminAnswer> => post('/api/auth/refresh', { refresh_token: token });
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const get = async (path: string, headers: Record<string, string>): Promise<number> => {
  const answer = await fetch(`${stack.ready.url}${path}`, { headers });
  await answer.text();
  return answer.status;
};
const models = (token: string): Promise<number> => get('/v1/models', bearer(token));
const me = (headers: Record<string, string>): Promise<number> => get('/api/auth/me', headers);

describe('the tokens of a login', () => {
  test('open both planes, go on by a refresh, and all die with the replay of a used one after the grace', async () => {
    const first = await signIn();
    expect([await me(bearer(first.access)), await models(first.access)]).toEqual([200, 200]);
    const second = tokensOf(await refresh(first.refresh));
    expect(tokensOf(await refresh(first.refresh)).refresh).toBe(second.refresh);
    expect(await models(second.access)).toBe(200);
    expect((await refresh(first.access)).status).toBe(401);
    expect([await me(bearer(second.refresh)), await models(second.refresh)]).toEqual([401, 401]);

    await moveClock(stack.ready.sandboxUrl, Date.parse(CLOCK) + LATER_MS);
    const replay = await refresh(first.refresh);
    expect([replay.status, replay.body['error_code']]).toEqual([401, 'INVALID_TOKEN']);
    expect((await refresh(second.refresh)).status).toBe(401);
    expect([await me(bearer(second.access)), await me({ cookie: first.cookie })]).toEqual([401, 401]);
  });

  test(
    'end everywhere at once on the control plane, and on the data plane within its cache’s life',
    async () => {
      const [seen, unseen] = [await signIn(), await signIn()];
      expect(await models(seen.access)).toBe(200);
      expect((await post('/api/auth/logout-all', undefined, bearer(seen.access))).status).toBe(200);
      const after = await signIn();
      for (const { access, cookie, refresh: token } of [seen, unseen]) {
        expect([await me(bearer(access)), await me({ cookie })]).toEqual([401, 401]);
        expect((await refresh(token)).status).toBe(401);
      }
      // A relay that has not read this session yet believes nothing of it.
      expect([await models(unseen.access), await models(after.access)]).toEqual([401, 200]);
      await until(async () => (await models(seen.access)) === 401);
      expect([await me(bearer(after.access)), await models(after.access)]).toEqual([200, 200]);
    },
    TIME_LIMIT_MS,
  );

  test('that was signed out opens neither plane, while another session goes on', async () => {
    const [mine, other] = [await signIn(), await signIn()];
    expect((await post('/api/auth/logout', undefined, bearer(mine.access))).status).toBe(200);
    expect([await me(bearer(mine.access)), await models(mine.access)]).toEqual([401, 401]);
    expect((await refresh(mine.refresh)).status).toBe(401);
    expect([await me(bearer(other.access)), await models(other.access)]).toEqual([200, 200]);
    const listed = await fetch(`${stack.ready.url}/api/auth/sessions`, { headers: bearer(other.access) });
    const { data } = (await listed.json()) as { data: { current: boolean; address: string }[] };
    expect(data.filter(({ current }) => current)).toMatchObject([
      { address: expect.stringMatching(/127\.0\.0\.1|::1/) },
    ]);
  });

  test('of the first administrator come without a demand for a new password, on one machine', async () => {
    const { body } = await post('/api/auth/login', stack.ready.admin);
    expect(body['user']).toMatchObject({ must_change_password: false });
  });
});

describe('wrong passwords', () => {
  test('are refused after ten, with when to come back, whatever address the client claims', async () => {
    const wrong = { username: 'some-body', password: 'wrong' };
    const statuses: number[] = [];
    for (let tries = 0; tries < 10; tries += 1) {
      statuses.push((await post('/api/auth/login', wrong, { 'x-forwarded-for': `203.0.113.${tries}` })).status);
    }
    expect(new Set(statuses)).toEqual(new Set([401]));
    const claims = { 'x-forwarded-for': '203.0.113.99', 'x-sluice-viewer-ip': '203.0.113.99' };
    const refused = await post('/api/auth/login', wrong, claims);
    expect([refused.status, refused.body['error_code']]).toEqual([429, 'RATE_LIMIT_EXCEEDED']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await post('/api/auth/login', stack.ready.admin)).status).toBe(200);
  });
});
