import { Stack, Text } from '@mantine/core';
import type { UsageLogRow } from '@sluice/contract/usage';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ResourceTable } from '../../components/resource-table.tsx';
import { formatDuration } from '../../lib/format.ts';
import { useFormat } from '../../lib/use-format.ts';
import { StatusBadge } from './status-badge.tsx';

export function LogTable(props: { rows: readonly UsageLogRow[]; onOpen: (row: UsageLogRow) => void }): ReactNode {
  const { t } = useTranslation('usage');
  const format = useFormat();
  return (
    <ResourceTable
      caption={t('title')}
      rows={props.rows}
      rowKey={(row) => row.request_id}
      onOpen={props.onOpen}
      columns={[
        { key: 'time', header: t('time'), nowrap: true, render: (row) => format.shortDateTime(row.created_at) },
        {
          key: 'status',
          header: t('status'),
          render: (row) => <StatusBadge status={row.status} success={row.success} />,
        },
        { key: 'model', header: t('model'), render: (row) => <Named name={row.model} detail={row.key_name} /> },
        {
          key: 'tokens',
          header: t('tokens'),
          nowrap: true,
          align: 'end',
          render: (row) => `${format.compact(row.input_tokens)} → ${format.compact(row.output_tokens)}`,
        },
        { key: 'cost', header: t('cost'), nowrap: true, align: 'end', render: (row) => format.money(row.cost_micros) },
        {
          key: 'duration',
          header: t('duration'),
          nowrap: true,
          align: 'end',
          render: (row) => formatDuration(row.duration_ms),
        },
      ]}
    />
  );
}

function Named({ name, detail }: { name: string; detail: string | null }): ReactNode {
  return (
    <Stack gap={0}>
      <Text fz="sm" style={{ overflowWrap: 'anywhere' }}>
        {name}
      </Text>
      {detail ? (
        <Text fz="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {detail}
        </Text>
      ) : null}
    </Stack>
  );
}
