import type { UserSettings } from '../../lib/api/user-settings.ts';
import { LANGUAGES } from '../../lib/language.ts';
import type { Language } from '../../lib/language.ts';

export const THEMES = ['system', 'light', 'dark'] as const;

/** The language of mails and of this console; null: that of whatever browser asks. */
export function languageOf({ preferences }: UserSettings): Language | null {
  return LANGUAGES.find((language) => language === preferences['language']) ?? null;
}

export function themeOf({ preferences }: UserSettings): (typeof THEMES)[number] {
  return THEMES.find((theme) => theme === preferences['theme']) ?? 'system';
}

const SHOWN = ['notifications.email', 'preferences.language', 'preferences.theme'];
/** Sections that consoles keep for themselves: what somebody hid or put in order. */
const INNER = /^preferences\.(console|guide)/;

/** What other consoles and programs keep for the caller, by section and name. */
export function otherSettings(settings: UserSettings): { name: string; value: string | number | boolean | null }[] {
  return Object.entries(settings)
    .flatMap(([section, fields]) =>
      Object.entries(fields).map(([field, value]) => ({ name: `${section}.${field}`, value })),
    )
    .filter(({ name }) => !SHOWN.includes(name) && !INNER.test(name));
}
