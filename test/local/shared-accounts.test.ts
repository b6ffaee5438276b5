import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { adminClient, clientOfToken, postJson, until, type AdminClient } from '../support/gateway.ts';
import { moveClock } from '../support/ledger.ts';
import { keepOutOfLogs } from '../support/log-secrets.ts';
import { removeDirectory, sharedAssembly, startStack, temporaryDirectory, type Stack } from '../support/stack.ts';

/** A stack of its own: it moves the clock, and takes the operators' credential away. */
const dataDirectory = temporaryDirectory('shared-accounts');
const CLOCK = '2031-05-06T04:10:00Z';
const HOUR_MS = 3_600_000;
const SECRET = 'sk-sandbox-upstream-credential-of-a-contributor';
const MODEL = 'sandbox-chat';
const PASSWORD = 'a-long-enough-password-7391';

let stack: Stack;
let admin: AdminClient;
beforeAll(async () => {
  stack = await startStack({ cloudAssembly: sharedAssembly(), dataDirectory, args: ['--clock', CLOCK] });
  admin = await adminClient(stack.ready);
  keepOutOfLogs('a contributed key', SECRET);
}, 150_000);
afterAll(async () => {
  await stack?.stop();
  removeDirectory(dataDirectory);
}, 60_000);

interface Person {
  token: string;
  client: AdminClient;
}

async function person(username: string): Promise<Person> {
  const made = await admin.call('POST', '/api/admin/users', {
    username,
    password: PASSWORD,
    limits: { requestsPerMinute: -1, tokensPer24Hours: -1 },
  });
  expect(made.status).toBe(201);
  const { body } = await postJson(`${stack.ready.url}/api/auth/login`, { username, password: PASSWORD });
  const token = String(body['access_token']);
  keepOutOfLogs('an access token', token);
  return { token, client: clientOfToken(stack.ready, token) };
}

const chat = async ({ token }: Person): Promise<number> => {
  const body = { model: MODEL, messages: [{ role: 'user', content: 'Say something.' }] };
  const headers = { authorization: `Bearer ${token}` };
  return (await postJson(`${stack.ready.url}/v1/chat/completions`, body, headers)).status;
};
const plugin = async <Data>({ client }: Person, method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown) => {
  const answer = await client.call(method, `/api/plugin-api${path}`, body);
  expect([path, answer.status < 300, answer.body]).toEqual([path, true, answer.body]);
  return answer.body['data'] as Data;
};
const quotaOf = async (who: Person): Promise<number | undefined> => {
  const rows = await plugin<{ model_name: string; quota: number }[]>(who, 'GET', '/quotas/user');
  return rows.find(({ model_name }) => model_name === MODEL)?.quota;
};
const recover = async (): Promise<void> => {
  const ran = await admin.call('POST', '/api/admin/schedules/recover-quotas/run', {});
  expect([ran.status, ran.body]).toEqual([200, ran.body]);
};

test("users' accounts serve whom they mean, are paid from the pool, and hours bring it back once", async () => {
  const [owner, guest] = [await person('contributor-1'), await person('visitor-1')];
  const [{ id: operators } = { id: '' }] = (await admin.call('GET', '/api/admin/credentials?upstream=sandbox')).body[
    'data'
  ] as { id: string }[];
  await admin.call('PATCH', `/api/admin/credentials/sandbox/${operators}`, { enabled: false });

  const given = { upstream: 'sandbox', name: 'mine', api_key: SECRET, limits: { tokensPerDay: 100_000 } };
  const { id } = await plugin<{ id: string }>(owner, 'POST', '/accounts', given);
  await until(async () => (await chat(owner)) === 200);
  expect([503, 429]).toContain(await chat(guest));
  expect(await quotaOf(owner)).toBeUndefined();

  await plugin(owner, 'PUT', `/accounts/${id}/type`, { is_shared: 1 });
  const whole = (await quotaOf(owner)) ?? 0;
  // Something is used up of it already; a relay believes what it has read for ten seconds.
  expect(whole).toBeLessThan(2);
  await until(async () => {
    await chat(owner);
    return ((await quotaOf(owner)) ?? whole) < whole;
  });
  expect([503, 429]).toContain(await chat(guest));
  const log = await plugin<{ is_shared: number; quota_consumed: number; quota_before: number; quota_after: number }[]>(
    owner,
    'GET',
    '/quotas/consumption',
  );
  const shared = log.filter(({ is_shared }) => is_shared === 1);
  expect(shared.length).toBeGreaterThan(0);
  const sum = shared.reduce((total, row) => total + Math.round(row.quota_consumed * 10_000), 0);
  const left = (await quotaOf(owner)) ?? 0;
  expect(Math.round(left * 10_000)).toBe(Math.round(whole * 10_000) - sum);
  const pool = await plugin<{ quotas: object[]; user_consumption: object }>(owner, 'GET', '/quotas/shared-pool');
  expect(pool.user_consumption).toMatchObject({ shared_requests: shared.length });

  await moveClock(stack.ready.sandboxUrl, Date.parse(CLOCK) + HOUR_MS);
  await Promise.all([recover(), recover()]);
  expect(await quotaOf(owner)).toBe(Math.min(2, Math.round((left + 0.4) * 10_000) / 10_000));

  await admin.call('DELETE', `/api/admin/credentials/sandbox/${id}`);
  expect(await plugin(owner, 'GET', '/accounts')).toEqual([]);
}, 90_000);

test('the schedule counts what a catalogue brings later', async () => {
  const early = await person('early');
  const upstream = {
    name: 'later',
    format: 'openai-chat',
    vendor: 'openai-compatible',
    baseUrl: `${stack.ready.sandboxUrl}/v1`,
  };
  const imported = await admin.call('POST', '/api/admin/import', { version: 1, upstreams: [upstream] });
  expect(imported.status).toBe(200);
  const given = { upstream: 'later', name: 'mine', api_key: SECRET, is_shared: 1 };
  await plugin(early, 'POST', '/accounts', given);
  const model = { name: 'comes-later', class: 'chat', routes: [{ upstream: 'later', model: 'sandbox-chat' }] };
  await admin.call('POST', '/api/admin/import', { version: 1, models: [model] });
  await recover();
  const rows = await plugin<{ model_name: string; quota: number }[]>(early, 'GET', '/quotas/user');
  expect(rows).toMatchObject([{ model_name: 'comes-later', quota: 2 }]);
});
