import { describe, expect, it } from '@jest/globals';
import { aDocument, BOOTSTRAP, createStage, type Answered, type Json, type Stage } from './support/admin-stage.ts';

const USERS = [
  { username: 'ann', email: 'ann@example.com', password: 'a-password-of-ann', role: 'admin', trust_level: 2 },
  { username: 'bob', limits: { requestsPerMinute: 5 }, is_silenced: true },
];
const PLANS = [
  { name: 'Basic', plan_type: 'monthly', token_limit: 1_000_000 },
  { name: 'Money', plan_type: 'weekly', money_limit: 2.5, description: 'for teams' },
];

async function send(stage: Stage, path: string, body?: Json): Promise<Answered> {
  return stage.call(path, { body, headers: await stage.as('super_admin') });
}
const byName = (left: Json, right: Json): number => (left.name < right.name ? -1 : 1);
const importInto = (stage: Stage, document: Json): Promise<Answered> => send(stage, '/api/admin/import', document);

describe('users and plans of a configuration document', () => {
  it('are made, with keys of theirs in the same document, and a second import changes nothing', async () => {
    const stage = createStage();
    const document = { users: USERS, plans: PLANS, keys: [{ name: 'ci', owner: 'Ann' }] };
    const first = await importInto(stage, document);
    expect(first.json.data.created).toEqual(['users/ann', 'users/bob', 'plans/Basic', 'plans/Money', 'keys/Ann/ci']);
    expect(first.json.data.warnings).toEqual([expect.stringContaining('users/bob has no password')]);
    const login = await stage.call('/api/auth/login', { body: { username: 'ann', password: 'a-password-of-ann' } });
    expect(login.json.user).toMatchObject({ role: 'admin', trust_level: 2, email: 'ann@example.com' });
    const key = await stage.identity.findUserByLogin('ann');
    expect((await stage.identity.listKeysOfOwner(key?.id ?? '', { limit: 9, cursor: null })).items).toHaveLength(1);

    const again = await importInto(stage, document);
    expect(again.json.data).toMatchObject({ created: [], updated: [], keys: [{ name: 'ci', owner: 'Ann' }] });
    expect(again.json.data.unchanged).toHaveLength(5);
  });

  it('are changed field by field; a new password ends what was signed in', async () => {
    const stage = createStage();
    await importInto(stage, { users: USERS, plans: PLANS });
    const before = await stage.identity.findUserByLogin('ann');
    const change = {
      users: [{ username: 'ann', role: 'user', password: 'another-password', limits: { keys: 3 } }],
      plans: [{ ...PLANS[0], token_limit: 5 }],
    };
    expect((await importInto(stage, change)).json.data.updated).toEqual(['users/ann', 'plans/Basic']);
    const after = await stage.identity.findUserByLogin('ann');
    expect(after).toMatchObject({ id: before?.id, role: 'user', trustLevel: 2, limits: { keys: 3 } });
    expect(after?.validAfter).toBeGreaterThan(before?.validAfter ?? 0);
    expect(await stage.services.plans.find('Basic')).toMatchObject({ tokens: 5, type: 'monthly' });
  });

  it('come out of an export without secrets, and the export goes in elsewhere and here again', async () => {
    const stage = createStage();
    await importInto(stage, { ...aDocument(), users: USERS, plans: PLANS });
    const exported = await send(stage, '/api/admin/export');
    expect(exported.text).not.toMatch(/"password"|scrypt|a-password-of-ann/);
    expect(exported.json.users.map(({ username }: Json) => username)).toEqual(['ann', 'bob', 'some-super_admin']);
    expect(exported.json.plans).toEqual([
      { name: 'Basic', plan_type: 'monthly', token_limit: 1_000_000, money_limit: null, description: '' },
      { name: 'Money', plan_type: 'weekly', token_limit: null, money_limit: 2.5, description: 'for teams' },
    ]);
    const here = await importInto(stage, exported.json);
    expect(here.json.data).toMatchObject({ created: [], updated: [] });

    const other = createStage();
    const { credentials: _sealed, ...document } = exported.json;
    const there = await importInto(other, document);
    expect(there.status).toBe(200);
    const { credentials: _none, ...copied } = (await send(other, '/api/admin/export')).json;
    expect(copied).toEqual(document);
  });

  it('are refused as a whole, each by its path, and nothing is written', async () => {
    const stage = createStage();
    await importInto(stage, { users: USERS });
    const answer = await importInto(stage, {
      users: [
        { username: 'carl', email: 'ann@example.com' },
        { username: 'root' },
        { username: 'dora', password: 'short1' },
        { username: 'erin', email: 'erin@example.com' },
        { username: 'ERIN' },
        { username: 'finn', email: 'Erin@example.com' },
        { username: 'g r' },
      ],
      plans: [PLANS[0], { ...PLANS[1], name: 'BASIC' }],
    });
    expect(answer.status).toBe(400);
    expect(answer.json.errors.map(({ path }: Json) => path).toSorted()).toEqual([
      'plans[1].name',
      'users[0].email',
      'users[1].username',
      'users[2].password',
      'users[4].username',
      'users[5].email',
      'users[6].username',
    ]);
    expect(await stage.identity.findUserByLogin('erin')).toBeNull();
    expect(await stage.services.plans.list()).toEqual([]);
  });

  it('do not take rights from the first administrator, who may be given an address', async () => {
    const stage = createStage();
    for (const less of [{ role: 'user' }, { is_active: false }]) {
      const answer = await importInto(stage, { users: [{ username: 'admin', ...less }] });
      expect([answer.status, answer.json.errors[0].path]).toEqual([400, 'users[0].username']);
    }
    const answer = await importInto(stage, { users: [{ username: 'admin', email: 'root@example.com' }] });
    expect(answer.json.data.updated).toEqual(['users/admin']);
    const login = await stage.call('/api/auth/login', {
      body: { email: 'root@example.com', password: BOOTSTRAP.password },
    });
    expect(login.status).toBe(200);
    expect((await send(stage, '/api/admin/export')).json.users).toHaveLength(1);
  });

  it('come with rules of alerts: ours as they were changed, and others', async () => {
    const stage = createStage();
    const rule = { name: 'Too dear', metric: 'costMicros', threshold: 5e6, channels: [{ type: 'mail' }] };
    const hooked = { name: 'Many', metric: 'requests', threshold: 9, channels: [{ type: 'webhook', webhookId: 'w' }] };
    const ours = { name: 'Late usage', metric: 'lateUsage', threshold: 3, enabled: false };
    const document = { alertRules: [rule, hooked, ours] };
    const first = await importInto(stage, document);
    expect(first.json.data).toMatchObject({
      created: ['alertRules/Too dear', 'alertRules/Many'],
      updated: ['alertRules/Late usage'],
      warnings: [expect.stringContaining('no webhook w')],
    });
    expect((await importInto(stage, document)).json.data).toMatchObject({ created: [], updated: [] });
    const exported = await send(stage, '/api/admin/export');
    expect(exported.json.alertRules.map(({ name }: Json) => name).toSorted()).toEqual([
      'Late usage',
      'Many',
      'Too dear',
    ]);
    const other = createStage();
    await importInto(other, exported.json);
    expect((await send(other, '/api/admin/export')).json.alertRules.toSorted(byName)).toEqual(
      exported.json.alertRules.toSorted(byName),
    );
    const wrong = await importInto(stage, { alertRules: [{ ...ours, metric: 'requests' }] });
    expect([wrong.status, wrong.json.errors[0].path]).toEqual([400, 'alertRules[0].metric']);
  });

  it('take no rights from whoever imports them, nor from any other super administrator', async () => {
    const stage = createStage();
    await stage.as('super_admin');
    await importInto(stage, { users: [{ username: 'boss', role: 'super_admin', password: 'a-password-of-boss' }] });
    for (const username of ['some-super_admin', 'boss']) {
      for (const lessened of [{ role: 'user' }, { role: 'admin' }, { is_active: false }]) {
        const answer = await importInto(stage, { users: [{ username, ...lessened }] });
        expect([answer.status, answer.json.errors[0].path]).toEqual([400, 'users[0].username']);
      }
    }
    expect((await importInto(stage, { users: [{ username: 'boss', trust_level: 2 }] })).status).toBe(200);
  });

  it('leave no password in the audit log', async () => {
    const stage = createStage();
    await importInto(stage, { users: USERS });
    const log = JSON.stringify(stage.auditStore.entries());
    expect(log).toContain('ann');
    expect(log).not.toContain('a-password-of-ann');
  });
});
