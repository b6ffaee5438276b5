import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSandbox, type Sandbox } from '../../../infra/local/sandbox/server.ts';
import { createCodeExchanger, createSeedKeys } from '../../../layers/aws/token-refresher.ts';
import { SIGN_IN_LIFE_MS } from '../../../layers/core/credentials/authorize/sign-in.ts';
import { tokenAssociatedData } from '../../../layers/core/credentials/sealing-port.ts';
import { createOpener } from '../../../layers/core/credentials/sealing.ts';
import { GatewayError } from '../../../layers/kit/errors/gateway-error.ts';
import { createStage, VAULT_SEED, type Json, type Stage } from './support/admin-stage.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox({ port: 0, onClock: async () => undefined });
});
afterAll(() => sandbox.close());

interface Place {
  stage: Stage;
  post: (
    path: string,
    body: unknown,
    role?: 'user' | 'super_admin' | 'admin',
  ) => Promise<{ status: number; json: Json }>;
  /** Signs in and is sent back. */
  signIn: (authUrl: string, hint?: string) => Promise<string>;
  grants: () => Promise<{ grantType: string; outcome: string }[]>;
}

/** A gateway whose vault is real, at the sandbox's authorization server. */
async function place(client: object = {}): Promise<Place> {
  const keys = createSeedKeys(async () => ({ v1: VAULT_SEED }));
  const stage: Stage = createStage({
    exchangeCode: (asked) =>
      createCodeExchanger({ keys, vault: stage.vault, catalog: stage.catalog, clock: () => stage.now.ms })(asked),
  });
  const post: Place['post'] = async (path, body, role = 'user') =>
    stage.call(path, { headers: await stage.as(role), body });
  const oauth = {
    tokenUrl: `${sandbox.url}/oauth/token`,
    authorizeUrl: `${sandbox.url}/oauth/authorize`,
    clientId: 'sandbox-client',
    scope: 'openid email',
    ...client,
  };
  const upstream = { name: 'up', format: 'openai-chat', vendor: 'openai', baseUrl: `${sandbox.url}/v1`, oauth };
  const models = [{ name: 'chat', class: 'chat', routes: [{ upstream: 'up', model: 'sandbox-chat' }] }];
  const settings = { allowedUpstreamNetworks: ['127.0.0.0/8'] };
  const { status, json } = await post('/api/admin/import', { version: 1, settings }, 'super_admin');
  if (status !== 200) throw new Error(JSON.stringify(json));
  const made = await post('/api/admin/import', { version: 1, upstreams: [upstream], models }, 'super_admin');
  if (made.status !== 200) throw new Error(JSON.stringify(made.json));
  return {
    stage,
    post,
    async signIn(authUrl, hint) {
      const url = new URL(authUrl);
      if (hint !== undefined) url.searchParams.set('login_hint', hint);
      const answer = await fetch(url, { redirect: 'manual' });
      return answer.headers.get('location') ?? '';
    },
    async grants() {
      const answer = (await (await fetch(`${sandbox.url}/__oauth`)).json()) as { grants: Json[] };
      return answer.grants;
    },
  };
}

const AUTHORIZE = '/api/plugin-api/oauth/authorize';
const CALLBACK = '/api/plugin-api/oauth/callback';

describe('an account of a user, by signing in', () => {
  it('comes of the pasted address, with its tokens sealed and nothing exchanged twice', async () => {
    const { stage, post, signIn } = await place();
    const begun = await post(AUTHORIZE, { is_shared: 1 });
    expect(begun.json).toMatchObject({ success: true, data: { expires_in: 300, upstream: 'up' } });
    const { auth_url: authUrl, state } = begun.json.data;
    const asked = new URL(authUrl).searchParams;
    expect(Object.fromEntries(asked)).toEqual({
      response_type: 'code',
      client_id: 'sandbox-client',
      redirect_uri: 'http://localhost/oauth/callback',
      scope: 'openid email',
      state,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    const back = await signIn(authUrl, 'alice-of-tokens');
    const { status, json } = await post(CALLBACK, { callback_url: back });
    expect([status, json]).toMatchObject([
      200,
      {
        success: true,
        data: { kind: 'oauth', is_shared: 1, status: 1, email: 'alice-of-tokens@sandbox.example', need_refresh: false },
      },
    ]);
    expect(json.data).toMatchObject({
      name: 'alice-of-tokens@sandbox.example',
      counts_for_pool: true,
      state: 'active',
    });
    const key = { upstream: 'up', credentialId: json.data.id };
    const row = (await stage.tokens.find(key))!;
    expect(row).toMatchObject({ rotation: 1, intent: null, accessExpiresAt: json.data.expires_at });
    const life = row.accessExpiresAt! - stage.now.ms;
    expect((row.dueAt! - stage.now.ms) / life).toBeGreaterThanOrEqual(0.69);
    const opener = createOpener({ seeds: { v1: VAULT_SEED } });
    const tokens = [
      await opener.open(row.refreshToken!, tokenAssociatedData(key, 'refreshToken')),
      await opener.open(row.accessToken!, tokenAssociatedData(key, 'accessToken')),
    ];
    expect(tokens[0]).toMatch(/^rt-signin-/);
    const told = JSON.stringify([
      [json, stage.log, stage.auditStore.entries()],
      [...stage.vault.rows.credentials.values(), ...stage.signIns.rows.values(), row],
    ]);
    expect(told).toContain(CALLBACK);
    for (const secret of [...tokens, new URL(back).searchParams.get('code')!]) expect(told).not.toContain(secret);
  });

  it('takes the query alone, the code beside its state, and code#state', async () => {
    const { post, signIn } = await place();
    const forms: ((back: URL) => object)[] = [
      (back) => ({ callback_url: back.search }),
      (back) => ({ callback_url: `code=${back.searchParams.get('code')}&state=${back.searchParams.get('state')}` }),
      (back) => ({ code: back.searchParams.get('code'), state: back.searchParams.get('state') }),
      (back) => ({ code: `${back.searchParams.get('code')}#${back.searchParams.get('state')}` }),
      (back) => ({ callback_url: `  ${back.href}\n` }),
    ];
    for (const form of forms) {
      const { json } = await post(AUTHORIZE, {});
      const back = new URL(await signIn(json.data.auth_url));
      expect(await post(CALLBACK, form(back))).toMatchObject({ status: 200 });
    }
  });

  it('is refused to others, later than five minutes, and a second time, without a call to the server', async () => {
    const { stage, post, signIn, grants } = await place();
    const begin = async (): Promise<object> => {
      const { json } = await post(AUTHORIZE, { is_shared: 0 });
      return { callback_url: await signIn(json.data.auth_url) };
    };
    const [others, late, twice] = [await begin(), await begin(), await begin()];
    const before = (await grants()).length;
    const refused = { status: 400, json: { success: false, error_code: 'STATE_INVALID' } };
    expect(await post(CALLBACK, others, 'admin')).toMatchObject(refused);
    expect(await post('/api/admin/oauth/callback', others, 'super_admin')).toMatchObject(refused);
    expect((await grants()).length).toBe(before);
    // Nobody else has used it up.
    expect(await post(CALLBACK, others)).toMatchObject({ status: 200 });
    expect(await post(CALLBACK, twice)).toMatchObject({ status: 200 });
    expect(await post(CALLBACK, twice)).toMatchObject(refused);
    stage.now.ms += SIGN_IN_LIFE_MS;
    expect(await post(CALLBACK, late)).toMatchObject(refused);
    expect((await grants()).length).toBe(before + 2);
  });

  it('is made once of callbacks that come together', async () => {
    const { stage, post, signIn } = await place();
    const { json } = await post(AUTHORIZE, {});
    const body = { callback_url: await signIn(json.data.auth_url) };
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(CALLBACK, body)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400, 400, 400, 400]);
    expect(stage.vault.rows.credentials.size).toBe(1);
  });

  it('is one account for ever: a second sign-in is told so, whoever makes it, until the first is deleted', async () => {
    const { stage, post, signIn } = await place();
    const bring = async (role: 'user' | 'admin' = 'user') => {
      const { json } = await post(AUTHORIZE, {}, role);
      return post(CALLBACK, { callback_url: await signIn(json.data.auth_url, 'bob') }, role);
    };
    const first = await bring();
    expect(first.status).toBe(200);
    for (const role of ['user', 'admin'] as const) {
      expect(await bring(role)).toMatchObject({
        status: 409,
        json: { error: expect.stringContaining('bob@sandbox.example') },
      });
    }
    expect(stage.vault.rows.credentials.size).toBe(1);
    await stage.call(`/api/plugin-api/accounts/${first.json.data.id}`, {
      method: 'DELETE',
      headers: await stage.as('user'),
    });
    stage.now.ms += 200_000;
    expect(await bring('admin')).toMatchObject({ status: 200 });
  });

  it('is signed in anew, as the same account only', async () => {
    const { stage, post, signIn } = await place();
    const anew = async (hint: string, fields: object) => {
      const { json } = await post(AUTHORIZE, fields);
      return post(CALLBACK, { callback_url: await signIn(json.data.auth_url, hint) });
    };
    const { json } = await anew('carol', { name: 'mine' });
    const { id } = json.data;
    const again = await anew('carol', { account_id: id });
    expect(again).toMatchObject({ status: 200, json: { data: { id, name: 'mine' } } });
    expect(await stage.tokens.find({ upstream: 'up', credentialId: id })).toMatchObject({ rotation: 2 });
    expect(await anew('dave', { account_id: id })).toMatchObject({ status: 409 });
    expect(await stage.tokens.find({ upstream: 'up', credentialId: id })).toMatchObject({ rotation: 2 });
    expect(await post(AUTHORIZE, { account_id: id }, 'admin')).toMatchObject({ status: 404 });
  });

  it.each([
    ['is_shared of no kind', { is_shared: 'yes' }],
    ['an address of the caller', { redirect_uri: 'https://evil.example' }],
    ['an upstream that is not there', { upstream: 'nowhere' }],
  ])('is refused with %s', async (_what, body) => {
    const { post } = await place();
    expect(await post(AUTHORIZE, body)).toMatchObject({ status: 400, json: { error_code: 'INVALID_FIELD' } });
  });

  it.each([
    ['nothing', {}],
    ['no code', { callback_url: 'http://localhost/oauth/callback?state=abc' }],
    ['no state', { callback_url: 'http://localhost/oauth/callback?code=abc' }],
    ['a state that is none', { callback_url: 'http://localhost/oauth/callback?code=abc&state=abc' }],
    ['a refusal of the server', { callback_url: 'http://localhost/x?error=access_denied&state=abc' }],
  ])('is refused with an address that has %s', async (_what, body) => {
    const { post } = await place();
    expect(await post(CALLBACK, body)).toMatchObject({ status: 400, json: { success: false } });
  });

  it('is refused where users may not bring accounts, to the silenced, and where no server is known', async () => {
    const { stage, post } = await place({ authorizeUrl: null });
    expect(await post(AUTHORIZE, {})).toMatchObject({ status: 400 });
    expect(await post(AUTHORIZE, { upstream: 'up' })).toMatchObject({ status: 400 });
    await stage.identity.updateUser('usr_user', { silenced: true });
    expect(await post(AUTHORIZE, {})).toMatchObject({ status: 403, json: { error_code: 'ACCOUNT_SILENCED' } });
    await stage.catalog.changeSettings({ userCredentials: 'off' });
    expect(await post(AUTHORIZE, {}, 'admin')).toMatchObject({ status: 403 });
  });
});

describe('what the authorization server does not give', () => {
  it.each([
    ['a refusal', 'sandbox-client--invalid-grant', 400, 'SIGN_IN_REFUSED'],
    ['no refresh token', 'sandbox-client--keep', 400, 'SIGN_IN_REFUSED'],
    ['a broken connection', 'sandbox-client--cut', 502, 'UPSTREAM_ERROR'],
    ['a page', 'sandbox-client--garbage', 502, 'UPSTREAM_ERROR'],
  ])('%s is told, and nothing is kept', async (_what, clientId, status, code) => {
    const { stage, post, signIn } = await place({ clientId });
    const { json } = await post(AUTHORIZE, {});
    const answer = await post(CALLBACK, { callback_url: await signIn(json.data.auth_url) });
    expect(answer).toMatchObject({ status, json: { error_code: code } });
    expect(stage.vault.rows.credentials.size).toBe(0);
    expect((await stage.services.owned.listOfOwner('usr_user')).length).toBe(0);
  });

  it('nothing is left of an account whose credential the store refuses, and it may come another time', async () => {
    const { stage, post, signIn } = await place();
    const bring = async () => {
      const { json } = await post(AUTHORIZE, {});
      return post(CALLBACK, { callback_url: await signIn(json.data.auth_url, 'heidi') });
    };
    const put = stage.vault.putCredential;
    const message = 'Another credential has this secret.';
    stage.vault.putCredential = () => Promise.reject(new GatewayError('conflict', { message, param: 'secret' }));
    expect(await bring()).toMatchObject({ status: 409 });
    expect(await stage.services.owned.listOfOwner('usr_user')).toEqual([]);
    stage.vault.putCredential = put;
    expect(await bring()).toMatchObject({ status: 200 });
  });

  it('a proof key that is another one is refused by the server', async () => {
    const { stage, post, signIn } = await place();
    const first = await post(AUTHORIZE, {});
    const second = await post(AUTHORIZE, {});
    const back = new URL(await signIn(first.json.data.auth_url));
    back.searchParams.set('state', second.json.data.state);
    expect(await post(CALLBACK, { callback_url: back.href })).toMatchObject({
      json: { error_code: 'SIGN_IN_REFUSED' },
    });
    expect(stage.vault.rows.credentials.size).toBe(0);
  });
});

describe('a credential of operators, by signing in', () => {
  it('is named by whoever signs in, and is an operators’ one', async () => {
    const { stage, post, signIn } = await place({
      clientId: 'sandbox-confidential',
      clientSecret: 'sandbox-client-secret',
    });
    const { json } = await post('/api/admin/oauth/authorize', { upstream: 'up', tag: 'team' }, 'super_admin');
    const back = await signIn(json.data.authUrl, 'erin');
    const made = await post('/api/admin/oauth/callback', { callback_url: back }, 'super_admin');
    expect(made).toMatchObject({
      status: 200,
      json: { data: { name: 'erin@sandbox.example', email: 'erin@sandbox.example', tag: 'team', kind: 'oauth' } },
    });
    expect(made.json.data.tokens).toMatchObject({ rotation: 1, hasRefreshToken: true, hasAccessToken: true });
    expect(await stage.services.owned.find('up', made.json.data.id)).toBeNull();
    const audit = JSON.stringify(stage.auditStore.entries());
    expect(audit).toContain('/api/admin/oauth/callback');
    expect(audit).not.toContain(new URL(back).searchParams.get('code'));
  });

  it('is not begun by users, and a name that is taken is told before anybody signs in', async () => {
    const { post, signIn } = await place();
    expect(await post('/api/admin/oauth/authorize', {})).toMatchObject({ status: 403 });
    const { json } = await post('/api/admin/oauth/authorize', { name: 'one' }, 'super_admin');
    await post('/api/admin/oauth/callback', { callback_url: await signIn(json.data.authUrl) }, 'super_admin');
    expect(await post('/api/admin/oauth/authorize', { name: 'one' }, 'super_admin')).toMatchObject({ status: 409 });
  });

  it('is refused where one of this address came in by another way', async () => {
    const { post, signIn } = await place();
    const known = {
      upstream: 'up',
      name: 'g',
      kind: 'oauth',
      refreshToken: 'rt-other',
      email: 'Grace@Sandbox.example',
    };
    const made = await post('/api/admin/import', { version: 1, credentials: [known] }, 'super_admin');
    expect(made.status).toBe(200);
    const { json } = await post('/api/admin/oauth/authorize', {}, 'super_admin');
    const back = await signIn(json.data.authUrl, 'grace');
    expect(await post('/api/admin/oauth/callback', { callback_url: back }, 'super_admin')).toMatchObject({
      status: 409,
    });
  });

  it('is given another name where its own was taken meanwhile', async () => {
    const { post, signIn } = await place();
    const begun = await post('/api/admin/oauth/authorize', { name: 'one' }, 'super_admin');
    const other = { upstream: 'up', name: 'one', kind: 'oauth', refreshToken: 'rt-other' };
    await post('/api/admin/import', { version: 1, credentials: [other] }, 'super_admin');
    const back = await signIn(begun.json.data.authUrl);
    const made = await post('/api/admin/oauth/callback', { callback_url: back }, 'super_admin');
    expect(made).toMatchObject({ status: 200, json: { data: { name: expect.stringMatching(/^one-\w{6}$/) } } });
  });

  it('knows presets of documented servers', async () => {
    const { stage } = await place();
    const { json } = await stage.call('/api/admin/oauth/presets', { headers: await stage.as('super_admin') });
    for (const preset of json.data) {
      expect(preset.documentation).toMatch(/^https:\/\//);
      expect(new URL(preset.tokenUrl).protocol).toBe('https:');
    }
    expect(json.data.map(({ name }: Json) => name)).toEqual(['google', 'microsoft', 'github']);
  });
});
