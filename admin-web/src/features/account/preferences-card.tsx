import { Select, SimpleGrid, Stack, Switch, Text, useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../components/error-state.tsx';
import { Facts } from '../../components/facts.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Section } from '../../components/section.tsx';
import { useChangeUserSettings, userSettingsQuery, type UserSettings } from '../../lib/api/user-settings.ts';
import { switchLanguage } from '../../lib/i18n.ts';
import { languageOf, otherSettings, themeOf, THEMES } from './own-settings.ts';

const LANGUAGE_NAMES = { en: 'English', zh: '中文' } as const;

/** What the caller set for themselves. Each choice is saved by itself, so that two pages do not undo one another. */
export function PreferencesCard(): ReactNode {
  const { t } = useTranslation('account');
  const settings = useQuery(userSettingsQuery);
  return (
    <Section title={t('preferences.title')} hint={t('preferences.hint')}>
      <QueryView query={settings} skeleton={[60, 40]}>
        {(data) => <Preferences settings={data} />}
      </QueryView>
    </Section>
  );
}

function Preferences({ settings }: { settings: UserSettings }): ReactNode {
  const { t, i18n } = useTranslation('account');
  const { setColorScheme } = useMantineColorScheme();
  const change = useChangeUserSettings();
  const others = otherSettings(settings);
  return (
    <Stack gap="md">
      {change.error ? <ErrorState error={change.error} /> : null}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          label={t('preferences.language')}
          description={t('preferences.languageHint')}
          allowDeselect={false}
          data={[
            { value: 'auto', label: t('preferences.asBrowser') },
            { value: 'en', label: LANGUAGE_NAMES.en },
            { value: 'zh', label: LANGUAGE_NAMES.zh },
          ]}
          value={languageOf(settings) ?? 'auto'}
          onChange={(chosen) => {
            const language = chosen === 'en' || chosen === 'zh' ? chosen : null;
            change.mutate({ preferences: { language } });
            if (language !== null) void switchLanguage(i18n, language);
          }}
        />
        <Select
          label={t('preferences.theme')}
          description={t('preferences.themeHint')}
          allowDeselect={false}
          data={THEMES.map((theme) => ({ value: theme, label: t(`preferences.themes.${theme}`) }))}
          value={themeOf(settings)}
          onChange={(chosen) => {
            const theme = THEMES.find((known) => known === chosen) ?? 'system';
            change.mutate({ preferences: { theme } });
            setColorScheme(theme === 'system' ? 'auto' : theme);
          }}
        />
      </SimpleGrid>
      <Switch
        label={t('preferences.email')}
        description={t('preferences.emailHint')}
        checked={settings.notifications['email'] !== false}
        onChange={(event) => change.mutate({ notifications: { email: event.currentTarget.checked } })}
      />
      {others.length === 0 ? null : (
        <Stack gap="xs">
          <Text fz="sm" fw={600}>
            {t('preferences.others')}
          </Text>
          <Facts rows={others.map(({ name, value }) => ({ label: name, value: String(value) }))} />
        </Stack>
      )}
    </Stack>
  );
}
