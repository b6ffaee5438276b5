import { Skeleton, Stack } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from './error-state.tsx';

/** One place for the three states of a question to the server: waiting, failed, answered. */
export function QueryView<Data>(props: {
  query: Pick<UseQueryResult<Data>, 'data' | 'error' | 'refetch'>;
  /** Heights of the grey bars shown while waiting. */
  skeleton?: readonly number[];
  children: (data: Data) => ReactNode;
}): ReactNode {
  const { t } = useTranslation();
  const { data, error, refetch } = props.query;
  if (data !== undefined) return props.children(data);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return (
    <Stack gap="xs" role="status" aria-busy aria-label={t('loading')}>
      {(props.skeleton ?? [44, 44, 44, 44]).map((height, index) => (
        <Skeleton key={index} height={height} radius="md" />
      ))}
    </Stack>
  );
}
