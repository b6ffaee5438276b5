import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { adminClient, type AdminClient } from '../support/gateway.ts';
import { moveClock } from '../support/ledger.ts';
import { keepOutOfLogs } from '../support/log-secrets.ts';
import { removeDirectory, sharedAssembly, startStack, temporaryDirectory, type Stack } from '../support/stack.ts';

/** A stack of its own: it moves the clock. */
const dataDirectory = temporaryDirectory('credential-checks');
const CLOCK = '2031-07-08T04:10:00Z';
const SECRET = 'sk-sandbox-upstream-credential-that-is-checked';

let stack: Stack;
let admin: AdminClient;
beforeAll(async () => {
  stack = await startStack({ cloudAssembly: sharedAssembly(), dataDirectory, args: ['--clock', CLOCK] });
  admin = await adminClient(stack.ready);
  keepOutOfLogs('a checked key', SECRET);
}, 150_000);
afterAll(async () => {
  await stack?.stop();
  removeDirectory(dataDirectory);
}, 60_000);

const data = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<unknown> => {
  const answer = await admin.call(method, path, body);
  expect([path, answer.status < 300, answer.body]).toEqual([path, true, answer.body]);
  return answer.body['data'];
};

test('a refused key rests, is found to be good again by the sweep, and its history tells of both', async () => {
  const baseUrl = `${stack.ready.sandboxUrl}/v1`;
  await data('PUT', '/api/admin/upstreams/checked', {
    format: 'openai-chat',
    vendor: 'openai-compatible',
    baseUrl,
  });
  const made = await data('POST', '/api/admin/credentials', { upstream: 'checked', name: 'a', secret: SECRET });
  const { id } = made as { id: string };
  const path = `/api/admin/credentials/checked/${id}`;
  const ask = async (body: object): Promise<Record<string, unknown>> =>
    (await data('POST', `${path}/test`, body)) as Record<string, unknown>;

  expect(await ask({})).toMatchObject({ outcome: 'passed', upstreamStatus: 200, reactivated: false, model: null });
  expect(await ask({ model: 'sandbox-chat' })).toMatchObject({ outcome: 'passed', state: 'active' });
  expect(await ask({ model: 'sandbox-chat--401' })).toMatchObject({
    outcome: 'failed',
    upstreamStatus: 401,
    state: 'invalid',
    stateReason: 'credential_invalid',
  });

  await moveClock(stack.ready.sandboxUrl, Date.parse(CLOCK) + 5 * 60_000);
  const ran = await data('POST', '/api/admin/schedules/check-credentials/run', { force: true });
  expect(ran).toMatchObject({ failed: 0, unknown: 0, reactivated: 1, stopped: [] });
  expect(await ask({ listOnly: true })).toMatchObject({ outcome: 'passed', state: 'active', reactivated: false });

  const history = (await data('GET', `${path}/history`)) as { who: string; to: string }[];
  expect(history.map(({ who, to }) => [who, to]).slice(0, 2)).toEqual([
    ['check-credentials', 'active'],
    [stack.ready.admin.username, 'resting'],
  ]);
}, 60_000);
