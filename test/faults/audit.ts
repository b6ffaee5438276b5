import { CLOSED, CLOSING, OPEN } from '../../layers/aws/tables/ledger-items.ts';
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
}

export interface Audit {
  accounts: Map<string, AccountBooks>;
  /** Request ids of usage events that are open, by what the client called its request. */
  open: Map<string, string>;
  /** What closed events were closed with, by request id. */
  closed: Map<string, string>;
  /** Promises that were broken at the very write. */
  broken: string[];
}

/** What a counter may stand at; null: no limit. */
export type LimitOf = (accountId: string, counter: string) => number | null;

export function auditTables(tables: Tables, limitOf: LimitOf): { tables: Tables; audit: Audit } {
  const audit: Audit = { accounts: new Map(), open: new Map(), closed: new Map(), broken: [] };
  const watched: Tables = {
    ...tables,
    async send(operation, input) {
      const answer = await tables.send(operation, input);
      for (const key of keysWritten(operation, input)) {
        const partition = key['pk']?.S ?? '';
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
  Key?: Key;
  Item?: Key;
  TransactItems?: Record<string, WriteInput>[];
}

function keysWritten(operation: string, input: WriteInput): Key[] {
  if (operation === 'TransactWriteItems') {
    return (input.TransactItems ?? []).flatMap((item) => Object.values(item).map(keyOf));
  }
  return operation === 'UpdateItem' || operation === 'PutItem' ? [keyOf(input)] : [];
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
  const now = Item?.['p']?.S === CLOSED ? JSON.stringify(Item[CLOSING]) : undefined;
  if (before !== undefined && before !== now) audit.broken.push(`one-closed-event: ${requestId} was closed twice`);
  if (now !== undefined) audit.closed.set(requestId, now);
  const name = Item?.['x']?.S;
  if (name === undefined) return;
  if (Item?.['p']?.S === OPEN) audit.open.set(name, requestId);
  else audit.open.delete(name);
}

interface StoredNumber {
  N?: string;
}

async function compare(tables: Tables, audit: Audit, accountId: string, limitOf: LimitOf): Promise<void> {
  const key = { pk: { S: `account#${accountId}` }, sk: { S: 'account' } };
  const read = { TableName: LEDGER_TABLE, Key: key, ConsistentRead: true };
  const { Item = {} } = (await tables.send('GetItem', read)) as {
    Item?: Record<string, StoredNumber & { M?: Record<string, { S: string } & { M?: unknown }> }>;
  };
  const counters: Record<string, number> = {};
  for (const [name, value] of Object.entries(Item)) if (name.includes('#')) counters[name] = Number(value.N);
  const holds = Object.fromEntries(Object.entries(Item['h']?.M ?? {}).map(([id, { S }]) => [id, S]));
  const entitlement = Number(Item['entitlement']?.N ?? 0);
  const books = audit.accounts.get(accountId) ?? emptyBooks();
  const came = Object.keys(holds).filter((id) => !(id in books.holds));
  const went = Object.keys(books.holds).filter((id) => !(id in holds));
  const causes = [...came, ...went];
  const planId = Item['plan']?.M?.['i']?.S ?? null;
  note(audit, books, { accountId, counters, causes, limitOf, planId });
  for (const id of came) books.taken.set(id, (books.taken.get(id) ?? 0) + 1);
  audit.accounts.set(accountId, { ...books, counters, holds, entitlement });
}

function emptyBooks(): AccountBooks {
  return { counters: {}, holds: {}, nets: new Map(), taken: new Map(), removed: new Set(), entitlement: 0 };
}

function note(
  audit: Audit,
  books: AccountBooks,
  now: {
    accountId: string;
    counters: Record<string, number>;
    causes: string[];
    limitOf: LimitOf;
    planId: string | null;
  },
): void {
  const { accountId, counters, causes, limitOf, planId } = now;
  if (causes.length > 1) audit.broken.push(`one-hold-a-write: ${causes.join()} came and went at once`);
  const names = new Set([...Object.keys(counters), ...Object.keys(books.counters)]);
  for (const name of names) {
    const before = books.counters[name] ?? 0;
    if (!(name in counters)) {
      books.removed.add(name);
      continue;
    }
    const change = counters[name]! - before;
    if (change === 0) continue;
    const [cause] = causes;
    if (cause === undefined) {
      audit.broken.push(`counters-are-the-sum: ${name} changed by ${change} without a hold that came or went`);
      continue;
    }
    const nets = books.nets.get(cause) ?? new Map<string, number>();
    nets.set(name, (nets.get(name) ?? 0) + change);
    books.nets.set(cause, nets);
    if (change > 0 && name.startsWith('plan#') && name !== `plan#${planId}`) {
      audit.broken.push(`charged-to-the-plan-in-force: ${name} rose by ${change} under ${planId}`);
    }
    const limit = limitOf(accountId, name);
    if (limit !== null && change > 0 && counters[name]! > limit) {
      audit.broken.push(`spend-within-limit: ${name} stands at ${counters[name]} of ${limit}`);
    }
  }
}
