import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { chatBody, jsonOf, startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import {
  adminClient,
  clientOfToken,
  importInto,
  postJson,
  until,
  type AdminAnswer,
  type AdminClient,
} from '../support/gateway.ts';
import { moveClock, readLedgerAccount, type LedgerAccountView } from '../support/ledger.ts';
import { countByStatus, createLoad, type Load, type LoadAnswer } from '../support/load.ts';
import { keepOutOfLogs } from '../support/log-secrets.ts';
import { removeDirectory, sharedAssembly, startStack, temporaryDirectory, type Stack } from '../support/stack.ts';

/** Codes, plans and calls of models that meet at one ledger account, through the whole stack with two relays. */
const dataDirectory = temporaryDirectory('redemption');
/** Noon of the month's last day in the time zone that days and months follow. */
const CLOCK = '2031-01-31T04:00:00Z';
const DAY_MS = 86_400_000;
const MAX_TOKENS = 7;
const USAGE = { prompt_tokens: 11, completion_tokens: MAX_TOKENS, total_tokens: 18 };

let stack: Stack;
let upstream: FakeUpstream;
let admin: AdminClient;
let load: Load;

beforeAll(async () => {
  upstream = await startFakeUpstream(jsonOf(chatBody('Counted', USAGE)));
  const args = ['--relays', '2', '--clock', CLOCK];
  stack = await startStack({ cloudAssembly: sharedAssembly(), dataDirectory, args });
  admin = await importInto(stack.ready, {
    version: 1,
    upstreams: [{ name: 'counted', format: 'openai-chat', vendor: 'openai-compatible', baseUrl: upstream.baseUrl }],
    credentials: [{ upstream: 'counted', name: 'only', secret: 'counted-secret' }],
    models: [{ name: 'counted', class: 'chat', routes: [{ upstream: 'counted', model: 'counted' }] }],
  });
  load = createLoad(stack.ready, 80);
}, 150_000);
afterAll(async () => {
  load?.close();
  await stack?.stop();
  await upstream?.close();
  removeDirectory(dataDirectory);
}, 60_000);

interface SomeUser {
  id: string;
  key: string;
  /** Anew each time: access tokens do not outlive the clock's leaps. */
  signIn(): Promise<AdminClient>;
}

/** With the role's ten thousand tokens in 24 hours, and as many requests as they like. */
async function aUser(limits: object = {}): Promise<SomeUser> {
  const username = `user-${randomBytes(6).toString('hex')}`;
  const password = `pass-${randomBytes(12).toString('hex')}`;
  keepOutOfLogs('a password', password);
  const facts = { username, password, limits: { requestsPerMinute: -1, ...limits } };
  const made = await admin.call('POST', '/api/admin/users', facts);
  expect(made.status).toBe(201);
  const signIn = async (): Promise<AdminClient> => {
    const login = await postJson(`${stack.ready.url}/api/auth/login`, { username, password });
    return clientOfToken(stack.ready, String(login.body['access_token']));
  };
  const key = await (await signIn()).call('POST', '/api/keys', { name: 'own' });
  const { key: secret } = key.body['data'] as { key: string };
  keepOutOfLogs('a key', secret);
  return { id: (made.body['data'] as { id: string }).id, key: secret, signIn };
}

async function newCode(type: string, tokens: number): Promise<string> {
  const body = { type: 'single', plan_type: type, token_limit: tokens };
  const made = await admin.call('POST', '/api/admin/redemption-codes', body);
  expect(made.status).toBe(201);
  return String(made.body['code']);
}

const redeem = (client: AdminClient, code: string, path = '/api/user/redeem-code'): Promise<AdminAnswer> =>
  client.call('POST', path, { code });

interface PlanAnswer {
  type: string;
  token_limit: number;
  expires_at: string;
  extended: boolean;
}
const planOf = ({ body }: AdminAnswer): PlanAnswer => body['plan'] as PlanAnswer;

async function usedAt(code: string): Promise<number> {
  const { body } = await admin.call('GET', `/api/admin/redemption-codes/${code}`);
  return Date.parse((body['data'] as { used_at: string }).used_at);
}

const chat = (user: SomeUser): Promise<LoadAnswer> => {
  const messages = [{ role: 'user', content: 'Count me' }];
  const body = JSON.stringify({ model: 'counted', max_tokens: MAX_TOKENS, messages });
  return load.call({ secret: user.key, body });
};

function settledAccount(userId: string): Promise<LedgerAccountView> {
  return until(async () => {
    const account = await readLedgerAccount(admin, userId);
    return Object.keys(account.holds).length === 0 && account;
  });
}

function sumOf(account: LedgerAccountView, measure: string): number {
  const own = Object.entries(account.counters).filter(([name]) => name.startsWith(`${measure}#`));
  return own.reduce((sum, [, value]) => sum + value, 0);
}

/** Tokens of each of the user's usage events. */
async function eventsOf(user: SomeUser): Promise<number[]> {
  const tokens: number[] = [];
  const client = await user.signIn();
  let cursor: string | null = null;
  do {
    const { body } = await client.call('GET', `/api/usage/logs?limit=100${cursor === null ? '' : `&cursor=${cursor}`}`);
    const data = body['data'] as {
      logs: { total_tokens: number }[];
      pagination: { next_cursor: string | null };
    };
    tokens.push(...data.logs.map((row) => row.total_tokens));
    cursor = data.pagination.next_cursor;
  } while (cursor !== null);
  return tokens;
}

describe('a code that is redeemed while the account is in use', () => {
  const WORKERS = 40;
  const CALLS_EACH = 4;

  test('gives its plan once to one of twenty, and no admission is lost or doubled', async () => {
    expect(Object.keys(stack.ready.pids)).toEqual(expect.arrayContaining(['relay-0', 'relay-1']));
    const user = await aUser();
    const client = await user.signIn();
    const code = await newCode('monthly', 100_000);
    expect((await chat(user)).status).toBe(200);
    const seen = upstream.requests.length;

    const underWay = Promise.withResolvers<void>();
    const worker = async (): Promise<LoadAnswer[]> => {
      const answers: LoadAnswer[] = [];
      while (answers.length < CALLS_EACH) {
        answers.push(await chat(user));
        underWay.resolve();
      }
      return answers;
    };
    const calls = Promise.all(Array.from({ length: WORKERS }, worker));
    await underWay.promise;
    const paths = ['/api/user/redeem-code', '/api/redeem-code'];
    const redeemed = await Promise.all(
      Array.from({ length: 20 }, (_none, index) =>
        redeem(client, index % 3 === 0 ? code : code.toLowerCase(), paths[index % 2]),
      ),
    );
    const answers = (await calls).flat();
    expect(countByStatus([...answers, await chat(user)])).toEqual({ 200: WORKERS * CALLS_EACH + 1 });

    const winners = redeemed.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect(planOf(winners[0]!)).toMatchObject({ type: 'monthly', token_limit: 100_000, extended: false });
    for (const { status } of redeemed) expect([200, 400, 409]).toContain(status);

    const account = await settledAccount(user.id);
    expect(account).toMatchObject({ entitlement: 1, plan: { tokens: 100_000 } });
    const events = await eventsOf(user);
    expect(events).toEqual(Array(WORKERS * CALLS_EACH + 2).fill(USAGE.total_tokens));
    expect(upstream.requests.length - seen).toBe(WORKERS * CALLS_EACH + 1);
    // Each event is counted once: before the redemption in the role's window, afterwards under the plan.
    const [byRole, byPlan] = [sumOf(account, 'tok'), sumOf(account, 'plan')];
    expect(byRole + byPlan).toBe(events.length * USAGE.total_tokens);
    expect(Math.min(byRole, byPlan)).toBeGreaterThanOrEqual(USAGE.total_tokens);
    const shown = await client.call('GET', '/api/user/plan');
    expect(shown.body['plan']).toMatchObject({ tokens_used: byPlan, is_active: true });
  }, 120_000);

  test('of several users goes to one of them', async () => {
    const users = await Promise.all(Array.from({ length: 3 }, () => aUser()));
    const clients = await Promise.all(users.map((user) => user.signIn()));
    const code = await newCode('daily', 50);
    const redeemed = await Promise.all([...clients, ...clients, ...clients].map((client) => redeem(client, code)));
    expect(redeemed.filter(({ status }) => status === 200)).toHaveLength(1);
    const plans = await Promise.all(clients.map((client) => client.call('GET', '/api/user/plan')));
    expect(plans.filter(({ body }) => body['plan'] !== null)).toHaveLength(1);
  }, 60_000);
});

describe('a plan', () => {
  test('of a month that begins on 31 January ends on the last of February, and one more goes on from there', async () => {
    const user = await aUser();
    const client = await user.signIn();
    const [first, second] = [await newCode('monthly', 1_000), await newCode('monthly', 234)];
    const begun = planOf(await redeem(client, `  ${first.toLowerCase()} `));
    const from = new Date(await usedAt(first)).toISOString();
    expect(from).toMatch(/^2031-01-31T04:/);
    expect(begun).toMatchObject({ expires_at: from.replace('2031-01-31', '2031-02-28'), extended: false });
    const extended = planOf(await redeem(client, second));
    const expected = { token_limit: 1_234, expires_at: from.replace('2031-01-31', '2031-03-28'), extended: true };
    expect(extended).toMatchObject({ type: 'monthly', ...expected });
    const account = await readLedgerAccount(admin, user.id);
    expect(account).toMatchObject({ entitlement: 2, plan: { tokens: 1_234, expiresAt: expected.expires_at } });
  }, 60_000);

  test('stands in for the role’s tokens, refuses by its name when used up, is extended at once, and ends', async () => {
    const user = await aUser({ tokensPer24Hours: 60 });
    const client = await user.signIn();
    const statuses: number[] = [];
    const untilRefused = async (): Promise<LoadAnswer> => {
      for (;;) {
        const answer = await chat(user);
        statuses.push(answer.status);
        if (answer.status !== 200) return answer;
        await settledAccount(user.id);
      }
    };
    const byRole = await untilRefused();
    expect(byRole).toMatchObject({ status: 429 });
    expect(byRole.body).toContain('tokens per 24 hours');

    expect((await redeem(client, await newCode('daily', 100))).status).toBe(200);
    await until(async () => (await chat(user)).status === 200);
    await settledAccount(user.id);
    // The other relay may believe in what it saw a moment before the redemption, for a fifth of a second.
    let byPlan = await untilRefused();
    await until(async () => {
      if (byPlan.body.includes('tokens per 24 hours')) byPlan = await untilRefused();
      return !byPlan.body.includes('tokens per 24 hours');
    });
    expect(byPlan).toMatchObject({ status: 429 });
    expect(JSON.parse(byPlan.body)).toMatchObject({
      error: { code: 'insufficient_quota', message: expect.stringContaining('tokens of the plan "daily": 100') },
    });
    const used = sumOf(await settledAccount(user.id), 'plan');

    const code = await newCode('daily', 500);
    expect(planOf(await redeem(client, code))).toMatchObject({ token_limit: 600, extended: true });
    await until(async () => (await chat(user)).status === 200);
    expect(sumOf(await settledAccount(user.id), 'plan')).toBe(used + USAGE.total_tokens);

    // The day after the plan's two days: the role's window, a new one, holds again.
    await moveClock(stack.ready.sandboxUrl, (await usedAt(code)) + 3 * DAY_MS);
    admin = await adminClient(stack.ready);
    await until(async () => (await chat(user)).status === 200);
    const account = await settledAccount(user.id);
    expect(sumOf(account, 'tok')).toBeGreaterThanOrEqual(USAGE.total_tokens);
    expect(await untilRefused()).toMatchObject({ status: 429, body: expect.stringContaining('tokens per 24 hours') });
    const shown = await (await user.signIn()).call('GET', '/api/user/plan');
    expect(shown.body['plan']).toMatchObject({ is_active: false, token_limit: 600 });
  }, 120_000);

  test('is given and ended by administrators, and codes are listed, counted, exported and deleted', async () => {
    const user = await aUser();
    const path = `/api/admin/users/${user.id}/plan`;
    const given = await admin.call('PUT', path, { type: 'weekly', token_limit: 5_000 });
    expect(given.body['plan']).toMatchObject({ type: 'weekly', token_limit: 5_000, is_active: true });
    expect((await chat(user)).status).toBe(200);
    expect(sumOf(await settledAccount(user.id), 'plan')).toBe(USAGE.total_tokens);
    expect((await admin.call('DELETE', path)).status).toBe(200);
    expect((await chat(user)).status).toBe(200);
    expect(sumOf(await settledAccount(user.id), 'tok')).toBe(USAGE.total_tokens);

    const terms = { type: 'batch', plan_type: 'weekly', token_limit: 10, count: 100, prefix: 'batch', expires_days: 1 };
    const before = await admin.call('GET', '/api/admin/redemption-codes');
    const made = await admin.call('POST', '/api/admin/redemption-codes', terms);
    const codes = made.body['codes'] as string[];
    expect(new Set(codes).size).toBe(100);
    await redeem(await user.signIn(), codes[0]!);
    await Promise.all(codes.slice(0, 10).map((code) => admin.call('DELETE', `/api/admin/redemption-codes/${code}`)));
    const totalsOf = ({ body }: AdminAnswer) => body['totals'] as Record<string, number>;
    const after = await admin.call('GET', '/api/admin/redemption-codes?page=2&limit=50&status=unused');
    const was = totalsOf(before);
    expect(totalsOf(after)).toEqual({ ...was, total: was['total']! + 90, unused: was['unused']! + 90 });
    expect(after.body['codes']).toHaveLength(Math.min(50, was['unused']! + 40));
    const found = await admin.call('GET', `/api/admin/redemption-codes?search=${codes[50]!.toLowerCase()}`);
    expect(found.body['codes']).toEqual([expect.objectContaining({ code: codes[50], status: 'unused' })]);
    const file = await fetch(`${stack.ready.url}/api/admin/redemption-codes/export?search=batch`, {
      headers: { authorization: `Bearer ${admin.token}` },
    });
    expect((await file.text()).trim().split('\r\n')).toHaveLength(91);
  }, 120_000);

  test('has a name where it was made from one', async () => {
    const plan = { name: 'Team', plan_type: 'monthly', token_limit: 5_000_000, money_limit: 12.5 };
    expect((await admin.call('POST', '/api/admin/plans', plan)).status).toBe(201);
    const made = await admin.call('POST', '/api/admin/redemption-codes', { plan: 'team' });
    const user = await aUser();
    const redeemed = await redeem(await user.signIn(), String(made.body['code']));
    expect(redeemed.body['plan']).toMatchObject({ name: 'Team', token_limit: 5_000_000, money_limit: 12.5 });
    expect((await admin.call('DELETE', '/api/admin/plans/Team')).status).toBe(200);
  }, 60_000);
});
