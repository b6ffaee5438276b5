import { createSignedTableClient } from '../../../layers/aws/signed-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import { createAlertStore } from '../../../layers/aws/tables/alerts.ts';
import { createIncidentStore } from '../../../layers/aws/tables/incidents.ts';
import { acknowledge } from '../../../layers/core/monitoring/evaluate-alerts.ts';
import { testAlert } from '../../../layers/core/monitoring/notices.ts';
import type { Alert, AlertStore, Board, Delivery, FinishedDelivery } from '../../../layers/core/monitoring/store.ts';
import { createRequestId } from '../../../layers/kit/ids/request-id.ts';
import { aWebhook } from '../../core/monitoring/rig.ts';
import { aRule, MINUTE, NOON } from '../../core/monitoring/rules.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { createMemoryAlerts } from '../../support/memory-alerts.ts';

let embedded: EmbeddedTables;
let client: TableClient;
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  client = createSignedTableClient({ aws: embedded.aws });
});
afterAll(async () => {
  await client.close();
  await embedded.close();
});
beforeEach(async () => {
  const { items } = await client.scan({ table: embedded.tables.catalog });
  for (const item of items) {
    await client.delete({ table: embedded.tables.catalog, key: { pk: String(item['pk']), sk: String(item['sk']) } });
  }
});

const STORES: Record<string, () => AlertStore> = {
  embedded: () => createAlertStore(client, embedded.tables.catalog),
  memory: () => createMemoryAlerts(),
};

function anAlert(firedAt = NOON): Alert {
  return { ...testAlert(aRule(), firedAt), subjects: ['openai'], value: 12.5 };
}

function aDelivery(change: Partial<Delivery> = {}): Delivery {
  const alert = anAlert();
  return {
    id: createRequestId(NOON),
    kind: 'alert.fired',
    alert,
    target: { type: 'webhook', webhookId: 'whk_one' },
    createdAt: NOON,
    attempts: 0,
    nextAt: NOON,
    lastError: null,
    lastStatus: null,
    ...change,
  };
}

function aBoard(version: number, alert: Alert | null = null): Board {
  const since = { since: NOON, notifiedAt: NOON, unknownSince: null };
  const state = alert
    ? ({ status: 'firing', value: 12.5, alert, ...since } as const)
    : ({ status: 'unknown', value: null, alert, ...since } as const);
  return { version, evaluatedAt: NOON, states: { 'error-rate': state } };
}

const ALL = { from: NOON - MINUTE, to: NOON + 60 * MINUTE };

describe.each(Object.keys(STORES))('alerts in the %s store', (which) => {
  const store = (): AlertStore => STORES[which]!();

  it('rules are kept as they were given, and deleted once', async () => {
    const alerts = store();
    const rule = aRule({
      channels: [
        { type: 'mail', to: 'admins', language: 'zh' },
        { type: 'mail', to: ['a@example.com', 'b@example.com'], language: 'en' },
        { type: 'webhook', webhookId: 'whk_one' },
      ],
    });
    await alerts.putRule(rule);
    expect(await alerts.listRules()).toEqual([rule]);
    expect([await alerts.deleteRule(rule.id), await alerts.deleteRule(rule.id)]).toEqual([true, false]);
  });

  it('the board is written over the version before it only, with what follows from it or not at all', async () => {
    const alerts = store();
    expect(await alerts.readBoard()).toEqual({ version: 0, evaluatedAt: 0, states: {} });
    const alert = anAlert();
    const first = { board: aBoard(1, alert), alerts: [alert], deliveries: [aDelivery({ alert })] };
    expect(await alerts.writeBoard(first)).toBe(true);
    expect(await alerts.readBoard()).toEqual(first.board);
    const late = { board: aBoard(1), alerts: [anAlert()], deliveries: [aDelivery()] };
    expect(await alerts.writeBoard(late)).toBe(false);
    expect(await alerts.listPending(10)).toEqual(first.deliveries);
    expect((await alerts.listAlerts(ALL, { limit: 10, cursor: null })).items).toEqual([alert]);
  });

  it('of ten writers of one version exactly one succeeds', async () => {
    const alerts = store();
    const writes = Array.from({ length: 10 }, () =>
      alerts.writeBoard({ board: aBoard(1), alerts: [], deliveries: [aDelivery()] }),
    );
    expect((await Promise.all(writes)).filter(Boolean)).toHaveLength(1);
    expect(await alerts.listPending(100)).toHaveLength(1);
  });

  it('an acknowledgement stands on the board and in the history, once', async () => {
    const alerts = store();
    const alert = anAlert();
    await alerts.writeBoard({ board: aBoard(1, alert), alerts: [alert], deliveries: [] });
    const ack = (by: string) => acknowledge(alerts, { alertId: alert.id, by, note: null, now: NOON + MINUTE });
    const both = await Promise.all([ack('ann'), ack('bob')]);
    expect(both[0]).toEqual(both[1]);
    const [shown] = (await alerts.listAlerts(ALL, { limit: 10, cursor: null })).items;
    expect(shown).toEqual(both[0]);
    expect((await alerts.readBoard()).states['error-rate']?.alert).toEqual(both[0]);
  });

  it('alerts are paged by time, newest first, none twice and none left out', async () => {
    const alerts = store();
    const all = Array.from({ length: 7 }, (_none, index) => anAlert(NOON + index * MINUTE));
    for (const [index, alert] of all.entries()) {
      await alerts.writeBoard({ board: aBoard(index + 1), alerts: [alert], deliveries: [] });
    }
    const range = { from: NOON + MINUTE, to: NOON + 6 * MINUTE };
    const seen: Alert[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<AlertStore['listAlerts']>> = await alerts.listAlerts(range, { limit: 2, cursor });
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(all.slice(1, 6).toReversed());
  });

  it('a notice is taken up once by each try, and leaves its failure', async () => {
    const alerts = store();
    const delivery = aDelivery();
    await alerts.addDeliveries([delivery]);
    const nextAt = NOON + MINUTE;
    const claims = await Promise.all(Array.from({ length: 8 }, () => alerts.claim(delivery, nextAt)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    const claimed = { ...delivery, attempts: 1, nextAt };
    await alerts.noteFailure({ ...claimed, lastError: 'the receiver answered 503', lastStatus: 503 });
    await alerts.noteFailure({ ...delivery, lastError: 'an older try', lastStatus: null });
    expect(await alerts.listPending(10)).toEqual([
      { ...claimed, lastError: 'the receiver answered 503', lastStatus: 503 },
    ]);
  });

  it('a notice is moved to the log by whoever has it, and is then on its way no more', async () => {
    const alerts = store();
    const delivery = aDelivery({ target: { type: 'mail', to: null, language: 'en' } });
    await alerts.addDeliveries([delivery]);
    const finished: FinishedDelivery = { ...delivery, outcome: 'skipped', finishedAt: NOON };
    expect(await alerts.finish({ ...finished, attempts: 3 })).toBe(false);
    expect(await alerts.finish(finished)).toBe(true);
    expect(await alerts.listPending(10)).toEqual([]);
    expect((await alerts.listFinished(ALL, { limit: 10, cursor: null })).items).toEqual([finished]);
  });

  it('webhooks are found, listed, changed and deleted', async () => {
    const alerts = store();
    await alerts.putWebhook(aWebhook());
    await alerts.putWebhook({ ...aWebhook(), enabled: false });
    expect(await alerts.findWebhook('whk_one')).toEqual({ ...aWebhook(), enabled: false });
    expect(await alerts.listWebhooks()).toHaveLength(1);
    expect([await alerts.deleteWebhook('whk_one'), await alerts.deleteWebhook('whk_one')]).toEqual([true, false]);
    expect(await alerts.findWebhook('whk_one')).toBeNull();
  });
});

describe('the catalog table', () => {
  it('holds no secret of a webhook, and collects old alerts and deliveries', async () => {
    const alerts = STORES['embedded']!();
    await alerts.putWebhook(aWebhook());
    await alerts.writeBoard({ board: aBoard(1), alerts: [anAlert()], deliveries: [aDelivery()] });
    const [pending] = await alerts.listPending(1);
    await alerts.finish({ ...pending!, outcome: 'delivered', finishedAt: NOON });
    const { items } = await client.scan({ table: embedded.tables.catalog });
    expect(JSON.stringify(items)).not.toContain('whsec_');
    const ttlOf = (pk: string) => items.find((item) => item['pk'] === pk)?.['ttl'];
    expect(ttlOf('alert#history')).toBe(NOON / 1000 + 90 * 86_400);
    expect(ttlOf('alert#deliveries')).toBe(NOON / 1000 + 30 * 86_400);
    expect(items.every((item) => String(item['pk']).startsWith('alert'))).toBe(true);
  });
});

describe('incidents in the ledger table', () => {
  it('are listed by kind and time', async () => {
    const incidents = createIncidentStore(client, embedded.tables.ledger);
    await incidents.note({ kind: 'ledgerDrift', at: NOON, count: 3 });
    await incidents.note({ kind: 'ledgerDrift', at: NOON, count: 1 });
    await incidents.note({ kind: 'ledgerDrift', at: NOON + MINUTE, count: 2 });
    await incidents.note({ kind: 'lateUsage', at: NOON, count: 9 });
    const found = await incidents.list('ledgerDrift', { from: NOON, to: NOON + MINUTE });
    expect(found.map(({ count }) => count).toSorted()).toEqual([1, 3]);
    expect(await incidents.list('ledgerDrift', { from: NOON + 1, to: NOON + MINUTE + 1 })).toEqual([
      { kind: 'ledgerDrift', at: NOON + MINUTE, count: 2 },
    ]);
    expect(await incidents.list('abandonedRequests', { from: 0, to: NOON * 2 })).toEqual([]);
    expect(await incidents.list('ledgerDrift', { from: NOON, to: NOON })).toEqual([]);
  });
});
