import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state.tsx';

/** A model needs somebody who serves it. */
export function NoUpstreams({ onCreate }: { onCreate: () => void }): ReactNode {
  const { t } = useTranslation('models');
  return (
    <EmptyState
      icon="models"
      title={t('noUpstreams.title')}
      text={t('noUpstreams.text')}
      action={<Button onClick={onCreate}>{t('createUpstream')}</Button>}
    />
  );
}
