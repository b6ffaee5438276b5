import { createHash } from 'node:crypto';
import {
  type AsideTokens,
  type DueTokens,
  type TokenKey,
  type TokenRow,
  type TokenState,
  type TokenStore,
  type TokenWrite,
} from '@sluice/core/credentials/refresh/tokens';
import type { SweepStore } from '@sluice/core/credentials/refresh/sweep';
import type { TokensChange } from '@sluice/core/credentials/store';
import { givenRow, replaceWrite } from '@sluice/core/credentials/refresh/rules';
import {
  PARTITION_KEY,
  SORT_KEY,
  TIME_TO_LIVE,
  TOKEN_PARTITION_PREFIX,
  TOKENS_BY_DUE,
  TOKENS_BY_STALE,
} from '../names.ts';
import type { Document, DocumentValue, ItemKey, TableClient, TransactAction } from '../table-client.ts';
import { entryItem, rotatedTokenKey } from './credential-index.ts';
import { pageLimit } from './cursor.ts';
import { readAllPages } from './read-all-pages.ts';
import {
  ASIDE_ITEM,
  SWEEP_LEASE_ITEM,
  SWEEP_STATE_ITEM,
  sortableInstant as instant,
  TOKENS_ITEM,
  toTokenRow,
  writeTokens,
} from './token-items.ts';

/*
 * Tokens of OAuth credentials; in the vault table, in partitions of their own, so that whoever may refresh can be given
 * the right to write them and nothing else of that table. The relay reads them and writes none.
 *
 * question     index    key condition                                            consistency  who asks
 * find         table    pk = tokens#<upstream>, sk = <credential id>              strong       vault, sweep, relay, admin
 * findMany     table    those keys                                                strong       relay (cached), admin
 * list         table    pk = tokens#<upstream>                                    strong       relay (cached), admin
 * write        table    that key                                                  –            vault, sweep
 * putAside     table    pk = tokensAside#<upstream>, sk = <credential>#<attempt>  –            vault, sweep
 * listAside    table    the same, sk begins with <credential>#                   strong       admin; removeAside too
 * noteMark     table    pk = tokensMark#<mark>                                    –            vault, sweep
 * listDue      byDue    duePk = due#<upstream>, dueSk <= <now>                    eventual     sweep
 *              byStale  duePk = due#<upstream>, staleSk < <instant>               eventual     sweep
 * state        table    pk = tokensSweep, sk = state                              strong       sweep
 * leases       table    pk = tokensSweep, sk = endpoint#<digest>                  –            sweep
 *
 * `duePk` stands there while the credential is enabled (admin writes it); `dueSk` and `staleSk` while there is something
 * to be done (whoever refreshes writes them). An item is in an index only with both of its attributes.
 */

/** Longer than a refresh token that is in use goes without a refresh. */
const MARK_LIFE_SECONDS = 40 * 86_400;
const SWEEP = `${TOKEN_PARTITION_PREFIX}Sweep`;
const EXISTS = `attribute_exists(${PARTITION_KEY})`;
const duePartition = (upstream: string): string => `due#${upstream}`;

const tokensOf = (upstream: string): string => `${TOKEN_PARTITION_PREFIX}#${upstream}`;
export const tokenKey = ({ upstream, credentialId }: TokenKey): ItemKey => ({
  [PARTITION_KEY]: tokensOf(upstream),
  [SORT_KEY]: credentialId,
});
const asidePartition = (upstream: string): string => `${TOKEN_PARTITION_PREFIX}Aside#${upstream}`;
const asideKey = ({ upstream, credentialId, attempt }: AsideTokens): ItemKey => ({
  [PARTITION_KEY]: asidePartition(upstream),
  [SORT_KEY]: `${credentialId}#${attempt}`,
});
const STATE_KEY: ItemKey = { [PARTITION_KEY]: SWEEP, [SORT_KEY]: 'state' };
const leaseKey = (endpoint: string): ItemKey => ({
  [PARTITION_KEY]: SWEEP,
  [SORT_KEY]: `endpoint#${createHash('sha256').update(endpoint).digest('hex')}`,
});

export function createTokenStore(client: TableClient, tableName: string): TokenStore & DueTokens {
  return {
    async find(key) {
      const item = await client.get({ table: tableName, key: tokenKey(key), consistent: true });
      return item && readRow(item);
    },
    async findMany(keys) {
      if (keys.length === 0) return [];
      const items = await client.batchGet({ table: tableName, keys: keys.map(tokenKey), consistent: true });
      return items.map(readRow);
    },
    async list(upstream) {
      const items = await readAllPages(client, {
        table: tableName,
        keyCondition: '#pk = :partition',
        names: { '#pk': PARTITION_KEY },
        values: { ':partition': tokensOf(upstream) },
        consistent: true,
      });
      return items.map(readRow);
    },
    async write(key, write) {
      const outcome = await client.update({
        table: tableName,
        key: tokenKey(key),
        ...expressionsOf(write),
        // The second sending of a write finds its own work, which those who refresh know by their attempt.
        repeatable: true,
      });
      if (outcome.ok) return { written: true };
      return { written: false, row: outcome.existing && readRow(outcome.existing) };
    },
    async putAside(tokens) {
      await client.put({
        table: tableName,
        item: { ...asideKey(tokens), ...ASIDE_ITEM.write(tokens) },
        repeatable: true,
      });
    },
    async noteMark({ upstream, credentialId }, mark, now) {
      await client.put({
        table: tableName,
        item: {
          ...entryItem(rotatedTokenKey(mark), { upstream, id: credentialId }),
          [TIME_TO_LIVE]: Math.ceil(now / 1000) + MARK_LIFE_SECONDS,
        },
        repeatable: true,
      });
    },
    async listAside({ upstream, credentialId }) {
      const items = await readAllPages(client, {
        table: tableName,
        keyCondition: '#pk = :partition AND begins_with(#sk, :credential)',
        names: { '#pk': PARTITION_KEY, '#sk': SORT_KEY },
        values: { ':partition': asidePartition(upstream), ':credential': `${credentialId}#` },
        consistent: true,
      });
      return items.map(ASIDE_ITEM.read).toSorted((left, right) => left.at - right.at);
    },
    async removeAside(tokens) {
      await client.delete({ table: tableName, key: asideKey(tokens), repeatable: true });
    },
    async listDue({ upstream, by, until, limit, after }) {
      const index = by === 'due' ? TOKENS_BY_DUE : TOKENS_BY_STALE;
      const { items, nextKey } = await client.query({
        table: tableName,
        index: index.name,
        keyCondition: `#due = :due AND #sk ${by === 'due' ? '<=' : '<'} :until`,
        names: { '#due': index.partitionKey, '#sk': index.sortKey },
        values: { ':due': duePartition(upstream), ':until': instant(until) },
        limit: pageLimit(limit),
        startKey: after,
      });
      return { keys: items.map((item) => ({ upstream, credentialId: String(item[SORT_KEY]) })), after: nextKey };
    },
  };
}

export function createSweepStore(client: TableClient, tableName: string): SweepStore {
  return {
    async readState() {
      const item = await client.get({ table: tableName, key: STATE_KEY, consistent: true });
      return item && SWEEP_STATE_ITEM.read(item);
    },
    async writeState(state) {
      await client.put({
        table: tableName,
        item: { ...STATE_KEY, ...SWEEP_STATE_ITEM.write(state) },
        repeatable: true,
      });
    },
    async takeLease(endpoint, { owner, until, now }) {
      const outcome = await client.put({
        table: tableName,
        item: { ...leaseKey(endpoint), ...SWEEP_LEASE_ITEM.write({ owner, until }) },
        condition: `attribute_not_exists(${PARTITION_KEY}) OR #owner = :owner OR #until <= :now`,
        names: { '#owner': 'owner', '#until': 'until' },
        values: { ':owner': owner, ':now': now },
        repeatable: true,
      });
      return outcome.ok;
    },
    async releaseLease(endpoint, owner) {
      await client.delete({
        table: tableName,
        key: leaseKey(endpoint),
        condition: '#owner = :owner',
        names: { '#owner': 'owner' },
        values: { ':owner': owner },
        repeatable: true,
      });
    },
  };
}

function readRow(item: Document): TokenRow {
  return toTokenRow(TOKENS_ITEM.read(item));
}

const ATTRIBUTES: Partial<Record<keyof TokenState, string>> = { dueAt: 'dueSk', staleSince: 'staleSk' };

function toAttribute(field: string, value: unknown): [name: string, value: DocumentValue | undefined] {
  const name = ATTRIBUTES[field as keyof TokenState] ?? field;
  if (value === null || value === undefined) return [name, undefined];
  return [name, name === field ? (value as DocumentValue) : instant(value as number)];
}

/** A conditional write in DynamoDB's words. `null` is an attribute that is not there. */
function expressionsOf({ when, set }: TokenWrite, further: Document = {}) {
  const names: Record<string, string> = {};
  const values: Record<string, DocumentValue> = {};
  const conditions = [EXISTS];
  const sets: string[] = [];
  const removals: string[] = [];
  const place = (name: string): string => {
    const known = Object.keys(names).find((key) => names[key] === name);
    const key = known ?? `#a${Object.keys(names).length}`;
    names[key] = name;
    return key;
  };
  for (const [field, wanted] of Object.entries(when)) {
    const [name, value] = toAttribute(field, wanted);
    const key = place(name);
    if (value === undefined) conditions.push(`attribute_not_exists(${key})`);
    else {
      conditions.push(`${key} = :w${key.slice(1)}`);
      values[`:w${key.slice(1)}`] = value;
    }
  }
  const assign = (name: string, value: DocumentValue | undefined): void => {
    const key = place(name);
    if (value === undefined) removals.push(key);
    else {
      sets.push(`${key} = :s${key.slice(1)}`);
      values[`:s${key.slice(1)}`] = value;
    }
  };
  for (const [field, value] of Object.entries(set)) assign(...toAttribute(field, value));
  for (const [name, value] of Object.entries(further)) assign(name, value);
  const clauses = [
    sets.length > 0 ? `SET ${sets.join(', ')}` : '',
    removals.length > 0 ? `REMOVE ${removals.join(', ')}` : '',
  ];
  // Neither may be there and empty.
  const given = { ...(Object.keys(values).length > 0 && { values }) };
  return { update: clauses.join(' ').trim(), condition: conditions.join(' AND '), names, ...given };
}

/*
 * What a change of the credential does to its tokens, as a part of the same transaction.
 */

/** @param row the tokens as they stand; null = none */
export function tokenActions(
  table: string,
  credential: TokenKey & { isEnabled: boolean },
  { row, given }: { row: TokenRow | null; given: (TokensChange & { kind: 'give' }) | null },
): TransactAction {
  const key = tokenKey(credential);
  const duePk = credential.isEnabled ? duePartition(credential.upstream) : undefined;
  if (row === null) {
    const item = writeTokens(givenRow(credential, given));
    return {
      kind: 'put',
      table,
      item: { ...key, ...item, duePk },
      condition: `attribute_not_exists(${PARTITION_KEY})`,
    };
  }
  const write = given === null ? { when: {}, set: {} } : replaceWrite(row, given.refreshToken, given.now, given.access);
  return { kind: 'update', table, key, ...expressionsOf(write, { duePk }) };
}

export function deleteTokensAction(table: string, key: TokenKey): TransactAction {
  return { kind: 'delete', table, key: tokenKey(key) };
}
