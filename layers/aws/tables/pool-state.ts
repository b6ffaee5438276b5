import { isDeepStrictEqual } from 'node:util';
import { CHANGE_LIFE_MS, type PoolStateStore, type PoolSubject } from '@sluice/core/credentials/pool-state';
import { createRequestId, timePrefixOfRequestIds } from '@sluice/kit/ids/request-id';
import { CHANGE_PARTITION_PREFIX, PARTITION_KEY, POOL_PARTITION_PREFIX, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { ItemKey, TableClient } from '../table-client.ts';
import { decodeCursor, encodeCursor, pageLimit } from './cursor.ts';
import { readAllPages } from './read-all-pages.ts';
import { POOL_CHANGE_ITEM, POOL_STATE_ITEM } from './pool-state-items.ts';

/*
 * Health of credentials and the log of its changes; in the vault table, in partitions of their own, so that the relay
 * can be given the right to put items there and nowhere else in that table.
 *
 * question      index  key condition                                             consistency  who asks
 * listStates    table  pk = pool#<upstream>                                       strong       relay (cached), admin
 * listStatesOf  table  pk = pool#<upstream>, sk begins with <credential id>#      strong       admin
 * findStates    table  pk = pool#<upstream>, sk = <credential id>#<model>         strong       relay (cached)
 * writeState    table  pk = pool#<upstream>, sk = <credential id>#<model>         –            relay
 * appendChange  table  pk = poolLog#<upstream>#<credential id>, sk = <time first> –            relay, admin, vault, sweeps
 * listChanges   table  pk = poolLog#<upstream>#<credential id>, sk > <oldest>,    eventual     admin
 *                      from the end
 *
 * States have no time to live: there are at most as many as pairs of a credential and a model, and each is rewritten
 * in place. Changes are garbage after 30 days, and not listed any more.
 */

const LOG = 'credential-log';
const REQUEST_ID = /^[0-9a-z]{16}$/;

const statePartition = (upstream: string): string => `${POOL_PARTITION_PREFIX}#${upstream}`;
const logPartition = (upstream: string, credentialId: string): string =>
  `${CHANGE_PARTITION_PREFIX}#${upstream}#${credentialId}`;
const stateKey = ({ upstream, credentialId, model }: PoolSubject): ItemKey => ({
  [PARTITION_KEY]: statePartition(upstream),
  [SORT_KEY]: `${credentialId}#${model}`,
});

export function createPoolStateStore(client: TableClient, tableName: string): PoolStateStore {
  return {
    async listStates(upstream) {
      const items = await readAllPages(client, {
        table: tableName,
        keyCondition: '#pk = :partition',
        names: { '#pk': PARTITION_KEY },
        values: { ':partition': statePartition(upstream) },
        consistent: true,
      });
      return items.map(POOL_STATE_ITEM.read);
    },
    async listStatesOf(upstream, credentialId) {
      const { items } = await client.query({
        table: tableName,
        keyCondition: '#pk = :partition AND begins_with(#sk, :credential)',
        names: { '#pk': PARTITION_KEY, '#sk': SORT_KEY },
        values: { ':partition': statePartition(upstream), ':credential': `${credentialId}#` },
        consistent: true,
      });
      return items.map(POOL_STATE_ITEM.read);
    },
    async findStates(subjects) {
      if (subjects.length === 0) return [];
      const items = await client.batchGet({ table: tableName, keys: subjects.map(stateKey), consistent: true });
      return items.map(POOL_STATE_ITEM.read);
    },
    async writeState(state) {
      const isFirst = state.version === 1;
      const outcome = await client.put({
        table: tableName,
        item: { ...stateKey(state), ...POOL_STATE_ITEM.write(state) },
        condition: isFirst ? `attribute_not_exists(${PARTITION_KEY})` : '#version = :before',
        ...(isFirst ? {} : { names: { '#version': 'version' }, values: { ':before': state.version - 1 } }),
        repeatable: true,
      });
      if (outcome.ok) return { written: true };
      const current = outcome.existing && POOL_STATE_ITEM.read(outcome.existing);
      // The answer to our own write may have been lost; what stands there then is exactly what we wrote.
      return outcome.resent && isDeepStrictEqual(current, state) ? { written: true } : { written: false, current };
    },
    async appendChange(change) {
      const key = {
        [PARTITION_KEY]: logPartition(change.upstream, change.credentialId),
        [SORT_KEY]: createRequestId(change.at),
      };
      const expiry = { [TIME_TO_LIVE]: Math.ceil((change.at + CHANGE_LIFE_MS) / 1000) };
      await client.put({
        table: tableName,
        item: { ...key, ...expiry, ...POOL_CHANGE_ITEM.write(change) },
        repeatable: true,
      });
    },
    async listChanges(upstream, credentialId, { limit, cursor, nowMs }) {
      const partition = logPartition(upstream, credentialId);
      const position = decodeCursor(LOG, cursor, REQUEST_ID);
      const { items, nextKey } = await client.query({
        table: tableName,
        keyCondition: '#pk = :partition AND #sk > :oldest',
        names: { '#pk': PARTITION_KEY, '#sk': SORT_KEY },
        values: { ':partition': partition, ':oldest': timePrefixOfRequestIds(nowMs - CHANGE_LIFE_MS) },
        forward: false,
        limit: pageLimit(limit),
        startKey: position === null ? null : { [PARTITION_KEY]: partition, [SORT_KEY]: position },
      });
      const nextCursor = nextKey === null ? null : encodeCursor(LOG, String(nextKey[SORT_KEY]));
      return { changes: items.map(POOL_CHANGE_ITEM.read), nextCursor };
    },
  };
}
