import { Badge, Group, Stack, Text } from '@mantine/core';
import type { UsageLogRow } from '@sluice/contract/usage';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ResourceTable } from '../../../components/resource-table.tsx';
import { formatDuration } from '../../../lib/format.ts';
import { useFormat } from '../../../lib/use-format.ts';
import { StatusBadge } from '../status-badge.tsx';

interface LogTableProps {
  rows: readonly UsageLogRow[];
  scope: 'all' | 'own';
  onOpen: (row: UsageLogRow) => void;
}

export function LogTable({ rows, scope, onOpen }: LogTableProps): ReactNode {
  const { t } = useTranslation('usage');
  const format = useFormat();
  return (
    <ResourceTable
      caption={t('logTitle')}
      rows={rows}
      rowKey={(row) => row.request_id}
      onOpen={onOpen}
      columns={[
        {
          key: 'time',
          header: t('time'),
          nowrap: true,
          render: (row) => (
            <TwoLines first={format.age(row.created_at)} second={format.shortDateTime(row.created_at)} />
          ),
        },
        { key: 'status', header: t('status'), render: (row) => <Outcome row={row} /> },
        {
          key: 'model',
          header: t('model'),
          render: (row) => <TwoLines first={row.model} second={row.key_name ?? t('keyGone')} />,
        },
        ...(scope === 'all'
          ? [
              {
                key: 'route',
                header: t('servedOver'),
                render: (row: UsageLogRow) => <Route row={row} />,
              },
            ]
          : []),
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
          render: (row) => (
            <TwoLines
              first={formatDuration(row.duration_ms)}
              second={row.first_byte_ms === null ? null : t('firstByteIn', { time: formatDuration(row.first_byte_ms) })}
            />
          ),
        },
      ]}
    />
  );
}

/** Who served it; of a failure, who was asked last. */
function Route({ row }: { row: UsageLogRow }): ReactNode {
  const { upstream, credential } = row.upstream === null ? (row.attempts.at(-1) ?? row) : row;
  return upstream === null ? '–' : <TwoLines first={upstream} second={credential} />;
}

function Outcome({ row }: { row: UsageLogRow }): ReactNode {
  const { t } = useTranslation('usage');
  return (
    <Stack gap={2} align="flex-start">
      <Group gap={4} wrap="nowrap">
        <StatusBadge status={row.status} success={row.success} />
        {row.attempts.length > 1 ? (
          <Badge variant="light" color="gray" title={t('attemptsCount', { count: row.attempts.length })}>
            ×{row.attempts.length}
          </Badge>
        ) : null}
      </Group>
      {row.error === null ? null : (
        <Text fz="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {row.error}
        </Text>
      )}
    </Stack>
  );
}

function TwoLines({ first, second }: { first: string; second: string | null }): ReactNode {
  return (
    <Stack gap={0} component="span">
      <Text component="span" fz="sm" style={{ overflowWrap: 'anywhere' }}>
        {first}
      </Text>
      {second ? (
        <Text component="span" fz="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {second}
        </Text>
      ) : null}
    </Stack>
  );
}
