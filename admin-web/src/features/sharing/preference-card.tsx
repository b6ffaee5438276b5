import { Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../components/error-state.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Section } from '../../components/section.tsx';
import { preferenceQuery, usePrefer } from './api/preference.ts';

/** Whose credentials are asked first. */
export function PreferenceCard(): ReactNode {
  const { t } = useTranslation('sharing');
  const preference = useQuery(preferenceQuery);
  const prefer = usePrefer();
  return (
    <Section title={t('order')} hint={t('orderHint')}>
      {prefer.error ? <ErrorState error={prefer.error} /> : null}
      <QueryView query={preference} skeleton={[30]}>
        {(shared) => (
          <Switch
            label={t('preferShared')}
            description={t('preferSharedHint')}
            checked={shared}
            onChange={(event) => prefer.mutate(event.currentTarget.checked)}
          />
        )}
      </QueryView>
    </Section>
  );
}
