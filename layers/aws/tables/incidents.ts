import type { IncidentStore } from '@sluice/core/monitoring/incidents';
import { createRequestId, timeOfRequestId, timePrefixOfRequestIds } from '@sluice/kit/ids/request-id';
import { PARTITION_KEY, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { TableClient } from '../table-client.ts';
import { INCIDENT_ITEM } from './incident-items.ts';
import { readAllPages } from './read-all-pages.ts';

/*
 * What happened that should not, in the ledger table.
 *
 * question  key condition                                   consistency  who asks
 * note      pk = incident#<kind>, sk = <id, time first>     –            roll-up-usage, sweep-holds, relay
 * list      the same pk, sk between two times               strong       evaluate-alerts
 *
 * Rare by nature; garbage after 30 days.
 */

const LIFE_SECONDS = 30 * 86_400;

export function createIncidentStore(client: TableClient, tableName: string): IncidentStore {
  return {
    async note({ kind, at, count }) {
      const key = { [PARTITION_KEY]: `incident#${kind}`, [SORT_KEY]: createRequestId(at) };
      const expiry = { [TIME_TO_LIVE]: Math.ceil(at / 1000) + LIFE_SECONDS };
      await client.put({
        table: tableName,
        item: { ...INCIDENT_ITEM.write({ count }), ...key, ...expiry },
        repeatable: true,
      });
    },
    async list(kind, { from, to }) {
      if (from >= to) return [];
      const items = await readAllPages(client, {
        table: tableName,
        keyCondition: '#pk = :kind AND #id BETWEEN :from AND :to',
        names: { '#pk': PARTITION_KEY, '#id': SORT_KEY },
        values: {
          ':kind': `incident#${kind}`,
          ':from': timePrefixOfRequestIds(Math.max(0, from)),
          // A bare time sorts before the ids of its millisecond, which keeps the end of the range out.
          ':to': timePrefixOfRequestIds(to),
        },
        consistent: true,
      });
      return items.flatMap((item) => {
        const at = timeOfRequestId(String(item[SORT_KEY]));
        return at === null ? [] : [{ kind, at, count: INCIDENT_ITEM.read(item).count }];
      });
    },
  };
}
