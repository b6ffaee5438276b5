import { createTableOperations } from '../../layers/aws/table-operations.ts';
import { USAGE_EVENT_ITEM, usageEvent } from '../../layers/aws/tables/ledger-items.ts';
import type { UsageClosing, UsageEvent } from '../../layers/core/metering/store.ts';
import type { AccountBooks, Audit, LimitOf } from './audit.ts';
import type { Seen } from './client.ts';
import { accountOfCredential, isCredential, owedBy } from './owed.ts';
import type { Scenario } from './scenarios.ts';
import { USER } from './seed.ts';
import { LEDGER_TABLE, type Tables } from './tables.ts';
import { TAKEN, type SeenCall } from './upstream.ts';
import { isForgotten } from './windows.ts';

/** What is left when everything has come to rest, and what it should be. */
export interface Remains {
  tables: Tables;
  audit: Audit;
  clients: readonly Seen[];
  calls: readonly SeenCall[];
  logged: readonly { event: string; fields: Record<string, unknown> }[];
  nowMs: number;
  limitOf: LimitOf;
  /**
   * Some request was taken for dead while its process lived: it slept past the margin, or was swept by hand. What it
   * says afterwards comes late (decisions 0014 and 0015).
   */
  wasTakenForDead: boolean;
  /** Promises that the scenario cannot keep, by name. */
  givenUp: readonly string[];
}

/** Every broken promise, by name. Empty: all is well. */
export async function check(remains: Remains): Promise<string[]> {
  const events = await readEvents(remains.tables);
  const broken = [...remains.audit.broken];
  for (const event of events.values()) {
    if (event.phase !== 'closed') broken.push(`one-closed-event: ${event.requestId} is open`);
  }
  for (const [accountId, books] of remains.audit.accounts) {
    broken.push(...checkAccount(accountId, books, events, remains));
  }
  for (const client of remains.clients) broken.push(...checkRequest(client, [...events.values()], remains));
  broken.push(...(await checkIndex(remains.tables, events)));
  return [...new Set(broken)].filter((promise) => !remains.givenUp.some((name) => promise.startsWith(`${name}:`)));
}

export async function readEvents(tables: Tables): Promise<Map<string, UsageEvent>> {
  const client = createTableOperations({ send: tables.send, close: async () => undefined });
  const { items } = await client.scan({ table: LEDGER_TABLE });
  const events = items
    .filter((item) => String(item['pk']).startsWith('slice#'))
    .map((item) => usageEvent(USAGE_EVENT_ITEM.read(item)));
  return new Map(events.map((event) => [event.requestId, event]));
}

function checkAccount(
  accountId: string,
  books: AccountBooks,
  events: ReadonlyMap<string, UsageEvent>,
  { nowMs, limitOf }: Remains,
): string[] {
  const broken: string[] = [];
  for (const requestId of Object.keys(books.holds)) broken.push(`no-stale-hold: ${requestId} is held`);
  const sums = new Map<string, number>();
  const dues = new Map<string, number>();
  for (const [requestId, nets] of books.nets) {
    const closing = events.get(requestId)?.closing ?? null;
    for (const [name, net] of nets) {
      sums.set(name, (sums.get(name) ?? 0) + net);
      const due = owedBy(accountId, name, closing);
      const isUnknown = isCredential(accountId) && closing?.source === 'abandoned' && net === 0;
      if (!isUnknown) dues.set(name, (dues.get(name) ?? 0) + due);
      if (net === due || isUnknown || isForgotten(name, nowMs)) continue;
      broken.push(
        `counters-are-the-sum: ${name} has ${net} of ${requestId}, its event (${closing?.source ?? 'none'}) says ${due}`,
      );
    }
  }
  for (const [name, sum] of dues) {
    const limit = limitOf(accountId, name);
    if (limit !== null && sum > limit) broken.push(`spend-within-limit: ${name} took ${sum} of ${limit} in all`);
  }
  for (const event of events.values()) {
    if (event.userId !== accountId || !event.isHeld || !event.closing || !isCharged(event.closing)) continue;
    if (books.taken.has(event.requestId)) continue;
    broken.push(`counters-are-the-sum: ${event.requestId} is charged ${event.closing.source} and was never held`);
  }
  for (const [requestId, count] of books.taken) {
    if (count > 1) broken.push(`nothing-charged-twice: ${requestId} was held ${count} times`);
  }
  for (const [name, value] of Object.entries(books.counters)) {
    if (value !== (sums.get(name) ?? 0) && !books.removed.has(name)) {
      broken.push(`counters-are-the-sum: ${name} stands at ${value}, its requests sum up to ${sums.get(name) ?? 0}`);
    }
    if (value < 0 && !isForgotten(name, nowMs)) broken.push(`counters-are-the-sum: ${name} stands at ${value}`);
  }
  return broken;
}

function checkRequest(
  client: Seen,
  events: readonly UsageEvent[],
  { calls, logged, wasTakenForDead }: Remains,
): string[] {
  const own = events.filter(({ clientRequestId }) => clientRequestId === client.name);
  const served = calls.filter(({ request, served: isServed }) => request === client.name && isServed);
  const called = calls.some(({ request }) => request === client.name);
  const broken: string[] = [];
  const say = (promise: string, what: string): void => void broken.push(`${promise}: ${client.name} ${what}`);
  if (own.length > 1) say('one-closed-event', `has ${own.length} events`);
  if (called && own.length === 0) say('one-closed-event', 'reached an upstream and has no event');
  const closing = own[0]?.closing ?? null;
  const lost = logged.some(
    ({ event, fields }) => event === 'usage_not_closed' && fields['request_id'] === own[0]?.requestId,
  );
  const isKnown = !client.relay.dead && !lost && !wasTakenForDead;
  if (client.status === 429 && !called && closing && isCharged(closing)) {
    say('refused-changes-nothing', `was refused and is charged ${closing.source}`);
  }
  if (client.status === 503 && !called && isKnown && closing && isCharged(closing)) {
    say('refused-changes-nothing', `was given up and is charged ${closing.source}`);
  }
  if (served.some(({ complete }) => complete) && isKnown && !client.left) {
    const total = Object.values(closing?.parts ?? {}).reduce((sum, count) => sum + count, 0);
    if (closing?.source !== 'reported' || total !== TAKEN.total_tokens) {
      say('figures-are-the-upstreams', `was served whole and its event is ${closing?.source} with ${total} tokens`);
    }
  }
  if (!client.relay.dead && !client.left && !client.ended && !client.destroyed) say('always-an-answer', 'has no end');
  return broken;
}

function isCharged({ source, costMicros, parts }: UsageClosing): boolean {
  return source !== 'void' || costMicros !== 0 || Object.values(parts).some((count) => count !== 0);
}

/** Each closed event is in its user's list once. */
async function checkIndex(tables: Tables, events: ReadonlyMap<string, UsageEvent>): Promise<string[]> {
  const client = createTableOperations({ send: tables.send, close: async () => undefined });
  const owners = new Set([...events.values()].map(({ userId }) => userId));
  const listed: string[] = [];
  for (const owner of owners) {
    const { items } = await client.query({
      table: LEDGER_TABLE,
      index: 'byUser',
      keyCondition: '#u = :u',
      names: { '#u': 'userPk' },
      values: { ':u': owner },
    });
    listed.push(...items.map((item) => String(item['sk'])));
  }
  const isSame = listed.length === events.size && listed.every((id) => events.has(id));
  return isSame ? [] : [`one-closed-event: the list shows ${listed.length} of ${events.size} events`];
}

/** At the moment of a call its event is open, and its holds stand. */
export function inspectCall(
  { audit, scenario }: { audit: Audit; scenario: Scenario },
  request: string,
  credential: string,
): void {
  const say = (what: string): void => void audit.broken.push(`nothing-unheld-is-spent: ${request} is called ${what}`);
  const requestId = audit.open.get(request);
  if (requestId === undefined) return say('without an open event');
  const isHeldBy = (accountId: string): boolean => requestId in (audit.accounts.get(accountId)?.holds ?? {});
  const isLimited = scenario.role === 'user' || Object.keys(scenario.limits).length > 0;
  if (isLimited && !isHeldBy(USER)) say('without a hold');
  if (scenario.credentialLimits && !isHeldBy(accountOfCredential(credential))) say(`without a hold of ${credential}`);
}
