import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state.tsx';
import { ImportButton } from '../../components/import-button.tsx';
import type { ModelsProps } from './models-search.ts';

/** Nothing to ask for yet: first somebody who serves, then what they serve. */
export function NoModels({
  hasUpstreams,
  onSearch,
}: Pick<ModelsProps, 'onSearch'> & { hasUpstreams: boolean }): ReactNode {
  const { t } = useTranslation('models');
  return (
    <EmptyState
      icon="models"
      title={t('empty.title')}
      text={t(hasUpstreams ? 'empty.withUpstreams' : 'empty.withoutUpstreams')}
      action={
        <Group justify="center" gap="sm">
          {hasUpstreams ? (
            <Button onClick={() => onSearch({ create: true })}>{t('createModel')}</Button>
          ) : (
            <Button onClick={() => onSearch({ tab: 'upstreams', create: true })}>{t('createUpstream')}</Button>
          )}
          <ImportButton />
        </Group>
      }
    />
  );
}
