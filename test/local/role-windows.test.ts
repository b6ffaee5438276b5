import { beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { adminClient, postJson, until, userSays, type AdminAnswer, type AdminClient } from '../support/gateway.ts';
import { readLedgerAccount } from '../support/ledger.ts';
import { keepOutOfLogs } from '../support/log-secrets.ts';
import { sharedStack } from '../support/stack.ts';

/** What users may do by their role and their state, through the whole stack. */
const ready = sharedStack();
let admin: AdminClient;
beforeAll(async () => {
  admin = await adminClient(ready);
});

interface SomeUser {
  id: string;
  token: string;
  key: string;
  keyId: string;
}

async function call(
  token: string,
  method: string,
  path: string,
  options: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<AdminAnswer> {
  const { body, headers } = options;
  const response = await fetch(`${ready.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
    headers: response.headers,
  };
}

async function aUser(facts: object = {}): Promise<SomeUser> {
  const username = `user-${randomBytes(6).toString('hex')}`;
  const password = `pass-${randomBytes(12).toString('hex')}`;
  keepOutOfLogs('a password', password);
  const made = await admin.call('POST', '/api/admin/users', { username, password, ...facts });
  expect(made.status).toBe(201);
  const { id } = made.body['data'] as { id: string };
  const login = await postJson(`${ready.url}/api/auth/login`, { username, password });
  const token = String(login.body['access_token']);
  keepOutOfLogs('an access token', token);
  const key = await call(token, 'POST', '/api/user/api-keys', { body: { name: 'own' } });
  const { key: secret, id: keyId } = key.body['apiKey'] as { key: string; id: string };
  keepOutOfLogs('a key', secret);
  return { id, token, key: secret, keyId };
}

const CHAT = { model: 'sandbox-chat--words-5', max_tokens: 5, messages: userSays('Hi') };
const chat = (key: string, change: { body?: object; path?: string; headers?: Record<string, string> } = {}) =>
  call(key, 'POST', change.path ?? '/v1/chat/completions', {
    body: change.body ?? CHAT,
    ...(change.headers ? { headers: change.headers } : {}),
  });

/** The role's windows of a user, once nothing is held. */
async function windowsOf(userId: string): Promise<{ requests: number; tokens: number }> {
  const { counters } = await until(async () => {
    const account = await readLedgerAccount(admin, userId);
    return Object.keys(account.holds).length === 0 && account;
  });
  const sum = (name: string): number =>
    Object.entries(counters).reduce((total, [counter, value]) => total + (counter.startsWith(name) ? value : 0), 0);
  return { requests: sum('req#u#'), tokens: sum('tok#u#') };
}

describe('a user', () => {
  test('has sixty calls a minute: the 61st is a 429 that counts nothing', async () => {
    const user = await aUser();
    const first = await chat(user.key);
    expect(first.status).toBe(200);
    expect(first.headers.get('x-ratelimit-limit-requests')).toBe('60');
    expect(first.headers.get('x-ratelimit-remaining-requests')).toBe('59');
    expect(first.headers.get('x-ratelimit-limit-tokens')).toBe('10000');
    expect(Number(first.headers.get('x-ratelimit-remaining-tokens'))).toBeLessThan(10_000);
    expect(first.headers.get('x-request-id')).toMatch(/\w/);
    const resets = ['requests', 'tokens'].map((kind) => Number(first.headers.get(`x-ratelimit-reset-${kind}`)));
    // The window began with the first call, so that all that follow are in it.
    const statuses: number[] = [];
    const worker = async (calls: number): Promise<void> => {
      for (let count = 0; count < calls; count += 1) statuses.push((await chat(user.key)).status);
    };
    await Promise.all([worker(20), worker(20), worker(19)]);
    expect(statuses.filter((status) => status === 200)).toHaveLength(59);
    const before = await windowsOf(user.id);
    expect(before.requests).toBe(60);

    const refused = await chat(user.key);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' } });
    expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    expect(Number(refused.headers.get('x-ratelimit-reset-requests'))).toBe(resets[0]);
    expect(Number(refused.headers.get('x-ratelimit-reset-tokens'))).toBe(resets[1]);
    expect(await windowsOf(user.id)).toEqual(before);
    // Other keys of the user, and the user's own token, stand in the same windows.
    expect((await chat(user.token)).status).toBe(429);
    expect((await chat(user.key, { path: '/v1/messages' })).body).toMatchObject({
      type: 'error',
      error: { type: 'rate_limit_error' },
    });
    expect(await windowsOf(user.id)).toEqual(before);
  });

  test('may have limits of their own, in place of the role’s', async () => {
    const user = await aUser({ limits: { requestsPerMinute: 1, tokensPer24Hours: -1 } });
    const first = await chat(user.key);
    expect(first.headers.get('x-ratelimit-limit-requests')).toBe('1');
    expect(first.headers.get('x-ratelimit-limit-tokens')).toBeNull();
    expect((await chat(user.key)).status).toBe(429);
  });

  test('who is silenced calls no model and keeps everything else', async () => {
    const user = await aUser({ is_silenced: true });
    const refused = await chat(user.key);
    expect([refused.status, refused.body['error']]).toEqual([
      403,
      expect.objectContaining({ code: 'account_silenced' }),
    ]);
    expect((await chat(user.token)).status).toBe(403);
    const told = await chat(user.token, { path: '/api/plugin-api/chat/completions' });
    expect([told.status, told.body['error_code']]).toEqual([403, 'ACCOUNT_SILENCED']);
    expect((await call(user.token, 'GET', '/api/auth/me')).status).toBe(200);
    expect((await call(user.token, 'GET', '/api/keys')).status).toBe(200);
    expect((await call(user.key, 'GET', '/v1/models')).status).toBe(200);
  });

  test('whose address is not verified has keys that open nothing', async () => {
    const email = `${randomBytes(6).toString('hex')}@example.com`;
    const user = await aUser({ email, is_verified: false });
    const refused = await chat(user.key);
    expect([refused.status, refused.body['error']]).toEqual([
      401,
      expect.objectContaining({ type: 'authentication_error', code: 'email_not_verified' }),
    ]);
    expect((await call(user.token, 'GET', '/api/auth/me')).status).toBe(200);
  });

  test('makes ten keys and no more, twenty at once', async () => {
    const user = await aUser();
    const calls = Array.from({ length: 20 }, () =>
      call(user.token, 'POST', '/api/user/api-keys', { body: { name: 'the same' } }),
    );
    const made = await Promise.all(calls);
    for (const { body } of made) {
      const { key } = (body['apiKey'] ?? {}) as { key?: string };
      if (key !== undefined) keepOutOfLogs('a key', key);
    }
    expect(made.filter(({ status }) => status === 201)).toHaveLength(9);
    expect(made.filter(({ status }) => status === 400)).toHaveLength(11);
    const list = await call(user.token, 'GET', '/api/user/api-keys');
    expect(list.body['apiKeys']).toHaveLength(10);
  });
});

describe('a key', () => {
  test('says when it was last used', async () => {
    const user = await aUser();
    expect((await chat(user.key)).status).toBe(200);
    const { body } = await call(user.token, 'GET', `/api/api-keys/${user.keyId}`);
    const { last_used_at: usedAt, created_at: madeAt } = body as { last_used_at: string; created_at: string };
    expect(Date.parse(usedAt)).toBeGreaterThanOrEqual(Date.parse(madeAt));
  });

  test('with addresses is judged by the address that the CDN saw', async () => {
    const user = await aUser();
    const make = async (name: string, allowed: string[]): Promise<string> => {
      const made = await call(user.token, 'POST', '/api/keys', { body: { name, allowed_ips: allowed } });
      expect(made.status).toBe(201);
      const secret = String(made.body['key']);
      keepOutOfLogs('a key', secret);
      return secret;
    };
    expect((await chat(await make('here', ['127.0.0.0/8', '::1']))).status).toBe(200);
    const claims = { 'x-forwarded-for': '192.0.2.1', 'x-sluice-viewer-ip': '192.0.2.1' };
    const refused = await chat(await make('elsewhere', ['192.0.2.0/24']), { headers: claims });
    expect([refused.status, refused.body['error']]).toEqual([403, expect.objectContaining({ code: 'ip_not_allowed' })]);
  });

  test('and a token reach the upstreams of the channel they name', async () => {
    const user = await aUser();
    const made = await call(user.token, 'POST', '/api/api-keys', { body: { config_type: 'nobody-has-this' } });
    keepOutOfLogs('a key', String(made.body['key']));
    expect((await chat(String(made.body['key']))).status).toBe(403);
    expect((await chat(user.token, { headers: { 'x-api-type': 'nobody-has-this' } })).status).toBe(403);
    expect((await chat(user.token)).status).toBe(200);
  });

  test('is deleted by the id in a DELETE’s body', async () => {
    const user = await aUser();
    const gone = await call(user.token, 'DELETE', '/api/user/api-keys', { body: { keyId: user.keyId } });
    expect([gone.status, gone.body]).toEqual([200, { success: true }]);
  });
});
