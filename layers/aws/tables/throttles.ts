import { createHash } from 'node:crypto';
import { refusedUntil, throttleWindow, type Throttle, type ThrottleStore } from '@sluice/core/identity/throttle-store';
import { PARTITION_KEY, SORT_KEY, THROTTLE_PARTITION_PREFIX, TIME_TO_LIVE } from '../names.ts';
import type { ItemKey, TableClient } from '../table-client.ts';
import { ITEM_TYPE, ITEM_VERSION } from './item-schema.ts';
import { REMEMBERED_ITEM, THROTTLE_ITEM } from './throttle-items.ts';

/*
 * Counters of tries, in the identity table.
 *
 * question         index  key condition                                        consistency  who asks
 * take             table  pk = throttle#<digest of the name>, sk = <window>    –            admin: login, mails, look-ups; vault
 * giveBack, clear  table  the same key                                         –            admin: login
 * remember(s)      table  pk = throttle#<digest of the name>, sk = remembered  strong       admin: login
 *
 * A window has an item of its own, so nothing is ever reset. Names hold addresses of people and machines and are
 * stored as a digest. A try whose answer was lost may count twice: that errs on the side of the guard.
 */

export function createThrottleStore(client: TableClient, tableName: string): ThrottleStore {
  return {
    async take(throttle) {
      const { end } = throttleWindow(throttle);
      if (throttle.limit < 1) return refusedUntil(end, throttle.now);
      const outcome = await client.update({
        table: tableName,
        key: windowKey(throttle),
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
    async giveBack(throttle) {
      await client.update({
        table: tableName,
        key: windowKey(throttle),
        update: 'ADD #tries :less',
        condition: '#tries > :none',
        names: { '#tries': 'tries' },
        values: { ':less': -1, ':none': 0 },
      });
    },
    async clear(throttle) {
      await client.delete({ table: tableName, key: windowKey(throttle), repeatable: true });
    },
    async remember(name, until) {
      const ttl = { [TIME_TO_LIVE]: Math.ceil(until / 1000) };
      const item = { ...rememberedKey(name), ...REMEMBERED_ITEM.write({ until }), ...ttl };
      await client.put({ table: tableName, item, repeatable: true });
    },
    async remembers(name, now) {
      const item = await client.get({ table: tableName, key: rememberedKey(name), consistent: true });
      return item !== null && REMEMBERED_ITEM.read(item).until > now;
    },
  };
}

function partitionOf(name: string): string {
  return `${THROTTLE_PARTITION_PREFIX}#${createHash('sha256').update(name).digest('base64url')}`;
}

function windowKey(throttle: Throttle & { now: number }): ItemKey {
  const { start } = throttleWindow(throttle);
  return { [PARTITION_KEY]: partitionOf(throttle.name), [SORT_KEY]: `${throttle.windowSeconds}#${start}` };
}

function rememberedKey(name: string): ItemKey {
  return { [PARTITION_KEY]: partitionOf(name), [SORT_KEY]: 'remembered' };
}
