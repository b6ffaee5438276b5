import { describe, expect, test } from '@jest/globals';
import { adminClient, importInto, openAiClient, postJson, userSays } from '../support/gateway.ts';
import { sharedStack } from '../support/stack.ts';

const ready = sharedStack();

// A browser's two calls to the data plane.
const preflight = (origin: string) =>
  fetch(`${ready.url}/v1/chat/completions`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });
const callFrom = (origin: string) =>
  fetch(`${ready.url}/v1/models`, { headers: { origin, authorization: `Bearer ${ready.apiKey}` } });

describe('the printed login', () => {
  test('works for scripts, with a bearer token, by user name', async () => {
    const { status, body, headers } = await postJson(`${ready.url}/api/auth/login`, ready.admin);
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: true, token_type: 'bearer', user: { username: ready.admin.username } });
    expect(body['token']).toBe(body['access_token']);
    expect(headers.get('set-cookie')).toMatch(/HttpOnly/i);
    const me = await fetch(`${ready.url}/api/auth/me`, {
      headers: { authorization: `Bearer ${String(body['token'])}` },
    });
    expect(me.status).toBe(200);
    expect(await me.json()).toMatchObject({ success: true, username: ready.admin.username });
  });

  test('works for the console, with a cookie that logout ends', async () => {
    const login = await postJson(`${ready.url}/api/v1/admin/login`, ready.admin, { origin: ready.url });
    expect(login.status).toBe(200);
    const cookie = (login.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const session = () => fetch(`${ready.url}/api/v1/admin/session`, { headers: { cookie } });
    expect(await (await session()).json()).toMatchObject({ success: true, user: { username: ready.admin.username } });
    const logout = await fetch(`${ready.url}/api/v1/admin/logout`, {
      method: 'POST',
      headers: { cookie, origin: ready.url },
    });
    expect(logout.status).toBe(200);
    expect((await session()).status).toBe(401);
  });

  test('refuses a write by cookie from another origin', async () => {
    const login = await postJson(`${ready.url}/api/v1/admin/login`, ready.admin, { origin: ready.url });
    const cookie = (login.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const answer = await postJson(`${ready.url}/api/admin/import`, {}, { cookie, origin: 'https://elsewhere.example' });
    expect(answer.status).toBe(403);
  });

  test.each(['/api/auth/login', '/api/v1/admin/login'])('is refused at %s with a wrong password', async (path) => {
    const answer = await postJson(`${ready.url}${path}`, { ...ready.admin, password: 'wrong' }, { origin: ready.url });
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ success: false, error_code: 'INVALID_CREDENTIALS', error: expect.any(String) });
    expect(answer.headers.get('set-cookie')).toBeNull();
  });
});

describe('a key made by the admin API', () => {
  test('is shown once, works at once, and stops when it is deleted', async () => {
    const admin = await adminClient(ready);
    const made = await admin.call('POST', '/api/keys', { name: 'by-hand' });
    expect([200, 201]).toContain(made.status);
    const { id, key } = made.body['data'] as { id: string; key: string };
    expect(key).toMatch(/^sk-sluice1-/);
    const client = openAiClient(ready, key);
    await client.chat.completions.create({ model: 'sandbox-chat--words-5', messages: userSays('Hello') });
    const listed = await admin.call('GET', '/api/keys');
    expect(JSON.stringify(listed.body)).toContain(id);
    expect(JSON.stringify(listed.body)).not.toContain(key);
    expect((await admin.call('DELETE', `/api/keys/${id}`)).status).toBe(200);
    const after = await admin.call('GET', '/api/keys');
    expect(JSON.stringify(after.body)).not.toContain(id);
  });
});

describe('the description of the API', () => {
  test('is served with a reader, and the older path leads there', async () => {
    const described = await fetch(`${ready.url}/api/openapi.json`);
    expect(described.status).toBe(200);
    const document = (await described.json()) as { openapi: string; paths: Record<string, unknown> };
    expect(document.openapi).toMatch(/^3\./);
    expect(Object.keys(document.paths)).toContain('/api/admin/import');
    const reader = await fetch(`${ready.url}/api/docs`);
    expect(reader.status).toBe(200);
    expect(reader.headers.get('content-type')).toMatch(/^text\/html/);
    const older = await fetch(`${ready.url}/api/redoc`, { redirect: 'manual' });
    expect([301, 302, 307, 308]).toContain(older.status);
    expect(older.headers.get('location')).toMatch(/\/api\/docs$/);
  });
});

describe('GET /health', () => {
  test('names the build and each dependency', async () => {
    const answer = await fetch(`${ready.url}/health`);
    expect(answer.status).toBe(200);
    const body = (await answer.json()) as { dependencies: Record<string, string>; build: { sha: string } };
    expect(body).toMatchObject({ status: 'healthy', build: { sha: expect.any(String) } });
    expect(Object.values(body.dependencies).length).toBeGreaterThan(0);
    expect(Object.values(body.dependencies).every((state) => state === 'up')).toBe(true);
  });
});

describe('an unknown path of the admin API', () => {
  test('is a 404 that every reader of the contracts understands', async () => {
    const admin = await adminClient(ready);
    const answer = await admin.call('GET', '/api/no/such/thing');
    expect(answer.status).toBe(404);
    const sentence = answer.body['error'];
    expect(answer.body).toMatchObject({ success: false, error_code: 'NOT_FOUND', detail: sentence, message: sentence });
  });
});

describe('browsers', () => {
  test('may call the data plane from the origins of the setting, and from no others', async () => {
    const allowed = 'https://app.example.com';
    const other = 'https://other.example.com';
    expect((await callFrom(allowed)).headers.get('access-control-allow-origin')).toBeNull();
    await importInto(ready, { version: 1, settings: { browserOrigins: [allowed] } });
    // Settings are cached for a few seconds in each process.
    let answer = await callFrom(allowed);
    while (answer.headers.get('access-control-allow-origin') === null) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      answer = await callFrom(allowed);
    }
    expect(answer.headers.get('access-control-allow-origin')).toBe(allowed);
    const asked = await preflight(allowed);
    expect(asked.status).toBeLessThan(300);
    expect(asked.headers.get('access-control-allow-origin')).toBe(allowed);
    expect(asked.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('authorization');
    expect((await callFrom(other)).headers.get('access-control-allow-origin')).toBeNull();
    expect((await preflight(other)).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('get no permission to read the admin API from elsewhere', async () => {
    const headers = { origin: 'https://app.example.com' };
    const answer = await fetch(`${ready.url}/api/v1/admin/session`, { headers });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});
