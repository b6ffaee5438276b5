import { SegmentedControl } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { switchLanguage } from '../lib/i18n.ts';
import { LANGUAGES } from '../lib/language.ts';
import type { Language } from '../lib/language.ts';

const SHORT_NAMES: Record<Language, string> = { en: 'EN', zh: '中' };

export function LanguageSwitch(): ReactNode {
  const { i18n, t } = useTranslation();
  return (
    <SegmentedControl
      size="xs"
      aria-label={t('language')}
      value={i18n.language}
      onChange={(choice) => {
        const language = LANGUAGES.find((known) => known === choice);
        if (language) void switchLanguage(i18n, language);
      }}
      data={LANGUAGES.map((language) => ({ value: language, label: SHORT_NAMES[language] }))}
    />
  );
}
