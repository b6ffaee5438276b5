import { describe, expect, it } from '@jest/globals';
import { deliverDue } from '../../../layers/core/monitoring/deliver.ts';
import { acknowledge, evaluateAlerts } from '../../../layers/core/monitoring/evaluate-alerts.ts';
import type { Channel, Delivery } from '../../../layers/core/monitoring/store.ts';
import { createRig, type Rig } from './rig.ts';
import { aRule, MINUTE } from './rules.ts';

const HOOK = { type: 'webhook', webhookId: 'whk_one' } as const;
const MAIL: Channel = { type: 'mail', to: ['ops@example.com'], language: 'en' };

async function withErrors(channels: Parameters<typeof aRule>[0] = { channels: [MAIL, HOOK] }): Promise<Rig> {
  const rig = createRig();
  await rig.store.putRule(aRule({ id: 'errors', ...channels }));
  await rig.quiet('errors');
  rig.serve({ requests: 10, failed: 4 });
  return rig;
}

describe('an evaluation', () => {
  it('tells mail and webhook of errors once, stays quiet while they go on, and tells when they are over', async () => {
    const rig = await withErrors();
    expect((await evaluateAlerts(rig.deps)).report).toMatchObject({ fired: 1, firing: 1, delivered: 2, waiting: 0 });
    rig.pass(2);
    rig.serve({ requests: 10, failed: 4 });
    expect((await evaluateAlerts(rig.deps)).report).toMatchObject({ fired: 0, firing: 1, delivered: 0 });
    rig.pass(8);
    rig.serve({ requests: 100, failed: 0 });
    expect((await evaluateAlerts(rig.deps)).report).toMatchObject({ resolved: 1, firing: 0, delivered: 2 });

    expect(rig.mailer.sent.map(({ to, subject }) => [to, subject])).toEqual([
      ['ops@example.com', '[Sluice] CRITICAL: A rule'],
      ['ops@example.com', '[Sluice] RESOLVED: A rule'],
    ]);
    expect(rig.mailer.sent[0]?.text).toContain('Error rate: 40 % (rule > 5 %, 5 min)');
    expect(rig.posts.map(({ body }) => JSON.parse(body).type)).toEqual(['alert.fired', 'alert.resolved']);
    const history = await rig.store.listAlerts({ from: 0, to: rig.now() + 1 }, { limit: 10, cursor: null });
    expect(history.items).toMatchObject([{ ruleId: 'errors', resolved: { because: 'recovered' }, value: 40 }]);
  });

  it('that runs twice at once tells once', async () => {
    const rig = await withErrors();
    const results = await Promise.all([evaluateAlerts(rig.deps), evaluateAlerts(rig.deps)]);
    expect(results.map(({ report }) => report.fired).toSorted()).toEqual([0, 1]);
    expect([rig.mailer.sent.length, rig.posts.length]).toEqual([1, 1]);
  });

  it('that is older than what was evaluated meanwhile writes nothing', async () => {
    const rig = await withErrors();
    await evaluateAlerts(rig.deps);
    const before = await rig.store.readBoard();
    rig.pass(-3);
    expect((await evaluateAlerts(rig.deps)).report).toMatchObject({ overtaken: true, fired: 0 });
    expect(await rig.store.readBoard()).toEqual(before);
  });

  it('goes on without a source that fails: its rules are unknown, the others are judged', async () => {
    const rig = await withErrors();
    await rig.store.putRule(aRule({ id: 'store', metric: 'storesDown', threshold: 0 }));
    rig.deps.measuring.usage.rollUps.readState = () => Promise.reject(new Error('no answer'));
    rig.probes['ledger'] = () => Promise.reject(new Error('no answer'));
    const { board } = await evaluateAlerts(rig.deps);
    expect(board.states['errors']).toMatchObject({ status: 'unknown', value: null });
    expect(board.states['store']).toMatchObject({ status: 'firing', value: 1, alert: { subjects: ['ledger'] } });
    expect(rig.log).toContain('not_measured usage');
  });

  it('ends the alert of a rule that was deleted, and tells nobody', async () => {
    const rig = await withErrors();
    await evaluateAlerts(rig.deps);
    const told = rig.mailer.sent.length;
    await rig.store.deleteRule('errors');
    rig.pass(2);
    const { report, board } = await evaluateAlerts(rig.deps);
    expect([report.resolved, rig.mailer.sent.length]).toEqual([1, told]);
    expect(board.states).not.toHaveProperty('errors');
  });

  it('reminds nobody of an alert that somebody acknowledged while it was evaluated', async () => {
    const rig = await withErrors({ channels: [MAIL], cooldownMinutes: 1 });
    const { board } = await evaluateAlerts(rig.deps);
    const alertId = board.states['errors']?.alert?.id ?? '';
    rig.pass(2);
    const acknowledged = await acknowledge(rig.store, { alertId, by: 'ann', note: 'on it', now: rig.now() });
    expect(acknowledged).toMatchObject({ acknowledged: { by: 'ann', note: 'on it' } });
    expect((await evaluateAlerts(rig.deps)).report).toMatchObject({ reminded: 0, firing: 1 });
    expect(await acknowledge(rig.store, { alertId: 'other', by: 'ann', note: null, now: rig.now() })).toBeNull();
  });

  it('mails every administrator with a confirmed address where a rule says so, and skips where there is none', async () => {
    const rig = await withErrors({ channels: [{ type: 'mail', to: 'admins', language: 'zh' }] });
    rig.addUser({ role: 'admin', email: 'ann@example.com' });
    rig.addUser({ role: 'super_admin', email: 'sue@example.com' });
    rig.addUser({ role: 'admin', email: 'new@example.com', emailVerified: false });
    rig.addUser({ role: 'admin', email: 'gone@example.com', enabled: false });
    rig.addUser({ role: 'user', email: 'user@example.com' });
    await evaluateAlerts(rig.deps);
    expect(rig.mailer.sent.map(({ to }) => to).toSorted()).toEqual(['ann@example.com', 'sue@example.com']);
    expect(rig.mailer.sent[0]?.subject).toBe('[Sluice] 严重：A rule');

    const alone = await withErrors({ channels: [{ type: 'mail', to: 'admins', language: 'en' }] });
    expect((await evaluateAlerts(alone.deps)).report).toMatchObject({ fired: 1, skipped: 1, delivered: 0 });
  });
});

describe('a notice', () => {
  const pendingOf = (rig: Rig): Promise<Delivery[]> => rig.store.listPending(100);
  const deliver = (rig: Rig) => deliverDue({ ...rig.deps.delivering, store: rig.store, clock: rig.now });

  it('whose sender dies after the state was written is sent by a later run', async () => {
    const rig = await withErrors();
    rig.store.listPending = () => Promise.reject(new Error('killed'));
    await expect(evaluateAlerts(rig.deps)).rejects.toThrow('killed');
    rig.restore();
    expect(rig.posts).toHaveLength(0);
    rig.pass(2);
    expect((await evaluateAlerts(rig.deps)).report).toMatchObject({ fired: 0, delivered: 2 });
    expect(rig.posts).toHaveLength(1);
  });

  it('whose sender dies after it was sent, before that was noted, is sent again under the same id', async () => {
    const rig = await withErrors({ channels: [HOOK] });
    rig.store.finish = () => Promise.reject(new Error('killed'));
    await expect(evaluateAlerts(rig.deps)).rejects.toThrow('killed');
    rig.restore();
    expect((await deliver(rig)).waiting).toBe(1);
    rig.pass(1);
    expect(await deliver(rig)).toMatchObject({ delivered: 1, waiting: 0 });
    const ids = rig.posts.map(({ headers }) => headers['webhook-id']);
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(ids[1]);
    expect((await deliver(rig)).delivered).toBe(0);
  });

  it('is sent by one of two runs at once', async () => {
    const rig = await withErrors({ channels: [HOOK] });
    const send = rig.deps.delivering;
    rig.store.listPending = () => Promise.reject(new Error('killed'));
    await expect(evaluateAlerts(rig.deps)).rejects.toThrow('killed');
    rig.restore();
    await Promise.all([deliver(rig), deliver(rig), deliverDue({ ...send, store: rig.store, clock: rig.now })]);
    expect(rig.posts).toHaveLength(1);
  });

  it('that is not taken is tried again ever more rarely, and has failed after six tries', async () => {
    const rig = await withErrors({ channels: [HOOK] });
    rig.answer = { status: 503 };
    await evaluateAlerts(rig.deps);
    const begun = rig.now();
    const tries = [0];
    for (let minute = 1; minute <= 400; minute += 1) {
      rig.pass(1);
      const before = rig.posts.length;
      await deliver(rig);
      if (rig.posts.length > before) tries.push((rig.now() - begun) / MINUTE);
    }
    expect(tries).toEqual([0, 1, 6, 21, 81, 321]);
    expect(await pendingOf(rig)).toEqual([]);
    const log = await rig.store.listFinished({ from: 0, to: rig.now() + 1 }, { limit: 5, cursor: null });
    expect(log.items).toMatchObject([
      { outcome: 'failed', attempts: 6, lastStatus: 503, lastError: 'the receiver answered 503' },
    ]);
  });

  it('to a receiver that is gone, to a webhook that is off or deleted, is not tried again', async () => {
    for (const [prepare, outcome] of [
      [(rig: Rig) => void (rig.answer = { status: 410 }), 'failed'],
      [(rig: Rig) => rig.store.deleteWebhook('whk_one'), 'skipped'],
      [
        async (rig: Rig) => rig.store.putWebhook({ ...(await rig.store.findWebhook('whk_one'))!, enabled: false }),
        'skipped',
      ],
    ] as const) {
      const rig = await withErrors({ channels: [HOOK] });
      await prepare(rig);
      expect((await evaluateAlerts(rig.deps)).report).toMatchObject({ [outcome]: 1, waiting: 0 });
    }
  });

  it('in a mail that cannot be sent waits; where no mail is sent at all it is skipped', async () => {
    const rig = await withErrors({ channels: [MAIL] });
    rig.mailOutcome = 'failed';
    expect((await evaluateAlerts(rig.deps)).report).toMatchObject({ fired: 1, waiting: 1 });
    rig.mailOutcome = 'off';
    rig.pass(1);
    expect(await deliver(rig)).toMatchObject({ skipped: 1, waiting: 0 });
  });
});
