import { createRequestId } from '../../../layers/kit/ids/request-id.ts';
import { createStage, type Answered, type Json, type Stage } from './support/admin-stage.ts';

const CODES = '/api/admin/redemption-codes';
const DAY_MS = 86_400_000;

async function setUp(change: Parameters<typeof createStage>[0] = {}) {
  const stage = createStage(change);
  const [admin, user] = [await stage.as('admin'), await stage.as('user')];
  /** The clock moves, and everybody signs in anew. */
  const pass = async (ms: number): Promise<void> => {
    stage.now.ms += ms;
    Object.assign(admin, await stage.as('admin'));
    Object.assign(user, await stage.as('user'));
  };
  return { stage, admin, user, pass };
}

type Who = Record<string, string>;

async function newCode({ stage, admin }: { stage: Stage; admin: Who }, body: Json = {}): Promise<string> {
  const given = { type: 'single', plan_type: 'monthly', token_limit: 1_000, ...body };
  const { status, json } = await stage.call(CODES, { headers: admin, body: given });
  expect(status).toBe(201);
  return json.code;
}

function redeem(stage: Stage, headers: Who, code: string, path = '/api/user/redeem-code'): Promise<Answered> {
  return stage.call(path, { headers, body: { code } });
}

describe('making codes', () => {
  it('gives one as a text, a batch as a list, and shows all of what they are', async () => {
    const { stage, admin } = await setUp();
    const single = await stage.call(CODES, {
      headers: admin,
      body: {
        type: 'single',
        plan_type: 'daily',
        token_limit: 500,
        expires_days: 7,
        description: 'for Ann',
        prefix: null,
      },
    });
    expect(single.status).toBe(201);
    expect(single.json.code).toMatch(/^[0-9A-Z]{5}(?:-[0-9A-Z]{5}){3}$/);
    expect(single.json.data).toEqual({
      id: single.json.code,
      code: single.json.code,
      plan_type: 'daily',
      plan_name: 'daily',
      token_limit: 500,
      money_limit: null,
      status: 'unused',
      is_used: false,
      used_by: null,
      used_by_name: null,
      used_at: null,
      redeemed_plan: null,
      replaced_plan: null,
      expires_at: new Date(stage.now.ms + 7 * DAY_MS).toISOString(),
      created_at: new Date(stage.now.ms).toISOString(),
      created_by: 'usr_admin',
      created_by_name: 'some-admin',
      description: 'for Ann',
    });
    const body = { type: 'batch', plan_type: 'weekly', token_limit: 1_000_000, count: 100, prefix: ' team-x ' };
    const batch = await stage.call(CODES, { headers: admin, body });
    expect(batch.json.count).toBe(100);
    expect(new Set(batch.json.codes).size).toBe(100);
    for (const code of batch.json.codes) expect(code).toMatch(/^TEAM-X(?:-[0-9A-Z]{5}){4}$/);
  });

  it.each([
    ['no type of plan', { token_limit: 1 }, 'plan_type'],
    ['another type of plan', { plan_type: 'yearly', token_limit: 1 }, 'plan_type'],
    ['no allowance', { plan_type: 'daily' }, 'token_limit'],
    ['no tokens', { plan_type: 'daily', token_limit: 0 }, 'token_limit'],
    ['part of a token', { plan_type: 'daily', token_limit: 1.5 }, 'token_limit'],
    ['more than a million tokens', { plan_type: 'daily', token_limit: 1_000_001 }, 'token_limit'],
    ['no money', { plan_type: 'daily', money_limit: 0 }, 'money_limit'],
    ['a batch of more than a hundred', { type: 'batch', plan_type: 'daily', token_limit: 1, count: 101 }, 'count'],
    ['a batch of none', { type: 'batch', plan_type: 'daily', token_limit: 1, count: 0 }, 'count'],
    ['two single ones', { type: 'single', plan_type: 'daily', token_limit: 1, count: 2 }, 'count'],
    ['a prefix with a space', { plan_type: 'daily', token_limit: 1, prefix: 'a b' }, 'prefix'],
    ['a day that is none', { plan_type: 'daily', token_limit: 1, expires_days: 0 }, 'expires_days'],
    ['a plan and its own terms', { plan: 'Team', plan_type: 'daily', token_limit: 1 }, 'plan_type'],
  ])('refuses %s and names the field', async (_what, body, field) => {
    const { stage, admin } = await setUp();
    const { status, json } = await stage.call(CODES, { headers: admin, body });
    expect(status).toBe(400);
    expect(json.error_code).toBe('INVALID_FIELD');
    expect(json.errors.map(({ path }: { path: string }) => path)).toContain(field);
    expect(stage.codes.rows.size).toBe(0);
  });

  it('and everything about them is for administrators; redeeming is for everybody who is signed in', async () => {
    const { stage, user } = await setUp();
    const calls = [
      await stage.call(CODES, { headers: user }),
      await stage.call(CODES, { headers: user, body: { plan_type: 'daily', token_limit: 1 } }),
      await stage.call(`${CODES}/export`, { headers: user }),
      await stage.call(`${CODES}/ABC`, { method: 'DELETE', headers: user }),
      await stage.call('/api/admin/plans', { headers: user }),
      await stage.call('/api/admin/users/usr_user/plan', { method: 'PUT', headers: user, body: {} }),
    ];
    expect(calls.map(({ status }) => status)).toEqual(Array(6).fill(403));
    expect((await redeem(stage, {}, 'ABC')).status).toBe(401);
  });
});

describe('redeeming a code', () => {
  it('gives the plan, however the code was typed, under both paths', async () => {
    const { stage, admin, user } = await setUp();
    const code = await newCode({ stage, admin }, { prefix: 'hello' });
    const { status, json } = await redeem(stage, user, `  ${code.toLowerCase()} `);
    expect(status).toBe(200);
    const plan = {
      type: 'monthly',
      name: 'monthly',
      token_limit: 1_000,
      money_limit: null,
      expires_at: '2026-04-01T12:00:00.000Z',
      extended: false,
      replaced: null,
    };
    const message = 'Your plan is active: monthly, until 2026-04-01T12:00:00.000Z.';
    expect(json).toEqual({ success: true, message, plan, data: { plan } });
    const alias = await redeem(stage, await stage.as('admin'), await newCode({ stage, admin }), '/api/redeem-code');
    expect(alias.status).toBe(200);
    expect(stage.accounts.rows.get('usr_user')).toMatchObject({ entitlement: 1, plan: { tokens: 1_000 } });
  });

  it('extends a plan of the same type from its end, and replaces another, saying so', async () => {
    const { stage, admin, user, pass } = await setUp();
    await redeem(stage, user, await newCode({ stage, admin }));
    await pass(5 * DAY_MS);
    const second = await redeem(stage, user, await newCode({ stage, admin }, { token_limit: 234 }));
    expect(second.json.plan).toMatchObject({
      token_limit: 1_234,
      expires_at: '2026-05-01T12:00:00.000Z',
      extended: true,
    });
    const code = await newCode({ stage, admin }, { plan_type: 'daily', token_limit: 10 });
    const third = await redeem(stage, user, code);
    expect(third.json.plan).toMatchObject({
      type: 'daily',
      token_limit: 10,
      expires_at: '2026-03-07T12:00:00.000Z',
      extended: false,
      replaced: { type: 'monthly', token_limit: 1_234, expires_at: '2026-05-01T12:00:00.000Z' },
    });
    expect(third.json.message).toContain('takes the place of your plan monthly');
    const { json } = await stage.call(`${CODES}/${code}`, { headers: admin });
    expect(json.data).toMatchObject({
      status: 'used',
      used_by: 'usr_user',
      used_by_name: 'some-user',
      used_at: new Date(stage.now.ms).toISOString(),
      redeemed_plan: { expires_at: '2026-03-07T12:00:00.000Z', extended: false },
      replaced_plan: { name: 'monthly', token_limit: 1_234 },
    });
  });

  it('of twenty calls at once for one code lets one through; the others are told why', async () => {
    const { stage, admin, user } = await setUp();
    const code = await newCode({ stage, admin });
    const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(stage, user, code)));
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    for (const status of statuses) expect([200, 400, 409]).toContain(status);
    expect(stage.accounts.rows.get('usr_user')).toMatchObject({ entitlement: 1, plan: { tokens: 1_000 } });
  });

  it('that somebody else redeems at the same moment is a conflict', async () => {
    const { stage, admin, user } = await setUp();
    const code = await newCode({ stage, admin });
    const unused = await stage.codes.find(code);
    await redeem(stage, admin, code);
    stage.codes.find = async () => unused;
    const { status, json } = await redeem(stage, user, code);
    expect([status, json.error_code, json.error]).toEqual([409, 'CONFLICT', 'The redemption code has just been used.']);
    expect(stage.accounts.rows.get('usr_user')).toMatchObject({ entitlement: 0, plan: null });
  });

  it('refuses unknown, used and expired codes as bad input of the field', async () => {
    const { stage, admin, user, pass } = await setUp();
    const [used, late] = [await newCode({ stage, admin }), await newCode({ stage, admin }, { expires_days: 1 })];
    await redeem(stage, admin, used);
    await pass(DAY_MS);
    const [unknown, taken, expired] = [
      await redeem(stage, user, 'NO-SUCH'),
      await redeem(stage, user, used),
      await redeem(stage, user, late),
    ];
    expect([unknown, taken, expired].map(({ status, json }) => [status, json.error_code])).toEqual([
      [400, 'CODE_UNKNOWN'],
      [400, 'CODE_USED'],
      [400, 'CODE_EXPIRED'],
    ]);
    expect((await redeem(stage, user, '')).status).toBe(400);
    expect((await stage.call('/api/user/redeem-code', { headers: user, body: {} })).json.error_code).toBe(
      'INVALID_FIELD',
    );
    const own = await redeem(stage, admin, used);
    expect(own.status).toBe(400);
    expect(own.json.error).toMatch(/^You have redeemed this code already, at .*: it gave you the plan monthly until/);
  });

  it('answers a repeated call with an idempotency key as the first time', async () => {
    const { stage, admin, user } = await setUp();
    const body = { code: await newCode({ stage, admin }) };
    const call = (key: string) =>
      stage.call('/api/user/redeem-code', { headers: { ...user, 'idempotency-key': key }, body });
    const first = await call('one');
    expect(await call('one')).toMatchObject({ status: 200, json: first.json });
    expect((await call('two')).status).toBe(400);
    expect(stage.accounts.rows.get('usr_user')?.entitlement).toBe(1);
  });

  it('is not tried for ever', async () => {
    const { stage, admin, user, pass } = await setUp();
    const code = await newCode({ stage, admin });
    for (let tries = 0; tries < 60; tries += 1) expect((await redeem(stage, user, `WRONG-${tries}`)).status).toBe(400);
    const refused = await redeem(stage, user, code);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    await pass(600_000);
    expect((await redeem(stage, user, code)).status).toBe(200);
  });
});

describe('the list of codes', () => {
  async function withCodes() {
    const given = await setUp();
    const { stage, admin, pass } = given;
    const made: string[] = [];
    for (const [index, plan_type] of (['daily', 'weekly', 'monthly', 'daily', 'daily'] as const).entries()) {
      await pass(1_000);
      made.push(await newCode(given, { plan_type, prefix: index < 3 ? 'ALPHA' : 'BETA', expires_days: index + 1 }));
    }
    const { user } = given;
    await redeem(stage, user, made[1]!);
    await pass(DAY_MS);
    const list = async (query = ''): Promise<Json> => (await stage.call(`${CODES}${query}`, { headers: admin })).json;
    return { ...given, made, list };
  }

  it('shows the newest first with all totals, and filters by state, type and beginning', async () => {
    const { made, list } = await withCodes();
    const all = await list();
    const codesOf = (json: Json): string[] => json.codes.map(({ code }: { code: string }) => code);
    expect(codesOf(all)).toEqual(made.toReversed());
    expect(all.data.totals).toEqual({ total: 5, unused: 3, used: 1, expired: 1 });
    expect(all.pagination).toMatchObject({ page: 1, limit: 50, total: 5, pages: 1, has_more: false });
    expect(codesOf(await list('?status=used'))).toEqual([made[1]]);
    expect(codesOf(await list('?status=expired'))).toEqual([made[0]]);
    const unused = await list('?status=unused&plan_type=daily');
    expect(codesOf(unused)).toEqual([made[4], made[3]]);
    expect(unused.pagination.total).toBe(2);
    expect(unused.totals.total).toBe(5);
    expect(codesOf(await list('?search=beta-')).toSorted()).toEqual([made[3], made[4]].toSorted());
    expect(codesOf(await list('?status=all&plan_type=&search='))).toHaveLength(5);
  });

  it('is turned by number and by cursor', async () => {
    const { made, list } = await withCodes();
    const codesOf = (json: Json): string[] => json.codes.map(({ code }: { code: string }) => code);
    const newest = made.toReversed();
    const pages = [await list('?page=1&limit=2'), await list('?page=2&limit=2'), await list('?page=3&limit=2')];
    expect(pages.map(codesOf)).toEqual([newest.slice(0, 2), newest.slice(2, 4), newest.slice(4)]);
    expect(pages.map(({ pagination }) => [pagination.page, pagination.pages, pagination.has_more])).toEqual([
      [1, 3, true],
      [2, 3, true],
      [3, 3, false],
    ]);
    expect(codesOf(await list('?page=4&limit=2'))).toEqual([]);
    const next = await list(`?limit=2&cursor=${pages[0].pagination.next_cursor}`);
    expect(codesOf(next)).toEqual(newest.slice(2, 4));
    expect(next.pagination.page).toBeNull();
  });

  it.each(['?status=lost', '?plan_type=yearly', '?page=0', '?limit=0', '?page=9999&limit=200'])(
    'refuses %s',
    async (query) => {
      const { stage, admin } = await setUp();
      const { status, json } = await stage.call(`${CODES}${query}`, { headers: admin });
      expect([status, json.error_code]).toEqual([400, 'INVALID_FIELD']);
    },
  );

  it('comes as a file, in which nothing is a formula', async () => {
    const { stage, admin, user } = await setUp();
    const code = await newCode({ stage, admin }, { description: '=HYPERLINK("http://x"), "y"', money_limit: 2.5 });
    await redeem(stage, user, code);
    const { text, headers } = await stage.call(`${CODES}/export`, { headers: admin });
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(text.split('\r\n')).toEqual([
      'code,plan_type,plan_name,token_limit,money_limit,status,description,created_at,created_by,expires_at,used_by,used_at',
      `${code},monthly,monthly,1000,2.5,used,"'=HYPERLINK(""http://x""), ""y""",2026-03-01T12:00:00.000Z,some-admin,` +
        '2026-03-31T12:00:00.000Z,some-user,2026-03-01T12:00:00.000Z',
      '',
    ]);
    const none = await stage.call(`${CODES}/export?status=unused`, { headers: admin });
    expect(none.text.split('\r\n')).toHaveLength(2);
  });

  it('loses a code that is deleted; the plan that came of it stays', async () => {
    const { stage, admin, user } = await setUp();
    const code = await newCode({ stage, admin });
    await redeem(stage, user, code);
    const path = `${CODES}/${code}`;
    expect((await stage.call(path, { method: 'DELETE', headers: admin })).status).toBe(200);
    expect((await stage.call(path, { method: 'DELETE', headers: admin })).status).toBe(404);
    expect((await stage.call(path, { headers: admin })).status).toBe(404);
    expect((await stage.call('/api/user/plan', { headers: user })).json.plan).toMatchObject({ is_active: true });
  });
});

describe('plans with a name', () => {
  it('are made, changed, listed and deleted, and codes are made from them', async () => {
    const { stage, admin, user } = await setUp();
    const call = (path: string, method: string, body?: Json) => stage.call(path, { method, headers: admin, body });
    const body = { name: 'Team', plan_type: 'monthly', token_limit: 5_000_000, money_limit: '12.50' };
    const made = await call('/api/admin/plans', 'POST', body);
    expect(made).toMatchObject({ status: 201, json: { data: { name: 'Team', money_limit: 12.5 } } });
    expect((await call('/api/admin/plans', 'POST', { ...body, name: 'TEAM' })).status).toBe(409);
    expect((await call('/api/admin/plans', 'POST', { name: 'x', plan_type: 'daily' })).status).toBe(400);
    const code = await newCode({ stage, admin }, { plan: 'team', plan_type: undefined, token_limit: undefined });
    const changed = await call('/api/admin/plans/Team', 'PUT', { token_limit: null });
    expect(changed.json.data).toMatchObject({ token_limit: null, money_limit: 12.5 });
    expect((await call('/api/admin/plans/Team', 'PUT', { money_limit: null })).status).toBe(400);
    expect((await call('/api/admin/plans', 'GET')).json.data.plans).toEqual([changed.json.data]);
    expect((await call('/api/admin/plans/Team', 'DELETE')).status).toBe(200);
    expect((await call('/api/admin/plans/Team', 'GET')).status).toBe(404);
    const { json } = await redeem(stage, user, code);
    expect(json.plan).toMatchObject({ name: 'Team', type: 'monthly', token_limit: 5_000_000, money_limit: 12.5 });
  });
});

describe("a user's plan", () => {
  const OF_USER = '/api/admin/users/usr_user/plan';

  it('shows what is used of it, and that it has ended', async () => {
    const { stage, admin, user, pass } = await setUp();
    const show = async (): Promise<Json> => (await stage.call('/api/user/plan', { headers: user })).json;
    expect(await show()).toEqual({ success: true, plan: null, data: { plan: null } });
    await redeem(stage, user, await newCode({ stage, admin }, { money_limit: 3 }));
    const { id } = stage.accounts.rows.get('usr_user')!.plan!;
    const counters = [
      { name: `plan#${id}`, amount: 400, room: 600 },
      { name: `planUsd#${id}`, amount: 1_250_000, room: 3_000_000 },
    ];
    const requestId = createRequestId(stage.now.ms);
    const hold = { requestId, hold: 'x', entitlement: 1, counters, mostHolds: 9 };
    await stage.accounts.admit({ accountId: 'usr_user', ...hold });
    const plan = {
      type: 'monthly',
      name: 'monthly',
      is_active: true,
      token_limit: 1_000,
      tokens_used: 400,
      tokens_remaining: 600,
      money_limit: 3,
      money_used: 1.25,
      money_remaining: 1.75,
      started_at: '2026-03-01T12:00:00.000Z',
      expires_at: '2026-04-01T12:00:00.000Z',
    };
    expect((await show()).plan).toEqual(plan);
    await pass(Date.parse(plan.expires_at) - stage.now.ms);
    expect((await stage.call(OF_USER, { headers: admin })).json.plan).toEqual({ ...plan, is_active: false });
  });

  it('is given, changed with its use kept, begun anew and ended by administrators', async () => {
    const { stage, admin, pass } = await setUp();
    const put = (body: Json): Promise<Answered> => stage.call(OF_USER, { method: 'PUT', headers: admin, body });
    const stored = () => stage.accounts.rows.get('usr_user');
    const given = await put({ type: 'weekly', token_limit: 100 });
    expect(given.json.plan).toMatchObject({ type: 'weekly', name: 'weekly', token_limit: 100, is_active: true });
    expect(given.json.plan.expires_at).toBe('2026-03-08T12:00:00.000Z');
    const first = stored()!.plan!;
    await pass(DAY_MS);
    const changed = await put({ type: 'weekly', token_limit: 250, name: 'More' });
    expect(changed.json.plan).toMatchObject({ name: 'More', token_limit: 250, expires_at: '2026-03-08T12:00:00.000Z' });
    expect(stored()!.plan!.id).toBe(first.id);
    await put({ type: 'weekly', token_limit: 250, renew: true });
    expect(stored()).toMatchObject({ entitlement: 3, plan: { expiresAt: Date.parse('2026-03-09T12:00:00Z') } });
    expect(stored()!.plan!.id).not.toBe(first.id);
    const own = await put({ money_limit: 5, expires_at: '2027-01-01T00:00:00Z' });
    expect(own.json.plan).toMatchObject({ type: null, name: 'granted', token_limit: null, money_limit: 5 });
    expect((await stage.call(OF_USER, { method: 'DELETE', headers: admin })).status).toBe(200);
    expect(stored()).toMatchObject({ entitlement: 5, plan: null });
    expect((await stage.call(OF_USER, { method: 'DELETE', headers: admin })).status).toBe(404);
  });

  it.each([
    ['no allowance', { type: 'daily' }, 400],
    ['neither a type nor an end', { token_limit: 5 }, 400],
    ['an end in the past', { token_limit: 5, expires_at: '2020-01-01T00:00:00Z' }, 400],
    ['an unknown plan', { plan: 'Nobody made it' }, 404],
  ])('is not given with %s', async (_what, body, status) => {
    const { stage, admin } = await setUp();
    expect((await stage.call(OF_USER, { method: 'PUT', headers: admin, body })).status).toBe(status);
    expect(stage.accounts.rows.get('usr_user')).toBeUndefined();
  });

  it('is not given to nobody', async () => {
    const { stage, admin } = await setUp();
    const body = { type: 'daily', token_limit: 5 };
    const path = '/api/admin/users/usr_nobody/plan';
    expect((await stage.call(path, { method: 'PUT', headers: admin, body })).status).toBe(404);
  });
});

describe('a code that no code can be', () => {
  it('is not found, and not looked for', async () => {
    const { stage, admin } = await setUp();
    const asked = (): Promise<never> => Promise.reject(new Error('asked'));
    Object.assign(stage.codes, { find: asked, delete: asked });
    for (const id of ['%20', 'A'.repeat(65), '%F0%9F%92%A5']) {
      for (const method of ['GET', 'DELETE']) {
        expect((await stage.call(`${CODES}/${id}`, { method, headers: admin })).status).toBe(404);
      }
    }
  });
});

describe('a name that grows when it is folded', () => {
  it('is refused by its field', async () => {
    const { stage, admin } = await setUp();
    const body = { name: '\ufdfa'.repeat(50), plan_type: 'daily', token_limit: 1 };
    const answer = await stage.call('/api/admin/plans', { headers: admin, body });
    expect([answer.status, answer.json.errors[0].path]).toEqual([400, 'name']);
  });
});

describe('the plan of a super administrator', () => {
  it('is given and taken by another one only', async () => {
    const { stage, admin } = await setUp();
    const root = await stage.as('super_admin');
    const path = '/api/admin/users/usr_super_admin/plan';
    const given = { method: 'PUT', body: { type: 'daily', token_limit: 1 } };
    expect((await stage.call(path, { ...given, headers: admin })).status).toBe(403);
    expect((await stage.call(path, { ...given, headers: root })).status).toBe(200);
    expect((await stage.call(path, { method: 'DELETE', headers: admin })).status).toBe(403);
    expect((await stage.call(path, { headers: admin })).status).toBe(200);
  });
});
