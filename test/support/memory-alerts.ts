import type {
  Alert,
  AlertRule,
  AlertStore,
  Board,
  Delivery,
  FinishedDelivery,
  Webhook,
} from '../../layers/core/monitoring/store.ts';
import type { Page, PageRequest } from '../../layers/core/identity/store.ts';
import { timePrefixOfRequestIds } from '../../layers/kit/ids/request-id.ts';

export interface MemoryAlerts extends AlertStore {
  rules: Map<string, AlertRule>;
  board: Board;
  alerts: Map<string, Alert>;
  outbox: Map<string, Delivery>;
  finished: Map<string, FinishedDelivery>;
  webhooks: Map<string, Webhook>;
}

/** Alerts in memory; like the table, it gives copies away and takes copies in. */
export function createMemoryAlerts(): MemoryAlerts {
  const store: MemoryAlerts = {
    rules: new Map(),
    board: { version: 0, evaluatedAt: 0, states: {} },
    alerts: new Map(),
    outbox: new Map(),
    finished: new Map(),
    webhooks: new Map(),
    listRules: async () => valuesOf(store.rules),
    putRule: async (rule) => void store.rules.set(rule.id, structuredClone(rule)),
    deleteRule: async (ruleId) => store.rules.delete(ruleId),
    readBoard: async () => structuredClone(store.board),
    async writeBoard({ board, alerts, deliveries }) {
      if (store.board.version !== board.version - 1) return false;
      store.board = structuredClone(board);
      for (const alert of alerts) store.alerts.set(alert.id, structuredClone(alert));
      for (const delivery of deliveries) store.outbox.set(delivery.id, structuredClone(delivery));
      return true;
    },
    listAlerts: async (range, page) => pageOf(store.alerts, range, page),
    async addDeliveries(deliveries) {
      for (const delivery of deliveries) store.outbox.set(delivery.id, structuredClone(delivery));
    },
    listPending: async (limit) =>
      valuesOf(store.outbox)
        .toSorted((left, right) => (left.id < right.id ? -1 : 1))
        .slice(0, limit),
    async claim({ id, attempts }, nextAt) {
      const found = store.outbox.get(id);
      if (found?.attempts !== attempts) return false;
      store.outbox.set(id, { ...found, attempts: attempts + 1, nextAt });
      return true;
    },
    async noteFailure({ id, attempts, lastError, lastStatus }) {
      const found = store.outbox.get(id);
      if (found?.attempts === attempts) store.outbox.set(id, { ...found, lastError, lastStatus });
    },
    async finish(delivery) {
      if (store.outbox.get(delivery.id)?.attempts !== delivery.attempts) return false;
      store.outbox.delete(delivery.id);
      store.finished.set(delivery.id, structuredClone(delivery));
      return true;
    },
    listFinished: async (range, page) => pageOf(store.finished, range, page),
    listWebhooks: async () => valuesOf(store.webhooks),
    findWebhook: async (webhookId) => structuredClone(store.webhooks.get(webhookId)) ?? null,
    putWebhook: async (webhook) => void store.webhooks.set(webhook.id, structuredClone(webhook)),
    deleteWebhook: async (webhookId) => store.webhooks.delete(webhookId),
  };
  return store;
}

function valuesOf<Value>(map: ReadonlyMap<string, Value>): Value[] {
  return [...map.values()].map((value) => structuredClone(value));
}

function pageOf<Value extends { id: string }>(
  map: ReadonlyMap<string, Value>,
  { from, to }: { from: number; to: number },
  { limit, cursor }: PageRequest,
): Page<Value> {
  const before = cursor ?? timePrefixOfRequestIds(to);
  const found = valuesOf(map)
    .filter(({ id }) => id < before && id >= timePrefixOfRequestIds(from))
    .toSorted((left, right) => (left.id < right.id ? 1 : -1));
  const items = found.slice(0, limit);
  return { items, nextCursor: found.length > limit ? (items.at(-1)?.id ?? null) : null };
}
