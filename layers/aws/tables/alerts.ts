import type {
  Alert,
  AlertStore,
  Board,
  BoardWrite,
  Delivery,
  FinishedDelivery,
  TimeRange,
} from '@sluice/core/monitoring/store';
import type { Page, PageRequest } from '@sluice/core/identity/store';
import { timePrefixOfRequestIds } from '@sluice/kit/ids/request-id';
import { ALERT_PARTITION_PREFIX, PARTITION_KEY, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { Document, ItemKey, TableClient, TransactAction } from '../table-client.ts';
import {
  ALERT_BOARD_ITEM,
  ALERT_ITEM,
  ALERT_RULE_ITEM,
  DELIVERY_ITEM,
  FINISHED_DELIVERY_ITEM,
  WEBHOOK_ITEM,
} from './alert-items.ts';
import { decodeCursor, encodeCursor, pageLimit } from './cursor.ts';
import type { ItemSchema } from './item-schema.ts';
import { readAllPages } from './read-all-pages.ts';

/*
 * Alerts, in the catalog table, in partitions of their own, so that the schedule can be given these and no others.
 *
 * question                 key condition                                              consistency  who asks
 * list/put/deleteRule      pk = alert#rules, sk = <rule id>                            strong       admin, evaluate-alerts
 * readBoard, writeBoard    pk = alert#board, sk = board                                strong       evaluate-alerts, admin
 * listAlerts               pk = alert#history, sk between two times, from the end      eventual     admin
 * addDeliveries, listPending, claim, noteFailure, finish
 *                          pk = alert#outbox, sk = <id, time first>                    strong       evaluate-alerts, admin
 * listFinished             pk = alert#deliveries, sk between two times, from the end   eventual     admin
 * list/find/put/deleteWebhook  pk = alert#webhooks, sk = <webhook id>                  strong       admin, evaluate-alerts
 *
 * All rules' states are one item: a run writes it once, over the version that it saw, in one transaction with the
 * alerts and notices that follow from it. What is on its way is a list of its own, since only that has to be looked
 * through. Alerts are garbage 90 days after their last change, deliveries after 30.
 */

const partition = (name: string): string => `${ALERT_PARTITION_PREFIX}#${name}`;
const keyOf = (name: string, sort: string): ItemKey => ({ [PARTITION_KEY]: partition(name), [SORT_KEY]: sort });

const BOARD_KEY = keyOf('board', 'board');
const NEW = `attribute_not_exists(${PARTITION_KEY})`;
const EXISTS = `attribute_exists(${PARTITION_KEY})`;
const DAY_SECONDS = 86_400;
const ALERT_DAYS = 90;
const DELIVERY_DAYS = 30;
const NO_BOARD: Board = { version: 0, evaluatedAt: 0, states: {} };
/** An id, time first; the end of a page. */
const ID = /^[0-9a-hjkmnp-tv-z]{16}$/;

interface Table {
  client: TableClient;
  tableName: string;
}

export function createAlertStore(client: TableClient, tableName: string): AlertStore {
  const table: Table = { client, tableName };
  return { ...ruleQuestions(table), ...boardQuestions(table), ...deliveryQuestions(table), ...webhookQuestions(table) };
}

function ruleQuestions(table: Table): Pick<AlertStore, 'listRules' | 'putRule' | 'deleteRule'> {
  return {
    listRules: () => listAll(table, 'rules', ALERT_RULE_ITEM),
    putRule: (rule) => put(table, keyOf('rules', rule.id), ALERT_RULE_ITEM.write(rule)),
    deleteRule: (ruleId) => remove(table, keyOf('rules', ruleId)),
  };
}

function webhookQuestions(
  table: Table,
): Pick<AlertStore, 'listWebhooks' | 'findWebhook' | 'putWebhook' | 'deleteWebhook'> {
  const { client, tableName } = table;
  return {
    listWebhooks: () => listAll(table, 'webhooks', WEBHOOK_ITEM),
    async findWebhook(webhookId) {
      const item = await client.get({ table: tableName, key: keyOf('webhooks', webhookId), consistent: true });
      return item && WEBHOOK_ITEM.read(item);
    },
    putWebhook: (webhook) => put(table, keyOf('webhooks', webhook.id), WEBHOOK_ITEM.write(webhook)),
    deleteWebhook: (webhookId) => remove(table, keyOf('webhooks', webhookId)),
  };
}

function boardQuestions(table: Table): Pick<AlertStore, 'readBoard' | 'writeBoard' | 'listAlerts'> {
  const { client, tableName } = table;
  return {
    async readBoard() {
      const item = await client.get({ table: tableName, key: BOARD_KEY, consistent: true });
      return item ? ALERT_BOARD_ITEM.read(item) : NO_BOARD;
    },
    writeBoard: (write) => writeBoard(table, write),
    listAlerts: (range, page) => listBack(table, { name: 'history', schema: ALERT_ITEM, range, page }),
  };
}

/** The token of the transaction makes a sending after a lost answer come to the same. */
async function writeBoard({ client, tableName }: Table, { board, alerts, deliveries }: BoardWrite): Promise<boolean> {
  const isFirst = board.version === 1;
  const actions: TransactAction[] = [
    {
      kind: 'put',
      table: tableName,
      item: { ...ALERT_BOARD_ITEM.write(board), ...BOARD_KEY },
      condition: isFirst ? NEW : '#version = :before',
      ...(isFirst ? {} : { names: { '#version': 'version' }, values: { ':before': board.version - 1 } }),
    },
    ...alerts.map((alert): TransactAction => ({ kind: 'put', table: tableName, item: alertItem(alert) })),
    ...deliveries.map((delivery): TransactAction => ({ kind: 'put', table: tableName, item: outboxItem(delivery) })),
  ];
  return (await client.transactWrite(actions)).ok;
}

function alertItem(alert: Alert): Document {
  const changedAt = Math.max(alert.firedAt, alert.acknowledged?.at ?? 0, alert.resolved?.at ?? 0);
  return { ...ALERT_ITEM.write(alert), ...keyOf('history', alert.id), ...life(changedAt, ALERT_DAYS) };
}

function outboxItem(delivery: Delivery): Document {
  return { ...DELIVERY_ITEM.write(delivery), ...keyOf('outbox', delivery.id) };
}

function deliveryQuestions(
  table: Table,
): Pick<AlertStore, 'addDeliveries' | 'listPending' | 'claim' | 'noteFailure' | 'finish' | 'listFinished'> {
  const { client, tableName } = table;
  return {
    async addDeliveries(deliveries) {
      if (deliveries.length === 0) return;
      await client.transactWrite(
        deliveries.map((delivery): TransactAction => ({ kind: 'put', table: tableName, item: outboxItem(delivery) })),
      );
    },
    async listPending(limit) {
      const { items } = await client.query({
        table: tableName,
        keyCondition: '#pk = :outbox',
        names: { '#pk': PARTITION_KEY },
        values: { ':outbox': partition('outbox') },
        limit,
        consistent: true,
      });
      return items.map(DELIVERY_ITEM.read);
    },
    async claim({ id, attempts }, nextAt) {
      const outcome = await client.update({
        table: tableName,
        key: keyOf('outbox', id),
        update: 'SET #attempts = :next, #nextAt = :at',
        condition: '#attempts = :seen',
        names: { '#attempts': 'attempts', '#nextAt': 'nextAt' },
        values: { ':seen': attempts, ':next': attempts + 1, ':at': nextAt },
        repeatable: true,
      });
      if (outcome.ok) return true;
      const { existing, resent } = outcome;
      // The answer to our own write may have been lost.
      return resent && existing?.['attempts'] === attempts + 1 && existing['nextAt'] === nextAt;
    },
    async noteFailure({ id, attempts, lastError, lastStatus }) {
      await client.update({
        table: tableName,
        key: keyOf('outbox', id),
        update: 'SET #error = :error, #status = :status',
        condition: '#attempts = :mine',
        names: { '#error': 'lastError', '#status': 'lastStatus', '#attempts': 'attempts' },
        values: { ':error': lastError, ':status': lastStatus, ':mine': attempts },
        repeatable: true,
      });
    },
    finish: (delivery) => finish(table, delivery),
    listFinished: (range, page) => listBack(table, { name: 'deliveries', schema: FINISHED_DELIVERY_ITEM, range, page }),
  };
}

async function finish({ client, tableName }: Table, delivery: FinishedDelivery): Promise<boolean> {
  const { id, attempts, finishedAt } = delivery;
  const item = {
    ...FINISHED_DELIVERY_ITEM.write(delivery),
    ...keyOf('deliveries', id),
    ...life(finishedAt, DELIVERY_DAYS),
  };
  const outcome = await client.transactWrite([
    {
      kind: 'delete',
      table: tableName,
      key: keyOf('outbox', id),
      condition: '#attempts = :mine',
      names: { '#attempts': 'attempts' },
      values: { ':mine': attempts },
    },
    { kind: 'put', table: tableName, item },
  ]);
  return outcome.ok;
}

async function listAll<Value>({ client, tableName }: Table, name: string, schema: ItemSchema<Value>): Promise<Value[]> {
  const items = await readAllPages(client, {
    table: tableName,
    keyCondition: '#pk = :partition',
    names: { '#pk': PARTITION_KEY },
    values: { ':partition': partition(name) },
    consistent: true,
  });
  return items.map(schema.read);
}

/** What happened in a range, newest first; ids begin with their time. */
async function listBack<Value extends { id: string }>(
  { client, tableName }: Table,
  given: { name: string; schema: ItemSchema<Value>; range: TimeRange; page: PageRequest },
): Promise<Page<Value>> {
  const { name, schema, range, page } = given;
  const limit = pageLimit(page.limit);
  const before = decodeCursor(name, page.cursor, ID) ?? timePrefixOfRequestIds(range.to);
  const from = timePrefixOfRequestIds(Math.max(0, range.from));
  if (before <= from) return { items: [], nextCursor: null };
  const { items } = await client.query({
    table: tableName,
    keyCondition: '#pk = :partition AND #id BETWEEN :from AND :before',
    names: { '#pk': PARTITION_KEY, '#id': SORT_KEY },
    values: { ':partition': partition(name), ':from': from, ':before': before },
    forward: false,
    // The item at the cursor is read and left out; one more says whether anything follows.
    limit: limit + 2,
  });
  const found = items.map(schema.read).filter(({ id }) => id < before);
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown, nextCursor: found.length > limit && last ? encodeCursor(name, last.id) : null };
}

async function put({ client, tableName }: Table, key: ItemKey, item: Document): Promise<void> {
  await client.put({ table: tableName, item: { ...item, ...key }, repeatable: true });
}

async function remove({ client, tableName }: Table, key: ItemKey): Promise<boolean> {
  const outcome = await client.delete({ table: tableName, key, condition: EXISTS, repeatable: true });
  return outcome.ok || outcome.resent;
}

function life(sinceMs: number, days: number): Document {
  return { [TIME_TO_LIVE]: Math.ceil(sinceMs / 1000) + days * DAY_SECONDS };
}
