import { describe, expect, it } from '@jest/globals';
import { auditRuleOf } from '../../../functions/admin/audit-rule.ts';
import { ROUTES } from '../../../functions/admin/routes.ts';
import type { AuditEntry } from '../../../layers/core/audit/entry.ts';
import { auditKey } from '../../support/memory-audit.ts';
import { aDocument, aUser, BOOTSTRAP, createStage, type Answered, type Stage } from './support/admin-stage.ts';

/** Rows that write and that the audit log leaves out, and why. */
const LEFT_OUT: Record<string, string> = {
  'POST /api/auth/refresh': 'goes on with a session that was begun with a password',
  'POST /api/auth/logout': 'ends what the caller holds',
  'POST /api/v1/admin/logout': 'ends what the caller holds',
  'POST /api/auth/register': 'makes a user of oneself, who may nothing that others may not',
  'POST /api/auth/forgot-password': 'asks for a mail; what its link does stands in the log',
  'POST /api/auth/verify-reset-token': 'reads',
};

describe('the rule of each row', () => {
  const nameOf = (row: { method: string; path: string }): string => `${row.method} ${row.path}`;

  it('has whatever writes in the log, or says here why not', () => {
    const out = ROUTES.filter((row) => row.method !== 'GET' && auditRuleOf(row).of === 'nobody').map(nameOf);
    expect(out.toSorted()).toEqual(Object.keys(LEFT_OUT).toSorted());
  });

  it('has every call of a row that reaches more than what is the caller’s own', () => {
    const wide = ROUTES.filter((row) => row.method !== 'GET' && /:(?:manage|any|import|run)$/.test(row.access));
    expect(wide.length).toBeGreaterThan(10);
    for (const row of wide) expect([nameOf(row), auditRuleOf(row).of]).toEqual([nameOf(row), 'everybody']);
  });

  it('has every export in the log', () => {
    const exports = ROUTES.filter((row) => row.access !== 'public' && /\/export$|\.csv$/.test(row.path));
    expect(exports.length).toBeGreaterThan(0);
    for (const row of exports) expect([nameOf(row), auditRuleOf(row).of]).not.toEqual([nameOf(row), 'nobody']);
  });
});

async function asRoot(stage: Stage): Promise<Record<string, string>> {
  return stage.as('super_admin');
}

const ended = (stage: Stage): AuditEntry[] => stage.auditStore.entries().filter(({ outcome }) => outcome !== 'begun');

describe('an administrative action', () => {
  it('stands in the log with who, what, where from, how it ended, and what it changed', async () => {
    const stage = createStage();
    const headers = { ...(await asRoot(stage)), 'x-request-id': 'from-the-client' };
    const first = await stage.call('/api/admin/settings', { method: 'PUT', body: { usageLogDays: 30 }, headers });
    expect(first.status).toBe(200);
    const { json } = await stage.call('/api/admin/audit', { headers });
    expect(json.data.entries).toEqual([
      expect.objectContaining({
        sequence: 2,
        actor: { id: 'usr_super_admin', name: 'some-super_admin', role: 'super_admin', by: 'token' },
        address: '192.0.2.1',
        action: 'PUT /api/admin/settings',
        outcome: 'succeeded',
        status: 200,
        request_id: first.headers['x-sluice-request-id'],
        changes: [{ field: 'usageLogDays', before: 90, after: 30 }],
        begun_by: 1,
      }),
    ]);
    const all = await stage.call('/api/admin/audit?outcome=all', { headers });
    expect(all.json.data.entries.map((entry: AuditEntry) => entry.outcome)).toEqual(['succeeded', 'begun']);
  });

  it('tells what a row was and what it is, and what was deleted', async () => {
    const stage = createStage();
    const headers = await asRoot(stage);
    await stage.call('/api/admin/import', { body: aDocument(), headers });
    const path = '/api/admin/models/gpt-5';
    const body = { class: 'heavy', routes: [{ upstream: 'openai', model: 'gpt-5.1' }], price: null };
    await stage.call(path, { method: 'PUT', body, headers });
    await stage.call(path, { method: 'DELETE', headers });
    const [, change, deletion] = ended(stage);
    expect(change).toMatchObject({ target: 'gpt-5', action: 'PUT /api/admin/models/{name+}' });
    expect(change?.changes).toContainEqual({ field: 'class', before: '"chat"', after: '"heavy"' });
    expect(change?.changes).toContainEqual({ field: 'price.inputPerMillion', before: '1.25' });
    expect(change?.changes.some(({ field }) => field === 'updatedAt')).toBe(false);
    expect(deletion?.changes).toContainEqual({ field: 'class', before: '"heavy"' });
  });

  it('that reads is run once, and tells nothing of what was read', async () => {
    const stage = createStage();
    const headers = await asRoot(stage);
    let runs = 0;
    const { listModels } = stage.catalog;
    stage.catalog.listModels = () => {
      runs += 1;
      return listModels();
    };
    expect((await stage.call('/api/admin/export', { headers })).status).toBe(200);
    expect(runs).toBe(1);
    expect(ended(stage)).toMatchObject([{ action: 'GET /api/admin/export', outcome: 'succeeded', changes: [] }]);
  });

  it('is told when it was refused or failed, with its code', async () => {
    const stage = createStage();
    const headers = await asRoot(stage);
    await stage.call('/api/admin/models/none', { method: 'DELETE', headers });
    stage.catalog.deleteModel = () => Promise.reject(new Error('boom'));
    await stage.call('/api/admin/models/none', { method: 'DELETE', headers });
    expect(ended(stage)).toMatchObject([
      { outcome: 'refused', status: 404, errorCode: 'not_found', target: 'none' },
      { outcome: 'failed', status: 500, errorCode: 'internal_error', target: 'none' },
    ]);
  });

  it('carries no secret into the log: not that of a document, a credential, a key or a password', async () => {
    const stage = createStage();
    const headers = await asRoot(stage);
    await stage.call('/api/admin/import', { body: aDocument(), headers });
    const entry = { upstream: 'openai', name: 'b', kind: 'api_key', secret: 'plain-secret-of-an-upstream' };
    await stage.call('/api/admin/credentials', { body: entry, headers });
    const made = await stage.call('/api/keys', { body: { name: 'mine' }, headers });
    const chosen = 'a-chosen-secret-that-is-long-enough-0123456789';
    await stage.call('/api/keys', { body: { name: 'other', key: chosen }, headers });
    await stage.call('/api/auth/login', { body: BOOTSTRAP });
    const log = JSON.stringify([...stage.auditStore.rows.values()]);
    expect(ended(stage)).toHaveLength(5);
    for (const secret of [
      'sk-upstream-secret-text',
      'chosen-key-of-thirty-two-characters-or-more',
      entry.secret,
      String(made.json.data.key),
      chosen,
      BOOTSTRAP.password,
    ]) {
      expect(log).not.toContain(secret);
    }
  });

  it('carries no secret of the other pages either: webhooks, passwords that are set, codes that are made', async () => {
    const stage = createStage();
    const headers = await asRoot(stage);
    const url = 'https://hooks.example.com/services/T000/the-secret-path';
    const hook = await stage.call('/api/admin/webhooks', { body: { name: 'ops', url }, headers });
    const at = `/api/admin/webhooks/${hook.json.data.id}`;
    await stage.call(at, { method: 'PUT', body: { name: 'operations', url: `${url}-2` }, headers });
    const rotated = await stage.call(`${at}/rotate-secret`, { method: 'POST', headers });
    const user = { username: 'carla', password: 'the-password-of-carla' };
    const made = await stage.call('/api/admin/users', { body: user, headers });
    const reset = await stage.call(`/api/admin/users/${made.json.data.id}/reset-password`, {
      body: { method: 'temporary' },
      headers,
    });
    await stage.call('/api/auth/change-password', {
      body: { current_password: 'the-password-of-carla', new_password: 'the-next-password' },
      headers,
    });
    const batch = { type: 'batch', plan_type: 'daily', token_limit: 5, count: 2 };
    const codes = await stage.call('/api/admin/redemption-codes', { body: batch, headers });
    const log = JSON.stringify([...stage.auditStore.rows.values()]);
    const secrets = [
      'the-secret-path',
      hook.json.data.secret,
      rotated.json.data.secret,
      user.password,
      reset.json.temporary_password,
      'the-next-password',
      ...codes.json.codes.map((code: string | { code: string }) => (typeof code === 'string' ? code : code.code)),
    ];
    for (const secret of secrets) {
      expect(secret).toMatch(/^\S{10,}$/);
      expect(log).not.toContain(secret);
    }
    expect(ended(stage).map(({ action }) => action)).toEqual([
      'POST /api/admin/webhooks',
      'PUT /api/admin/webhooks/{id}',
      'POST /api/admin/webhooks/{id}/rotate-secret',
      'POST /api/admin/users',
      'POST /api/admin/users/{id}/reset-password',
      'POST /api/auth/change-password',
      'POST /api/admin/redemption-codes',
    ]);
  });

  it('does not run when the log cannot be written', async () => {
    const stage = createStage();
    const headers = await asRoot(stage);
    stage.auditStore.append = () => Promise.reject(new Error('no store'));
    const answer = await stage.call('/api/admin/settings', { method: 'PUT', body: { usageLogDays: 30 }, headers });
    expect([answer.status, answer.json.error_code]).toEqual([503, 'STORE_UNAVAILABLE']);
    expect((await stage.catalog.readSettings()).usageLogDays).toBe(90);
  });

  it('that ran is answered although its end cannot be written, and stands as begun, then as unknown', async () => {
    const stage = createStage();
    const headers = await asRoot(stage);
    const { append } = stage.auditStore;
    stage.auditStore.append = (request) =>
      request.entry.outcome === 'begun' ? append(request) : Promise.reject(new Error('no store'));
    const answer = await stage.call('/api/admin/settings', { method: 'PUT', body: { usageLogDays: 30 }, headers });
    expect(answer.status).toBe(200);
    expect(stage.log.join()).toContain('audit_end_lost');
    stage.auditStore.append = append;
    stage.now.ms += 11 * 60_000;
    await stage.call('/api/admin/settings', {
      method: 'PUT',
      body: { usageLogDays: 31 },
      headers: await asRoot(stage),
    });
    expect(ended(stage)).toMatchObject([
      { outcome: 'unknown', begunBy: 1, changes: [{ field: 'usageLogDays', after: '30' }] },
      { outcome: 'succeeded' },
    ]);
  });
});

describe('who stands in the log', () => {
  it('an administrator who makes or changes keys; not a user who does it with their own', async () => {
    const stage = createStage();
    await stage.call('/api/keys', { body: { name: 'a' }, headers: await stage.as('user') });
    expect(ended(stage)).toEqual([]);
    await stage.call('/api/keys?owner=some-user', { body: { name: 'b' }, headers: await stage.as('admin') });
    expect(ended(stage)).toMatchObject([{ actorRole: 'admin', action: 'POST /api/keys' }]);
    expect(ended(stage)[0]?.target).toMatch(/^some-user\/key_/);
  });

  it('a user who does something to their own security, so often and no more', async () => {
    const stage = createStage();
    const headers = await stage.as('user');
    const change = (): Promise<Answered> =>
      stage.call('/api/user/profile', { method: 'PUT', body: { username: 'another-name' }, headers });
    const statuses: number[] = [];
    for (let count = 0; count < 301; count += 1) statuses.push((await change()).status);
    expect([new Set(statuses.slice(0, 300)), statuses[300]]).toEqual([new Set([200]), 429]);
    expect(ended(stage)).toHaveLength(300);
    expect(ended(stage)[0]).toMatchObject({
      actorRole: 'user',
      changes: [{ field: 'username', before: '"some-user"', after: '"another-name"' }],
    });
    stage.now.ms += 3_600_000;
    expect((await change()).status).toBe(200);
  });

  it('an administrator who signs in; not a user, and nobody with a wrong password', async () => {
    const stage = createStage();
    await stage.call('/api/auth/login', { body: BOOTSTRAP });
    await stage.call('/api/v1/admin/login', { body: BOOTSTRAP });
    await stage.call('/api/auth/login', { body: { ...BOOTSTRAP, password: 'wrong-password' } });
    expect(ended(stage)).toMatchObject([
      { action: 'POST /api/auth/login', actorName: 'admin', actorBy: 'password', status: 200, begunBy: null },
      { action: 'POST /api/v1/admin/login', actorName: 'admin' },
    ]);
  });

  it('nobody gets in unseen: a sign-in that cannot be written down is refused', async () => {
    const stage = createStage();
    stage.auditStore.append = () => Promise.reject(new Error('no store'));
    const answer = await stage.call('/api/auth/login', { body: BOOTSTRAP });
    expect(answer.status).toBe(503);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.text).not.toContain('access_token');
  });
});

describe('reading the log', () => {
  async function filled(): Promise<Stage> {
    const stage = createStage();
    for (const days of [30, 31, 32]) {
      const headers = await asRoot(stage);
      await stage.call('/api/admin/settings', { method: 'PUT', body: { usageLogDays: days }, headers });
      await stage.call(`/api/admin/models/m-${days}`, { method: 'DELETE', headers });
      stage.now.ms += 60_000;
    }
    return stage;
  }

  it('goes by pages, and by actor, action, target, outcome and time', async () => {
    const stage = await filled();
    const headers = await asRoot(stage);
    const read = async (query: string): Promise<[string, string | null][]> => {
      const { json, status } = await stage.call(`/api/admin/audit?${query}`, { headers });
      expect(status).toBe(200);
      return json.data.entries.map((entry: AuditEntry) => [entry.action.split(' ')[0], entry.target]);
    };
    expect(await read('limit=2')).toEqual([
      ['DELETE', 'm-32'],
      ['PUT', null],
    ]);
    expect(await read('action=DELETE')).toHaveLength(3);
    expect(await read('target=m-31')).toEqual([['DELETE', 'm-31']]);
    expect(await read('actor=some-super_admin')).toHaveLength(6);
    expect(await read('actor=usr_other')).toEqual([]);
    expect(await read('outcome=refused')).toHaveLength(3);
    expect(await read('from=2026-03-01T12:01:00Z&to=2026-03-01T12:01:30Z')).toHaveLength(2);
    const page = await stage.call('/api/admin/audit?limit=4', { headers });
    const rest = await stage.call(`/api/admin/audit?limit=4&cursor=${page.json.data.next_cursor}`, { headers });
    expect(rest.json.data).toMatchObject({ next_cursor: null });
    expect(rest.json.data.entries).toHaveLength(2);
  });

  it('is for super administrators', async () => {
    const stage = createStage();
    for (const role of ['user', 'admin'] as const) {
      expect((await stage.call('/api/admin/audit', { headers: await stage.as(role) })).status).toBe(403);
    }
    expect((await stage.call('/api/admin/audit?from=yesterday', { headers: await asRoot(stage) })).status).toBe(400);
  });

  it('proves the chain, page by page, and names the one row that was edited', async () => {
    const stage = await filled();
    const headers = await asRoot(stage);
    const whole = await stage.call('/api/admin/audit/verify', { headers });
    expect(whole.json.data).toMatchObject({ checked: 12, broken: null, next: null, open: 0, head: { sequence: 12 } });
    const part = await stage.call('/api/admin/audit/verify?limit=5', { headers });
    expect(part.json.data).toMatchObject({ checked: 5, broken: null });

    const row = stage.auditStore.rows.get(auditKey(8));
    if (row) stage.auditStore.rows.set(auditKey(8), { ...row, actorName: aUser('user').username });
    const rest = await stage.call(`/api/admin/audit/verify?from=${part.json.data.next}`, { headers });
    expect(rest.json.data.broken).toMatchObject({ sequence: 8, kind: 'edited' });
    const anchored = await stage.call(`/api/admin/audit/verify?anchor=12:${'0'.repeat(64)}`, { headers });
    expect(anchored.json.data.broken).toMatchObject({ sequence: 12, kind: 'anchor' });
    expect((await stage.call('/api/admin/audit/verify?from=12', { headers })).status).toBe(400);
  });

  it('leaves every entry in the function’s own log as well, by sequence and hash', async () => {
    const stage = await filled();
    const { head } = stage.auditStore.state;
    const witnessed = stage.log.map((line) => JSON.parse(line)).filter(({ event }) => event === 'audit');
    expect(witnessed.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    expect(witnessed.at(-1)).toMatchObject({ hash: head?.hash });
  });
});
