import { Anchor, Group, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { RequestTime } from '../../components/request-time.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { recentErrorsQuery } from './api/recent-errors.ts';

const REFRESH_MS = 15_000;

/** What failed last, of everybody; nothing where nothing did. */
export function RecentErrors(): ReactNode {
  const { t } = useTranslation('overview');
  const { data: rows = [] } = useQuery({ ...recentErrorsQuery, refetchInterval: REFRESH_MS });
  if (rows.length === 0) return null;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2} fz={16}>
          {t('recentErrors')}
        </Title>
        <Anchor fz="sm" renderRoot={(props) => <Link to="/usage" search={{ status: 'failed' }} {...props} />}>
          {t('recent.all')}
        </Anchor>
      </Group>
      <ResourceTable
        caption={t('recentErrors')}
        rows={rows}
        rowKey={(row) => row.request_id}
        columns={[
          {
            key: 'time',
            header: t('time'),
            nowrap: true,
            render: (row) => <RequestTime requestId={row.request_id} at={row.created_at} />,
          },
          { key: 'model', header: t('model'), render: (row) => row.model },
          { key: 'upstream', header: t('upstream'), render: (row) => row.upstream ?? '–' },
          {
            key: 'error',
            header: t('error'),
            render: (row) => `${row.status} ${row.error_message ?? row.error ?? ''}`,
          },
        ]}
      />
    </Stack>
  );
}
