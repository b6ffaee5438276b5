import { KEY_USE_EVERY_MS, type KeyUseStore } from '@sluice/core/identity/key-uses';
import { KEY_USE_PARTITION_PREFIX, PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { ItemKey, TableClient } from '../table-client.ts';
import { KEY_USE_ITEM } from './identity-items.ts';

/*
 * When keys were last used; in the identity table, in partitions of their own, so that the relay can be given the right
 * to put items there and nowhere else in that table: it cannot change a key.
 *
 * question   index  key condition                       consistency  who asks
 * noteUse    table  pk = keyUse#<key id>, sk = use      –            relay, once a minute, process and key
 * lastUses   table  the same keys, in batches           eventual     admin
 *
 * An item goes with its key (identity-keys.ts).
 */

const useKey = (keyId: string): ItemKey => ({
  [PARTITION_KEY]: `${KEY_USE_PARTITION_PREFIX}#${keyId}`,
  [SORT_KEY]: 'use',
});

export function createKeyUseStore(client: TableClient, tableName: string): KeyUseStore {
  return {
    async noteUse(keyId, atMs) {
      // Refused: another process was here within the minute.
      await client.put({
        table: tableName,
        item: { ...useKey(keyId), ...KEY_USE_ITEM.write({ keyId, usedAt: atMs }) },
        condition: `attribute_not_exists(${PARTITION_KEY}) OR #usedAt <= :before`,
        names: { '#usedAt': 'usedAt' },
        values: { ':before': atMs - KEY_USE_EVERY_MS },
        repeatable: true,
      });
    },
    async lastUses(keyIds) {
      if (keyIds.length === 0) return new Map();
      const items = await client.batchGet({ table: tableName, keys: [...new Set(keyIds)].map(useKey) });
      return new Map(items.map((item) => KEY_USE_ITEM.read(item)).map(({ keyId, usedAt }) => [keyId, usedAt]));
    },
  };
}
