import type { UserSettings, UserSettingsStore } from '@sluice/core/identity/user-settings';
import type { TableClient } from '../table-client.ts';
import { USER_SETTINGS_ITEM } from './account-items.ts';
import { NEW, find, identityKey } from './identity-table.ts';

/*
 * What users set for themselves, in the identity table.
 *
 * question                  index  key condition                    consistency  who asks
 * readUserSettings          table  pk = user#<id>, sk = settings    strong       admin
 * putUserSettings, delete…  table  the same key                     –            admin
 */

const FIRST = { condition: NEW };

/** DynamoDB compares maps as wholes. */
function standingIn({ notifications, security, preferences }: UserSettings) {
  return {
    condition: '#n = :n AND #s = :s AND #p = :p',
    names: { '#n': 'notifications', '#s': 'security', '#p': 'preferences' },
    values: { ':n': notifications, ':s': security, ':p': preferences },
  };
}

export function createUserSettingsStore(client: TableClient, tableName: string): UserSettingsStore {
  const keyOf = (userId: string) => identityKey(`user#${userId}`, 'settings');
  return {
    readUserSettings: (userId) => find({ client, tableName }, USER_SETTINGS_ITEM, keyOf(userId)),
    async putUserSettings(userId, { before, after }) {
      const item = { ...keyOf(userId), ...USER_SETTINGS_ITEM.write(after) };
      const { ok } = await client.put({ table: tableName, item, ...(before === null ? FIRST : standingIn(before)) });
      return ok;
    },
    async deleteUserSettings(userId) {
      await client.delete({ table: tableName, key: keyOf(userId), repeatable: true });
    },
  };
}
