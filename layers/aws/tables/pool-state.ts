import { isDeepStrictEqual } from 'node:util';
import type { PoolStateStore, PoolSubject } from '@sluice/core/credentials/pool-state';
import { createRequestId } from '@sluice/kit/ids/request-id';
import { PARTITION_KEY, POOL_PARTITION_PREFIX, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { ItemKey, TableClient } from '../table-client.ts';
import { pageLimit } from './cursor.ts';
import { readAllPages } from './read-all-pages.ts';
import { POOL_CHANGE_ITEM, POOL_STATE_ITEM } from './pool-state-items.ts';

/*
 * Health of credentials and the log of its changes; in the vault table, in partitions of their own, so that the relay
 * can be given the right to put items there and nowhere else in that table.
 *
 * question      index  key condition                                             consistency  who asks
 * listStates    table  pk = pool#<upstream>                                       strong       relay (cached), admin
 * writeState    table  pk = pool#<upstream>, sk = <credential id>#<model>         –            relay
 * appendChange  table  pk = poolLog#<upstream>#<credential id>, sk = <time first> –            relay, admin
 * listChanges   table  pk = poolLog#<upstream>#<credential id>, from the end      eventual     admin
 *
 * States have no time to live: there are at most as many as pairs of a credential and a model, and each is rewritten
 * in place. Changes are garbage after 30 days.
 */

const CHANGE_LIFE_SECONDS = 30 * 86_400;

const statePartition = (upstream: string): string => `${POOL_PARTITION_PREFIX}#${upstream}`;
const logPartition = (upstream: string, credentialId: string): string =>
  `${POOL_PARTITION_PREFIX}Log#${upstream}#${credentialId}`;
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
      const expiry = { [TIME_TO_LIVE]: Math.ceil(change.at / 1000) + CHANGE_LIFE_SECONDS };
      await client.put({
        table: tableName,
        item: { ...key, ...expiry, ...POOL_CHANGE_ITEM.write(change) },
        repeatable: true,
      });
    },
    async listChanges(upstream, credentialId, limit) {
      const { items } = await client.query({
        table: tableName,
        keyCondition: '#pk = :partition',
        names: { '#pk': PARTITION_KEY },
        values: { ':partition': logPartition(upstream, credentialId) },
        forward: false,
        limit: pageLimit(limit),
      });
      return items.map(POOL_CHANGE_ITEM.read);
    },
  };
}
