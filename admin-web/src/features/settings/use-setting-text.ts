import { useTranslation } from 'react-i18next';
import type { SettingRow } from './api/settings.ts';

/** What the page says of a setting; the gateway's own words for one that this console has none for. */
export function useSettingText(): (row: Pick<SettingRow, 'key' | 'description' | 'effect'>) => {
  name: string;
  hint: string;
  option: (value: string) => string;
} {
  const { t } = useTranslation('settings');
  // Which settings there are is told at run time.
  const say = (key: string, otherwise: string): string => t(key as 'title', { defaultValue: otherwise });
  return ({ key, description, effect }) => ({
    name: say(`names.${key}`, key),
    hint: say(`hints.${key}`, `${description} ${effect}`),
    option: (value) => say(`options.${value}`, value),
  });
}
