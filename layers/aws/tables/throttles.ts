import { createHash } from 'node:crypto';
import { refusedUntil, throttleWindow, type ThrottleStore } from '@sluice/core/identity/throttle-store';
import { PARTITION_KEY, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { TableClient } from '../table-client.ts';
import { ITEM_TYPE, ITEM_VERSION } from './item-schema.ts';
import { THROTTLE_ITEM } from './throttle-items.ts';

/*
 * Counters of tries, in the identity table.
 *
 * question  index  key condition                                         consistency  who asks
 * take      table  pk = throttle#<digest of the name>, sk = <window>     –            admin: login, mails, look-ups
 *
 * A window has an item of its own, so nothing is ever reset. Names hold addresses of people and machines and are
 * stored as a digest. A try whose answer was lost may count twice: that errs on the side of the guard.
 */

export function createThrottleStore(client: TableClient, tableName: string): ThrottleStore {
  return {
    async take(throttle) {
      const { start, end } = throttleWindow(throttle);
      if (throttle.limit < 1) return refusedUntil(end, throttle.now);
      const outcome = await client.update({
        table: tableName,
        key: {
          [PARTITION_KEY]: `throttle#${createHash('sha256').update(throttle.name).digest('base64url')}`,
          [SORT_KEY]: `${throttle.windowSeconds}#${start}`,
        },
        update: 'SET #type = :type, #version = :version, #ttl = :ttl ADD #tries :one',
        condition: 'attribute_not_exists(#tries) OR #tries < :limit',
        names: { '#type': ITEM_TYPE, '#version': ITEM_VERSION, '#ttl': TIME_TO_LIVE, '#tries': 'tries' },
        values: {
          ':type': THROTTLE_ITEM.type,
          ':version': THROTTLE_ITEM.version,
          ':ttl': end + 60,
          ':one': 1,
          ':limit': throttle.limit,
        },
        repeatable: true,
      });
      return outcome.ok ? { allowed: true, retryAfterSeconds: 0 } : refusedUntil(end, throttle.now);
    },
  };
}
