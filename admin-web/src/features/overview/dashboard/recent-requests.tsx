import { Anchor, Badge, Group, Stack, Text, Title } from '@mantine/core';
import type { UsageLogRow } from '@sluice/contract/usage';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { RequestTime } from '../../../components/request-time.tsx';
import { ResourceTable } from '../../../components/resource-table.tsx';
import { formatDuration } from '../../../lib/format.ts';
import { useFormat } from '../../../lib/use-format.ts';

const SHOWN = 6;

/** The last requests of the caller; each leads to its whole story. */
export function RecentRequests({ rows }: { rows: readonly UsageLogRow[] }): ReactNode {
  const { t } = useTranslation('overview');
  const format = useFormat();
  if (rows.length === 0) return null;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2} fz={16}>
          {t('recent.title')}
        </Title>
        <Anchor fz="sm" renderRoot={(props) => <Link to="/usage" {...props} />}>
          {t('recent.all')}
        </Anchor>
      </Group>
      <ResourceTable
        caption={t('recent.title')}
        rows={rows.slice(0, SHOWN)}
        rowKey={(row) => row.request_id}
        columns={[
          {
            key: 'time',
            header: t('time'),
            nowrap: true,
            render: (row) => <RequestTime requestId={row.request_id} at={row.created_at} />,
          },
          { key: 'model', header: t('model'), render: (row) => row.model },
          { key: 'key', header: t('recent.key'), render: (row) => row.key_name ?? <Text fz="sm">–</Text> },
          {
            key: 'status',
            header: t('recent.status'),
            render: (row) => (
              <Badge variant="light" color={row.success ? 'green' : 'red'}>
                {row.success ? t('recent.fine') : String(row.status)}
              </Badge>
            ),
          },
          { key: 'tokens', header: t('tokens'), align: 'end', render: (row) => format.compact(row.total_tokens) },
          { key: 'cost', header: t('cost'), align: 'end', render: (row) => format.money(row.cost_micros) },
          {
            key: 'duration',
            header: t('recent.duration'),
            align: 'end',
            nowrap: true,
            render: (row) => formatDuration(row.duration_ms),
          },
        ]}
      />
    </Stack>
  );
}
