import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { adminClient, postJson } from '../support/gateway.ts';
import { keepOutOfLogs } from '../support/log-secrets.ts';
import { sharedDataDirectory, sharedStack } from '../support/stack.ts';

const ready = sharedStack();
const OUTBOX = join(sharedDataDirectory(), 'outbox');

interface Mail {
  from: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
}

/** Somebody whom no other test knows. */
function somebody(): { email: string; username: string; password: string } {
  const mark = randomBytes(5).toString('hex');
  const password = `password ${randomBytes(8).toString('hex')}`;
  keepOutOfLogs('a password', password);
  return { email: `jo-${mark}@example.com`, username: `jo-${mark}`, password };
}

/** What the outbox holds for an address, in order of sending. */
function mailsTo(email: string): Mail[] {
  if (!existsSync(OUTBOX)) return [];
  const files = readdirSync(OUTBOX).filter((name) => name.endsWith('.json'));
  return files
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(OUTBOX, name), 'utf8')) as Mail)
    .filter((mail) => mail.to.includes(email));
}

/** The link of the last mail to an address. */
function linkTo(email: string): URL {
  const link = new URL(/^http\S+$/m.exec(mailsTo(email).at(-1)?.text ?? '')?.[0] ?? 'missing:');
  keepOutOfLogs('a token of a link', link.searchParams.get('token') ?? '');
  return link;
}

const api = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  postJson(`${ready.url}${path}`, body, headers);
const login = (username: string, password: string) => api('/api/auth/login', { username, password });
const bearer = (token: unknown) => ({ authorization: `Bearer ${String(token)}` });
const callModel = (key: unknown) =>
  api(
    '/v1/chat/completions',
    { model: 'sandbox-chat--words-5', messages: [{ role: 'user', content: 'Hi' }] },
    bearer(key),
  );

/** Users are cached by the relay for at most ten seconds. */
async function untilStatus(ask: () => Promise<{ status: number }>, status: number): Promise<void> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const answer = await ask();
    if (answer.status === status) return;
    if (performance.now() > deadline) throw new Error(`still ${answer.status}, not ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

test('an account from registration over confirmation to a new password', async () => {
  const jo = somebody();
  const made = await api('/api/auth/register', jo);
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ success: true, userId: expect.any(String), user: { is_verified: false } });
  expect((await api('/api/auth/register', jo)).status).toBe(409);

  const [mail] = mailsTo(jo.email);
  expect(mail).toMatchObject({ from: 'sluice@mail.localhost', subject: 'Confirm your e-mail address' });
  expect(linkTo(jo.email).origin).toBe(ready.url);
  expect(linkTo(jo.email).pathname).toBe('/verify-email');

  const signedIn = await login(jo.username, jo.password);
  expect(signedIn.status).toBe(200);
  const own = bearer(signedIn.body['access_token']);
  const key = ((await api('/api/keys', { name: 'first' }, own)).body['data'] as { key: string }).key;
  keepOutOfLogs('a key', key);
  expect((await callModel(key)).status).toBe(401);

  const token = linkTo(jo.email).searchParams.get('token');
  expect((await api('/api/auth/verify-email', { token })).status).toBe(200);
  expect((await api('/api/auth/verify-email', { token })).status).toBe(400);
  expect(mailsTo(jo.email).at(-1)?.subject).toBe('Welcome to Sluice');
  await untilStatus(() => callModel(key), 200);

  const asked = await api('/api/auth/forgot-password', { email: jo.email });
  expect([asked.status, linkTo(jo.email).pathname]).toEqual([200, '/reset-password']);
  const reset = linkTo(jo.email).searchParams.get('token');
  expect((await api('/api/auth/verify-reset-token', { token: reset })).body['email']).toBe(jo.email);
  const next = somebody().password;
  expect((await api('/api/auth/reset-password', { token: reset, password: next })).status).toBe(200);
  expect((await api('/api/auth/reset-password', { token: reset, password: next })).status).toBe(400);
  expect((await login(jo.username, jo.password)).status).toBe(401);
  expect((await login(jo.email, next)).status).toBe(200);
  expect((await fetch(`${ready.url}/api/auth/me`, { headers: own })).status).toBe(401);
});

test('a stranger’s address gets the same answer as a user’s, and no mail', async () => {
  const jo = somebody();
  await api('/api/auth/register', jo);
  const stranger = somebody();
  const [known, unknown] = [
    await api('/api/auth/forgot-password', { email: jo.email }),
    await api('/api/auth/forgot-password', { email: stranger.email }),
  ];
  expect([unknown.status, unknown.body]).toEqual([known.status, known.body]);
  expect(mailsTo(stranger.email)).toEqual([]);
  expect(mailsTo(jo.email)).toHaveLength(2);
});

test('an administrator invites a user, silences and disables and deletes the user', async () => {
  const admin = await adminClient(ready);
  const { email, username, password } = somebody();
  const made = await admin.call('POST', '/api/admin/users', { username, email });
  expect(made.status).toBe(201);
  const { id, invitation } = made.body['data'] as { id: string; invitation: string };
  expect(invitation).toBe('sent');
  const token = linkTo(email).searchParams.get('token');
  expect((await api('/api/auth/reset-password', { token, password })).status).toBe(200);
  const own = bearer((await login(username, password)).body['access_token']);
  const key = ((await api('/api/keys', { name: 'first' }, own)).body['data'] as { key: string }).key;
  keepOutOfLogs('a key', key);
  expect((await callModel(key)).status).toBe(200);

  const user = `/api/admin/users/${id}`;
  expect((await admin.call('PATCH', user, { is_silenced: true })).status).toBe(200);
  expect((await fetch(`${ready.url}/api/auth/me`, { headers: own })).status).toBe(200);
  await untilStatus(() => callModel(key), 403);
  const changed = await admin.call('PATCH', user, { is_silenced: false, is_active: false, trust_level: 2 });
  expect(changed.body['data']).toMatchObject({ is_silenced: false, is_active: false, trust_level: 2 });
  expect((await fetch(`${ready.url}/api/auth/me`, { headers: own })).status).not.toBe(200);
  expect((await login(username, password)).status).toBe(403);

  const found = await admin.call('GET', `/api/admin/users?search=${email.slice(0, 9)}&is_active=false`);
  expect((found.body['data'] as { users: { id: string }[] }).users.map((row) => row.id)).toContain(id);
  expect((await admin.call('DELETE', user)).status).toBe(200);
  expect((await admin.call('GET', user)).status).toBe(404);
  await untilStatus(() => callModel(key), 401);
  expect((await api('/api/auth/register', { email, username, password })).status).toBe(201);
});

test('a user changes settings, and the address when its mail was answered', async () => {
  const jo = somebody();
  await api('/api/auth/register', jo);
  await api('/api/auth/verify-email', { token: linkTo(jo.email).searchParams.get('token') });
  const own = bearer((await login(jo.username, jo.password)).body['access_token']);
  const put = async (path: string, body: unknown) => {
    const headers = { ...own, 'content-type': 'application/json' };
    const answer = await fetch(`${ready.url}${path}`, { method: 'PUT', headers, body: JSON.stringify(body) });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const saved = await put('/api/user/settings', { preferences: { language: 'zh' } });
  expect(saved.body).toMatchObject({ success: true, preferences: { language: 'zh', theme: 'system' } });

  const next = somebody();
  const changed = await put('/api/user/profile', { username: next.username, email: next.email });
  expect(changed.body).toMatchObject({ username: next.username, email: jo.email, pending_email: next.email });
  const token = linkTo(next.email).searchParams.get('token');
  expect((await api('/api/auth/verify-email', { token })).status).toBe(200);
  expect((await login(next.email, jo.password)).status).toBe(200);
  expect((await login(jo.email, jo.password)).status).toBe(401);
  expect(mailsTo(jo.email).at(-1)?.subject).toBe('The e-mail address of your account was changed');
});
