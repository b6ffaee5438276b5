import { isDeepStrictEqual } from 'node:util';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { OPEN, USAGE_EVENT_ITEM, usageEvent } from '../../layers/aws/tables/ledger-items.ts';
import { CREATED_AT } from '../../layers/aws/tables/ledger-account-items.ts';
import { decodeHold } from '../../layers/core/metering/hold-text.ts';
import { countersOfHold } from '../../layers/core/metering/holds.ts';
import type { Redemption } from '../../layers/core/plans/store.ts';
import type { UsageClosing } from '../../layers/core/metering/store.ts';
import { owedBy } from './owed.ts';
import { noteCode } from './code-audit.ts';
import { LEDGER_TABLE, type Tables } from './tables.ts';

/*
 * Watches the ledger accounts from outside the code under test: after each write that was applied, the item as it stood
 * before and after is compared, and every change of a counter is put down to the request whose hold came or went with it.
 */

export interface AccountBooks {
  counters: Record<string, number>;
  holds: Record<string, string>;
  /** By request id, then counter: what it added, less what was given back. */
  nets: Map<string, Map<string, number>>;
  /** How often a hold of this request was put there. */
  taken: Map<string, number>;
  /** Counters that were removed as past retention. */
  removed: Set<string>;
  entitlement: number;
  planId: string | null;
}

export interface Audit {
  accounts: Map<string, AccountBooks>;
  /** Request ids of usage events that are open, by what the client called its request. */
  open: Map<string, string>;
  /** What closed events were closed with, by request id. */
  closed: Map<string, UsageClosing>;
  /** Versions of the pool's states, by key. */
  versions: Map<string, { version: number; state: string }>;
  /** Codes that were used, and by which redemption. */
  used: Map<string, Redemption>;
  /** Promises that were broken at the very write. */
  broken: string[];
}

/** What a counter may stand at; null: no limit. */
export type LimitOf = (accountId: string, counter: string) => number | null;

export function auditTables(
  tables: Tables,
  limitOf: LimitOf,
  wrote: (partition: string) => Promise<string[]>,
): { tables: Tables; audit: Audit } {
  const audit: Audit = {
    accounts: new Map(),
    open: new Map(),
    closed: new Map(),
    versions: new Map(),
    used: new Map(),
    broken: [],
  };
  const watched: Tables = {
    ...tables,
    async send(operation, sent) {
      const answer = await tables.send(operation, sent);
      const input: WriteInput = sent;
      for (const key of keysWritten(operation, input)) {
        const partition = key['pk']?.S ?? '';
        audit.broken.push(...(await wrote(partition)));
        if (partition.startsWith('pool#')) await noteState(tables, audit, { TableName: input.TableName, Key: key });
        if (partition === 'codes') await noteCode(tables, audit, key);
        if (partition.startsWith('slice#')) await noteEvent(tables, audit, key);
        if (!partition.startsWith(ACCOUNT)) continue;
        await compare(tables, audit, partition.slice(ACCOUNT.length), limitOf);
      }
      return answer;
    },
  };
  return { tables: watched, audit };
}

const ACCOUNT = 'account#';

type Key = Record<string, { S?: string }>;

interface WriteInput {
  TableName?: string;
  Key?: Key;
  Item?: Key;
  TransactItems?: Record<string, WriteInput>[];
}

function keysWritten(operation: string, input: WriteInput): Key[] {
  if (operation === 'TransactWriteItems') {
    return (input.TransactItems ?? []).flatMap((item) => Object.values(item).map(keyOf));
  }
  return ['UpdateItem', 'PutItem', 'DeleteItem'].includes(operation) ? [keyOf(input)] : [];
}

function keyOf({ Key, Item }: WriteInput): Key {
  const { pk = {}, sk = {} } = Key ?? Item ?? {};
  return { pk, sk };
}

async function noteEvent(tables: Tables, audit: Audit, key: Key): Promise<void> {
  const read = { TableName: LEDGER_TABLE, Key: key, ConsistentRead: true };
  const { Item } = (await tables.send('GetItem', read)) as { Item?: Key };
  const requestId = key['sk']?.S ?? '';
  const before = audit.closed.get(requestId);
  const event = Item && usageEvent(USAGE_EVENT_ITEM.read(unmarshall(Item as Record<string, AttributeValue>)));
  const now = event?.closing ?? undefined;
  if (before !== undefined && !isDeepStrictEqual(before, now)) {
    audit.broken.push(`one-closed-event: ${requestId} was closed twice`);
  }
  if (now !== undefined) audit.closed.set(requestId, now);
  const name = Item?.['x']?.S;
  if (name === undefined) return;
  if (Item?.['p']?.S === OPEN) audit.open.set(name, requestId);
  else audit.open.delete(name);
}

/** A state is only ever replaced by whoever saw the one before. */
async function noteState(
  tables: Tables,
  audit: Audit,
  read: { TableName?: string | undefined; Key: Key },
): Promise<void> {
  const answer = await tables.send('GetItem', { ...read, ConsistentRead: true });
  const { Item } = answer as { Item?: Record<string, { N?: string }> };
  const name = `${read.Key['pk']?.S} ${read.Key['sk']?.S}`;
  const now = { version: Number(Item?.['version']?.N ?? 0), state: JSON.stringify(Item) };
  const before = audit.versions.get(name) ?? { version: 0, state: '' };
  if (now.state !== before.state && now.version !== before.version + 1) {
    audit.broken.push(`pool-states-in-turn: ${name} went from version ${before.version} to ${now.version}`);
  }
  audit.versions.set(name, now);
}

interface StoredNumber {
  N?: string;
}

async function compare(tables: Tables, audit: Audit, accountId: string, limitOf: LimitOf): Promise<void> {
  const key = { pk: { S: `account#${accountId}` }, sk: { S: 'account' } };
  const read = { TableName: LEDGER_TABLE, Key: key, ConsistentRead: true };
  const { Item = {} } = (await tables.send('GetItem', read)) as {
    Item?: Record<string, StoredNumber & { M?: Record<string, { S: string } & StoredNumber> }>;
  };
  const counters: Record<string, number> = {};
  for (const [name, value] of Object.entries(Item)) if (name.includes('#')) counters[name] = Number(value.N);
  const holds = Object.fromEntries(Object.entries(Item['h']?.M ?? {}).map(([id, { S }]) => [id, S]));
  const entitlement = Number(Item['entitlement']?.N ?? 0);
  const books = audit.accounts.get(accountId) ?? emptyBooks();
  const came = Object.keys(holds).filter((id) => !(id in books.holds));
  const went = Object.keys(books.holds).filter((id) => !(id in holds));
  const createdAt = Number(Item[CREATED_AT]?.N ?? 0);
  const causes = [
    ...came.map((id) => ({ id, amounts: heldBy(id, holds[id]!, createdAt, () => 0) })),
    ...went.map((id) => ({
      id,
      // What it left, less what was held.
      amounts: negated(
        heldBy(id, books.holds[id]!, createdAt, (name) => owedBy(accountId, name, audit.closed.get(id))),
      ),
    })),
  ];
  const planId = Item['plan']?.M?.['i']?.S ?? null;
  const planTokens = Number(Item['plan']?.M?.['t']?.N ?? Infinity);
  note(audit, books, { accountId, counters, causes, limitOf, planId, planTokens });
  for (const id of came) books.taken.set(id, (books.taken.get(id) ?? 0) + 1);
  audit.accounts.set(accountId, { ...books, counters, holds, entitlement, planId });
}

function emptyBooks(): AccountBooks {
  return {
    counters: {},
    holds: {},
    nets: new Map(),
    taken: new Map(),
    removed: new Set(),
    entitlement: 0,
    planId: null,
  };
}

interface Cause {
  id: string;
  /** By counter: what it should add, as far as that is known at this moment. */
  amounts: Map<string, number>;
}

function heldBy(
  requestId: string,
  text: string,
  createdAt: number,
  left: (name: string) => number,
): Map<string, number> {
  const counters = countersOfHold({ requestId, hold: decodeHold(text), createdAt });
  return new Map(counters.map(({ name, held }) => [name, held - left(name)]));
}

function negated(amounts: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...amounts].map(([name, amount]) => [name, -amount]));
}

interface Change {
  accountId: string;
  counters: Record<string, number>;
  causes: readonly Cause[];
  limitOf: LimitOf;
  planId: string | null;
  planTokens: number;
}

function note(audit: Audit, books: AccountBooks, change: Change): void {
  const { accountId, counters, causes, limitOf, planId, planTokens } = change;
  const names = new Set([...Object.keys(counters), ...Object.keys(books.counters)]);
  for (const name of names) {
    const before = books.counters[name] ?? 0;
    if (!(name in counters)) {
      books.removed.add(name);
      continue;
    }
    const rise = counters[name]! - before;
    putDown(audit, books, { name, rise, causes });
    if (rise > 0 && name.startsWith('plan#') && name !== `plan#${planId}`) {
      audit.broken.push(`charged-to-the-plan-in-force: ${name} rose by ${rise} under ${planId}`);
    }
    const limit = name === `plan#${planId}` ? planTokens : limitOf(accountId, name);
    if (limit !== null && rise > 0 && counters[name]! > limit) {
      audit.broken.push(`spend-within-limit: ${name} stands at ${counters[name]} of ${limit}`);
    }
  }
}

/** The change of one counter is its request's; of several at once each has its own, and they must sum up. */
function putDown(
  audit: Audit,
  books: AccountBooks,
  { name, rise, causes }: { name: string; rise: number; causes: readonly Cause[] },
): void {
  if (rise === 0 && causes.length < 2) return;
  const [first] = causes;
  if (first === undefined) {
    audit.broken.push(`counters-are-the-sum: ${name} changed by ${rise} without a hold that came or went`);
    return;
  }
  if (causes.length === 1) return add(books, first.id, name, rise);
  const concerned = causes.filter(({ amounts }) => amounts.has(name));
  const due = concerned.reduce((sum, { amounts }) => sum + amounts.get(name)!, 0);
  if (due !== rise) audit.broken.push(`counters-are-the-sum: ${name} changed by ${rise} for several, due was ${due}`);
  for (const { id, amounts } of concerned) add(books, id, name, amounts.get(name)!);
}

function add(books: AccountBooks, requestId: string, name: string, amount: number): void {
  if (amount === 0) return;
  const nets = books.nets.get(requestId) ?? new Map<string, number>();
  nets.set(name, (nets.get(name) ?? 0) + amount);
  books.nets.set(requestId, nets);
}
