import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { race } from '../faults/race/race.ts';
import { createAdminClient, type AdminClient } from '../support/admin-client.ts';
import { environmentOf } from '../support/function-environment.ts';
import { stackOnAws } from '../support/function-identity.ts';
import { postJson } from '../support/gateway.ts';
import { keepOutOfLogs } from '../support/log-secrets.ts';
import { removeDirectory, sharedAssembly, startStack, temporaryDirectory, type Stack } from '../support/stack.ts';

/** A stack of its own: further processes of its functions run with their clocks moved. */
const dataDirectory = temporaryDirectory('oauth-race');
const PASSWORD = 'a-long-enough-password-2846';

let stack: Stack;
let admin: AdminClient;
beforeAll(async () => {
  stack = await startStack({ cloudAssembly: sharedAssembly(), dataDirectory, adapter: 'function-url' });
  admin = await createAdminClient(stack.ready);
}, 150_000);
afterAll(async () => {
  await stack?.stop();
  removeDirectory(dataDirectory);
}, 60_000);

const speaks = () => ({
  format: 'openai-chat',
  vendor: 'openai-compatible',
  baseUrl: `${stack.ready.sandboxUrl}/v1`,
});
const familyOf = async (family: string): Promise<{ asked: number; granted: number; revoked: boolean } | undefined> => {
  const answer = await fetch(`${stack.ready.sandboxUrl}/__oauth?family=${family}`);
  const { families } = (await answer.json()) as {
    families: { asked: number; granted: number; revoked: boolean }[];
  };
  return families[0];
};

describe('processes that race for one record', () => {
  it('make one exchange a round, lose no token and are all given the same one', async () => {
    const report = await race(stack, { rounds: 12 });
    expect(report).toMatchObject({ rounds: 12, grants: 12, faults: [] });
    expect(report.askers).toBe(12 * 13);
  }, 120_000);
});

interface Refreshed {
  outcome: string;
  text: string;
  credential: { id: string; state: string; enabled: boolean; tokens: Record<string, unknown> };
}

/** What the server does → how the refresh comes out, and what of the record is left. */
const ROWS: readonly (readonly [string, string, string, Record<string, unknown>])[] = [
  ['429', '--429', 'failed', { backsOffUntil: expect.any(String), invalid: null, ambiguous: null }],
  ['invalid-client', '--invalid-client', 'failed', { backsOffUntil: expect.any(String), invalid: null }],
  ['another-4xx', '--invalid-scope', 'failed', { backsOffUntil: expect.any(String), invalid: null }],
  ['5xx', '--503', 'failed', { backsOffUntil: expect.any(String), invalid: null, ambiguous: null }],
  ['invalid-grant', '--invalid-grant', 'invalid', { invalid: { reason: expect.any(String) }, hasRefreshToken: true }],
  ['no-answer', '--hang', 'ambiguous', { ambiguous: { reason: expect.any(String) } }],
  ['cut-after', '--cut', 'ambiguous', { ambiguous: { reason: expect.any(String) } }],
  ['cut-before', '--cut-before', 'ambiguous', { ambiguous: { reason: expect.any(String) } }],
  ['unreadable', '--garbage', 'ambiguous', { ambiguous: { reason: expect.any(String) } }],
];

describe('every outcome of an exchange, with real processes on both sides', () => {
  const UPSTREAM = 'outcomes';
  const NOWHERE = 'outcomes-nowhere';
  let ids: Map<string, string>;
  const refresh = async (upstream: string, name: string): Promise<Refreshed> => {
    const { data } = await admin.expectOk('POST', `/api/admin/credentials/${upstream}/${ids.get(name)}/refresh`, {});
    return data as Refreshed;
  };

  beforeAll(async () => {
    const client = { clientId: 'sandbox-client' };
    const rows = ROWS.map(([name, directive]) => ({ name, refreshToken: `rt-o-${name}${directive}` }));
    const credentials = [
      ...rows,
      { name: 'kept', refreshToken: 'rt-o-kept--keep' },
      { name: 'proxied', refreshToken: 'rt-o-proxied', proxyUrl: 'http://user:the-proxy-password@127.0.0.1:1' },
    ].map((one) => ({ ...one, upstream: UPSTREAM, kind: 'oauth' }));
    const lost = { upstream: NOWHERE, name: 'nowhere', kind: 'oauth', refreshToken: 'rt-o-nowhere' };
    keepOutOfLogs('the password of a proxy', 'the-proxy-password');
    for (const { refreshToken } of credentials) keepOutOfLogs('a refresh token', refreshToken);
    await admin.expectOk('POST', '/api/admin/import', {
      version: 1,
      upstreams: [
        { name: UPSTREAM, ...speaks(), oauth: { tokenUrl: `${stack.ready.sandboxUrl}/oauth/token`, ...client } },
        { name: NOWHERE, ...speaks(), oauth: { tokenUrl: 'http://127.0.0.1:1/token', ...client } },
      ],
      credentials: [...credentials, lost],
    });
    ids = new Map();
    for (const upstream of [UPSTREAM, NOWHERE]) {
      const { data } = await admin.expectOk('GET', `/api/admin/credentials?upstream=${upstream}&limit=100`);
      for (const { id, name } of data as { id: string; name: string }[]) ids.set(name, id);
    }
  });

  it('leaves the record as the table says, and is told again without another call where the token may be gone', async () => {
    const first = await Promise.all(ROWS.map(([name]) => refresh(UPSTREAM, name)));
    for (const [index, [name, directive, outcome, tokens]] of ROWS.entries()) {
      expect([name, first[index]]).toMatchObject([
        name,
        { outcome, credential: { enabled: true, tokens: { rotation: 1, hasRefreshToken: true, ...tokens } } },
      ]);
      expect(first[index]!.text).not.toContain(directive);
    }
    const closed = ROWS.filter(([, , outcome]) => outcome !== 'failed');
    const again = await Promise.all(closed.map(([name]) => refresh(UPSTREAM, name)));
    expect(again.map(({ outcome }) => outcome)).toEqual(closed.map(([, , outcome]) => outcome));
    for (const [name, directive] of closed) {
      expect([name, await familyOf(`o-${name}${directive}`)]).toMatchObject([name, { asked: 1 }]);
    }
  }, 60_000);

  it('keeps a refresh token that the server does not replace, ten times in a row', async () => {
    for (let count = 1; count <= 10; count += 1) {
      expect(await refresh(UPSTREAM, 'kept')).toMatchObject({
        outcome: 'refreshed',
        credential: { tokens: { rotation: count + 1, hasRefreshToken: true } },
      });
    }
    expect(await familyOf('o-kept--keep')).toMatchObject({ asked: 10, granted: 10 });
  });

  it('sends nothing where server or proxy cannot be reached, and nothing around the proxy', async () => {
    expect(await refresh(NOWHERE, 'nowhere')).toMatchObject({ outcome: 'failed', credential: { enabled: true } });
    expect(await refresh(UPSTREAM, 'proxied')).toMatchObject({ outcome: 'failed', credential: { enabled: true } });
    expect(await familyOf('o-proxied')).toBeUndefined();
  });
});

describe('an account by signing in', () => {
  it('serves its user, and no token of it is anywhere else than sealed in its row', async () => {
    const { url, sandboxUrl } = stack.ready;
    await admin.expectOk('POST', '/api/admin/import', {
      version: 1,
      upstreams: [
        {
          name: 'sign-in',
          ...speaks(),
          oauth: {
            tokenUrl: `${sandboxUrl}/oauth/token`,
            authorizeUrl: `${sandboxUrl}/oauth/authorize`,
            clientId: 'sandbox-confidential',
            clientSecret: 'sandbox-client-secret',
            scope: 'openid email',
          },
        },
      ],
      models: [{ name: 'signed-in', class: 'chat', routes: [{ upstream: 'sign-in', model: 'sandbox-chat--words-5' }] }],
    });
    keepOutOfLogs('the secret of a client', 'sandbox-client-secret');
    await admin.expectOk('POST', '/api/admin/users', { username: 'walter', password: PASSWORD });
    const login = await postJson(`${url}/api/auth/login`, { username: 'walter', password: PASSWORD });
    const headers = { authorization: `Bearer ${String(login.body['access_token'])}` };
    const chat = (as: Record<string, string>) =>
      postJson(
        `${url}/v1/chat/completions`,
        { model: 'signed-in', messages: [{ role: 'user', content: 'Hello' }] },
        as,
      );
    const begun = await postJson(
      `${url}/api/plugin-api/oauth/authorize`,
      { is_shared: 0, upstream: 'sign-in' },
      headers,
    );
    const { auth_url: authUrl, expires_in: life } = begun.body['data'] as { auth_url: string; expires_in: number };
    expect(life).toBe(300);
    const back = (await fetch(authUrl, { redirect: 'manual' })).headers.get('location') ?? '';
    keepOutOfLogs('a code', new URL(back).searchParams.get('code') ?? '');
    keepOutOfLogs('a state', new URL(back).searchParams.get('state') ?? '');
    const made = await postJson(`${url}/api/plugin-api/oauth/callback`, { callback_url: back }, headers);
    expect([made.status, made.body]).toMatchObject([200, { success: true, data: { kind: 'oauth', state: 'active' } }]);
    const again = await postJson(`${url}/api/plugin-api/oauth/callback`, { callback_url: back }, headers);
    expect([again.status, again.body]).toMatchObject([400, { error_code: 'STATE_INVALID' }]);
    expect((await chat(headers)).status).toBe(200);
    expect((await chat({ authorization: `Bearer ${stack.ready.apiKey}` })).status).toBe(503);
  }, 60_000);

  it('is of no use to admin: neither its environment nor its role gives it the seed', () => {
    const seed = stackOnAws(dataDirectory, sharedAssembly()).secretArn('VaultSeedSecret');
    expect(JSON.stringify(environmentOf(stack, 'vault'))).toContain(seed);
    expect(JSON.stringify(environmentOf(stack, 'admin'))).not.toContain(seed);
  });
});
