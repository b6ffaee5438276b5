import { deliverDue } from '../../../layers/core/monitoring/deliver.ts';
import { evaluateAlerts } from '../../../layers/core/monitoring/evaluate-alerts.ts';
import { createRig, isSignedBy, PEPPER, type Rig } from '../../core/monitoring/rig.ts';
import { MINUTE } from '../../core/monitoring/rules.ts';
import { createStage, type Json, type Stage } from './support/admin-stage.ts';

const RULE = { name: 'Too many errors', metric: 'errorRate', threshold: 20, channels: [] };

interface Surface extends Stage {
  rig: Rig;
  get: (path: string) => Promise<Json>;
  send: (method: string, path: string, body?: unknown) => Promise<Awaited<ReturnType<Stage['call']>>>;
}

/** The surface and the job over one store and one clock. */
async function surface(): Promise<Surface> {
  const rig = createRig();
  await rig.store.deleteWebhook('whk_one');
  const stage = createStage({
    alertStore: rig.store,
    clock: rig.now,
    secrets: {
      pepper: async () => ({ v1: PEPPER }),
      signingSeed: async () => ({ v1: 'signing-seed-of-the-test-0123456789abcde' }),
      bootstrapAdmin: async () => ({ username: 'admin', password: 'first-password-1234567890' }),
    },
    runSchedule: (_name, parameters) => {
      expect(parameters).toEqual({ only: 'deliver' });
      return deliverDue({ ...rig.deps.delivering, store: rig.store, clock: rig.now });
    },
  });
  stage.now.ms = rig.now();
  const headers = await stage.as('super_admin');
  const send: Surface['send'] = (method, path, body) => stage.call(path, { method, headers, body });
  return { ...stage, rig, send, get: async (path) => (await send('GET', path)).json.data };
}

describe('alert rules', () => {
  it('begin with the default ones, each with its heading in the runbook and what it says', async () => {
    const { get } = await surface();
    const { rules } = await get('/api/admin/alerts?type=rules');
    const shown = rules.map((rule: Json) => [rule.id, rule.comparison, rule.threshold, rule.cooldownMinutes]);
    expect(shown.slice(0, 5)).toEqual([
      ['error-rate', '>', 5, 15],
      ['store-unhealthy', '>', 0, 5],
      ['memory', '>', 85, 30],
      ['latency', '>', 2000, 20],
      ['upstream-unhealthy', '>', 0, 10],
    ]);
    for (const rule of rules) expect(rule).toMatchObject({ builtIn: true, runbook: `docs/runbook.md#${rule.id}` });
    expect(rules.find((rule: Json) => rule.id === 'memory')).toMatchObject({ status: 'off', enabled: false });
  });

  it('are made, read, changed and deleted', async () => {
    const { send, get } = await surface();
    const made = await send('POST', '/api/admin/alerts', RULE);
    expect(made.status).toBe(201);
    expect(made.json.data).toMatchObject({ ...RULE, comparison: '>', windowMinutes: 5, enabled: true, builtIn: false });
    const path = `/api/admin/alerts/rules/${made.json.data.id}`;
    expect((await send('PUT', path, { threshold: 30, enabled: false })).json.data).toMatchObject({
      ...RULE,
      threshold: 30,
      status: 'off',
    });
    expect((await get(path)).threshold).toBe(30);
    expect((await send('DELETE', path)).status).toBe(200);
    expect((await send('GET', path)).status).toBe(404);
    expect((await send('DELETE', path)).status).toBe(404);
  });

  it('that are built in are changed and switched off, not deleted and not turned to another metric', async () => {
    const { send, get } = await surface();
    const path = '/api/admin/alerts/rules/error-rate';
    expect((await send('PUT', path, { threshold: 10, channels: [] })).status).toBe(200);
    expect(await get(path)).toMatchObject({ threshold: 10, cooldownMinutes: 15, builtIn: true });
    expect((await send('DELETE', path)).status).toBe(409);
    const turned = await send('PUT', path, { metric: 'tokens' });
    expect([turned.status, turned.json.error]).toEqual([400, expect.stringContaining('built-in')]);
  });

  it.each<[string, object, RegExp]>([
    ['metric', { ...RULE, metric: 'weather' }, /metric/],
    ['comparison', { ...RULE, comparison: '=' }, /comparison/],
    ['threshold', { ...RULE, threshold: 'x' }, /threshold/],
    ['windowMinutes', { ...RULE, windowMinutes: 0 }, /windowMinutes/],
    ['cooldownMinutes', { ...RULE, cooldownMinutes: 0.5 }, /cooldownMinutes/],
    ['an address', { ...RULE, channels: [{ type: 'mail', to: ['nobody'] }] }, /channels/],
    ['a channel', { ...RULE, channels: [{ type: 'pigeon' }] }, /channels/],
    ['an unknown field', { ...RULE, colour: 'red' }, /colour/],
    ['a webhook that is not there', { ...RULE, channels: [{ type: 'webhook', webhookId: 'whk_x' }] }, /webhook whk_x/],
    ['a metric that is not measured', { ...RULE, metric: 'memoryPercent' }, /cannot be on/],
  ])('are refused for %s, and the field is named', async (_what, body, message) => {
    const { send, get } = await surface();
    const refused = await send('POST', '/api/admin/alerts/rules', body);
    expect(refused.status).toBe(400);
    expect(refused.json.error).toMatch(message);
    expect((await get('/api/admin/alerts?type=rules')).rules.every((rule: Json) => rule.builtIn)).toBe(true);
  });

  it('the one for memory cannot be switched on, and says why', async () => {
    const { send, get } = await surface();
    const path = '/api/admin/alerts/rules/memory';
    expect((await send('PUT', path, { enabled: true })).status).toBe(400);
    expect((await get(path)).unavailable).toMatch(/RelayMemory/);
  });
});

describe('alerts', () => {
  it('show while they go on, are acknowledged, and stay in the history', async () => {
    const { rig, get, send, now } = await surface();
    rig.serve({ requests: 10, failed: 9 });
    await evaluateAlerts(rig.deps);
    const active = await get('/api/admin/alerts');
    expect(active).toMatchObject({ type: 'active', evaluatedAt: new Date(rig.now()).toISOString() });
    const alert = active.alerts.find((one: Json) => one.ruleId === 'error-rate');
    expect(alert).toMatchObject({ status: 'active', value: 90, severity: 'critical', resolvedAt: null });
    expect(alert.summary.zh).toContain('错误率');

    const path = `/api/admin/alerts/${alert.id}/acknowledge`;
    const seen = await send('POST', path, { note: 'looking' });
    expect(seen.json.data).toMatchObject({
      status: 'acknowledged',
      acknowledgedBy: 'some-super_admin',
      note: 'looking',
    });
    expect((await send('POST', path)).status).toBe(200);
    expect((await send('POST', '/api/admin/alerts/none/acknowledge', {})).status).toBe(404);

    rig.pass(6);
    now.ms = rig.now();
    rig.serve({ requests: 50 });
    await evaluateAlerts(rig.deps);
    expect((await get('/api/admin/alerts?type=active')).alerts).toEqual([]);
    const history = await get('/api/admin/alerts?type=history&limit=1');
    expect(history.alerts).toMatchObject([{ status: 'resolved', resolvedBecause: 'recovered' }]);
    const rules = (await get('/api/admin/alerts?type=rules')).rules;
    expect(rules.find((rule: Json) => rule.id === 'error-rate')).toMatchObject({ status: 'ok', value: 0 });
  });

  it('a range that ends before it begins is refused', async () => {
    const { send } = await surface();
    const range = 'from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z';
    const refused = await send('GET', `/api/admin/alerts?type=history&${range}`);
    expect([refused.status, refused.json.error_code]).toEqual([400, 'INVALID_FIELD']);
  });
});

describe('webhooks', () => {
  const HOOK = { name: 'Pager', url: 'https://hooks.example.com/T0/secret-part' };

  it('tell their secret once, sign with it, and sign with another after it was renewed', async () => {
    const { rig, send, get } = await surface();
    const made = await send('POST', '/api/admin/webhooks', HOOK);
    expect(made.status).toBe(201);
    const { id, secret } = made.json.data;
    expect(secret).toMatch(/^whsec_/);
    for (const path of ['/api/admin/webhooks', `/api/admin/webhooks/${id}`]) {
      expect(JSON.stringify(await get(path))).not.toMatch(/whsec_|salt/);
    }
    const tested = await send('POST', `/api/admin/webhooks/${id}/test`);
    expect(tested.json.data.deliveries).toMatchObject([
      { status: 'delivered', responseStatus: 204, kind: 'alert.test' },
    ]);
    expect(rig.posts[0]?.url).toBe(HOOK.url);
    expect(isSignedBy(secret, rig.posts[0]!)).toBe(true);

    const renewed = (await send('POST', `/api/admin/webhooks/${id}/rotate-secret`)).json.data.secret;
    expect(renewed).not.toBe(secret);
    await send('POST', `/api/admin/webhooks/${id}/test`);
    expect([isSignedBy(secret, rig.posts[1]!), isSignedBy(renewed, rig.posts[1]!)]).toEqual([false, true]);
    expect(rig.posts[0]?.headers['webhook-id']).not.toBe(rig.posts[1]?.headers['webhook-id']);
  });

  it('are changed and deleted; a rule whose webhook is gone tells nobody', async () => {
    const { rig, send } = await surface();
    const { id } = (await send('POST', '/api/admin/webhooks', HOOK)).json.data;
    const changed = await send('PUT', `/api/admin/webhooks/${id}`, { enabled: false });
    expect(changed.json.data).toMatchObject({ ...HOOK, enabled: false });
    const rule = (await send('POST', '/api/admin/alerts', { ...RULE, channels: [{ type: 'webhook', webhookId: id }] }))
      .json.data;
    expect((await send('DELETE', `/api/admin/webhooks/${id}`)).status).toBe(200);
    const tested = await send('POST', `/api/admin/alerts/rules/${rule.id}/test`, {});
    expect(tested.json.data.deliveries).toMatchObject([{ status: 'skipped', error: 'the webhook is deleted' }]);
    expect(rig.posts).toEqual([]);
  });

  it.each(['https://10.0.0.8/in', 'http://hooks.example.com/', 'https://localhost/', 'not an address'])(
    'are not pointed at %s',
    async (url) => {
      const { send } = await surface();
      const refused = await send('POST', '/api/admin/webhooks', { ...HOOK, url });
      expect([refused.status, refused.json.error]).toEqual([400, expect.stringMatching(/address|url/i)]);
    },
  );

  it('leave no secret and no address beyond its host in the audit log', async () => {
    const { send, auditStore } = await surface();
    const { id, secret } = (await send('POST', '/api/admin/webhooks', HOOK)).json.data;
    await send('PUT', `/api/admin/webhooks/${id}`, { url: 'https://hooks.example.com/T1/other-part' });
    await send('POST', `/api/admin/webhooks/${id}/rotate-secret`);
    const logged = JSON.stringify(auditStore.entries());
    expect(logged).toContain('/api/admin/webhooks');
    expect(logged).not.toMatch(/secret-part|other-part|whsec_/);
    expect(logged).not.toContain(secret);
  });
});

describe('a test of a rule', () => {
  it('goes to its channels at once, says that it is one, and stands in the log of deliveries', async () => {
    const { rig, send, get } = await surface();
    const channels = [{ type: 'mail', to: ['ops@example.com'], language: 'zh' }];
    const rule = (await send('POST', '/api/admin/alerts', { ...RULE, channels })).json.data;
    const tested = await send('POST', `/api/admin/alerts/rules/${rule.id}/test`);
    expect(tested.json.data.deliveries).toMatchObject([
      { status: 'delivered', target: { type: 'mail', to: 'ops@example.com' }, attempts: 1 },
    ]);
    expect(rig.mailer.sent[0]?.subject).toBe('[Sluice] 测试：Too many errors');
    const log = await get('/api/admin/alerts/deliveries');
    expect(log).toMatchObject({ pending: [], deliveries: [{ ruleId: rule.id, kind: 'alert.test' }] });
    expect((await get('/api/admin/alerts')).alerts).toEqual([]);
  });

  it('that is not taken shows why, and when it is tried again', async () => {
    const { rig, send, get } = await surface();
    rig.answer = { failure: 'timed out' };
    const { id } = (await send('POST', '/api/admin/webhooks', { name: 'Slow', url: 'https://hooks.example.com/' })).json
      .data;
    const tested = await send('POST', `/api/admin/webhooks/${id}/test`);
    const nextAttemptAt = new Date(rig.now() + MINUTE).toISOString();
    const waiting = { status: 'pending', error: 'timed out', attempts: 1, nextAttemptAt };
    expect(tested.json.data.deliveries).toMatchObject([waiting]);
    expect((await get('/api/admin/alerts/deliveries')).pending).toMatchObject([waiting]);
  });

  it('of a rule without channels is refused', async () => {
    const { send } = await surface();
    const rule = (await send('POST', '/api/admin/alerts', RULE)).json.data;
    expect((await send('POST', `/api/admin/alerts/rules/${rule.id}/test`)).status).toBe(409);
  });
});
