import type { UserSettingsStore } from '@sluice/core/identity/user-settings';
import type { TableClient } from '../table-client.ts';
import { USER_SETTINGS_ITEM } from './account-items.ts';
import { find, identityKey } from './identity-table.ts';

/*
 * What users set for themselves, in the identity table.
 *
 * question                  index  key condition                    consistency  who asks
 * readUserSettings          table  pk = user#<id>, sk = settings    strong       admin
 * putUserSettings, delete…  table  the same key                     –            admin
 */

export function createUserSettingsStore(client: TableClient, tableName: string): UserSettingsStore {
  const keyOf = (userId: string) => identityKey(`user#${userId}`, 'settings');
  return {
    readUserSettings: (userId) => find({ client, tableName }, USER_SETTINGS_ITEM, keyOf(userId)),
    async putUserSettings(userId, settings) {
      const item = { ...keyOf(userId), ...USER_SETTINGS_ITEM.write(settings) };
      await client.put({ table: tableName, item, repeatable: true });
    },
    async deleteUserSettings(userId) {
      await client.delete({ table: tableName, key: keyOf(userId), repeatable: true });
    },
  };
}
