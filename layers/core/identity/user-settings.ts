/** What users set for themselves. `layers/aws/tables/user-settings.ts` implements the store. */

export type SettingValue = string | number | boolean | null;
export type SettingsSection = Readonly<Record<string, SettingValue>>;

/** Consoles keep what they like in the sections; of all that the gateway itself reads `preferences.language`. */
export interface UserSettings {
  notifications: SettingsSection;
  security: SettingsSection;
  preferences: SettingsSection;
}

export const DEFAULT_USER_SETTINGS: UserSettings = {
  notifications: { email: true },
  security: {},
  preferences: { language: null, theme: 'system' },
};

export interface UserSettingsStore {
  /** Null when nothing was ever set. */
  readUserSettings(userId: string): Promise<UserSettings | null>;
  /** Only in the place of what was read (null: of nothing); false when that is no longer what is there. */
  putUserSettings(userId: string, change: { before: UserSettings | null; after: UserSettings }): Promise<boolean>;
  deleteUserSettings(userId: string): Promise<void>;
}

export function withDefaultSettings(stored: UserSettings | null): UserSettings {
  return mergeSettings(DEFAULT_USER_SETTINGS, stored ?? {});
}

/** Field by field: what is not named stays. */
export function mergeSettings(base: UserSettings, change: Partial<UserSettings>): UserSettings {
  return {
    notifications: { ...base.notifications, ...change.notifications },
    security: { ...base.security, ...change.security },
    preferences: { ...base.preferences, ...change.preferences },
  };
}
