import { Anchor, Button, Group, Progress, Stack, Text } from '@mantine/core';
import type { UsageStats } from '@sluice/contract/usage';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ResourceTable } from '../../../components/resource-table.tsx';
import { formatDuration } from '../../../lib/format.ts';
import { useFormat } from '../../../lib/use-format.ts';
import type { Grouping, Measure } from '../usage-search.ts';
import { amountOf, mostFirst } from './chart-data.ts';
import { useMemberName } from './use-member-name.ts';

type Sums = NonNullable<UsageStats['groups']>[number];
/** Null: the sum of all. */
type Row = Omit<Sums, 'id'> & { id: string | null };

interface GroupTableProps {
  stats: UsageStats;
  by: Grouping;
  measure: Measure;
  /** Narrows the charts to a member. */
  onChoose: (id: string) => void;
  /** Leads to a member's requests. */
  onLogs: (id: string) => void;
}

/** Every member with its share of the measure, and the sum of all. */
export function GroupTable({ stats, by, measure, onChoose, onLogs }: GroupTableProps): ReactNode {
  const { t } = useTranslation('usage');
  const format = useFormat();
  const nameOf = useMemberName(by);
  const total = totalOf(stats);
  const name = (row: Row): string => (row.id === null ? t('total') : nameOf({ id: row.id, name: row.name }));
  return (
    <ResourceTable
      caption={t('groupTable', { by: t(`by.${by}`) })}
      rows={[...mostFirst(stats.groups ?? [], measure), total]}
      rowKey={(row) => row.id ?? 'total'}
      columns={[
        {
          key: 'name',
          header: t(`member.${by}`),
          render: (row) => <Name row={row} name={name(row)} onChoose={onChoose} />,
        },
        {
          key: 'share',
          header: t('share'),
          render: (row) => <Share row={row} total={total} measure={measure} />,
        },
        ...columnsOf({ t, format }),
      ]}
      actionsLabel={t('showRequests')}
      actions={(row) =>
        row.id === null || row.id === '' ? null : (
          <Button
            size="compact-xs"
            variant="subtle"
            aria-label={t('showRequestsOf', { name: name(row) })}
            onClick={() => onLogs(row.id ?? '')}
          >
            {t('showRequests')}
          </Button>
        )
      }
    />
  );
}

function columnsOf({
  t,
  format,
}: {
  t: ReturnType<typeof useTranslation<'usage'>>['t'];
  format: ReturnType<typeof useFormat>;
}) {
  const figure = { nowrap: true, align: 'end' } as const;
  return [
    { ...figure, key: 'requests', header: t('measures.requests'), render: (row: Row) => format.count(row.requests) },
    {
      ...figure,
      key: 'errors',
      header: t('measures.errors'),
      render: (row: Row) => (
        <Text
          component="span"
          fz="sm"
          {...(row.failed_requests > 0 ? { c: 'var(--mantine-color-red-light-color)' } : {})}
        >
          {format.share(row.failed_requests, row.requests) ?? '–'}
        </Text>
      ),
    },
    { ...figure, key: 'input', header: t('input'), render: (row: Row) => <Input row={row} /> },
    { ...figure, key: 'output', header: t('output'), render: (row: Row) => format.compact(row.output_tokens) },
    { ...figure, key: 'cost', header: t('cost'), render: (row: Row) => format.money(row.cost_micros) },
    { ...figure, key: 'duration', header: t('average'), render: (row: Row) => formatDuration(row.avg_duration_ms) },
  ];
}

function Input({ row }: { row: Row }): ReactNode {
  const { t } = useTranslation('usage');
  const format = useFormat();
  return (
    <>
      {format.compact(row.input_tokens)}
      {row.cached_tokens > 0 ? (
        <Text fz="xs" c="dimmed">
          {t('cachedTokens', { text: format.compact(row.cached_tokens) })}
        </Text>
      ) : null}
    </>
  );
}

function Name({ row, name, onChoose }: { row: Row; name: string; onChoose: (id: string) => void }): ReactNode {
  const { t } = useTranslation('usage');
  const { id } = row;
  if (id === null) {
    return (
      <Text component="span" fz="sm" fw={650}>
        {name}
      </Text>
    );
  }
  // Those who said nothing of themselves cannot be asked for.
  if (id === '') return name;
  return (
    <Stack gap={0}>
      <Anchor
        component="button"
        type="button"
        fz="sm"
        ta="start"
        title={t('narrowTo', { name })}
        style={{ overflowWrap: 'anywhere' }}
        onClick={() => onChoose(id)}
      >
        {name}
      </Anchor>
      {name === id ? null : (
        <Text fz="xs" c="dimmed" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
          {id}
        </Text>
      )}
    </Stack>
  );
}

/** Of latency nothing is a share: how long it took beside the slowest. */
function Share({ row, total, measure }: { row: Row; total: Row; measure: Measure }): ReactNode {
  const format = useFormat();
  if (measure === 'latency') return formatDuration(row.avg_duration_ms);
  const [part, whole] = [amountOf(row, measure), amountOf(total, measure)];
  return (
    <Group gap={8} wrap="nowrap" miw={110} justify="flex-end">
      <Progress value={whole === 0 ? 0 : (part / whole) * 100} w={60} size="sm" aria-hidden />
      <Text component="span" fz="sm" w={48} ta="end">
        {format.share(part, whole) ?? '–'}
      </Text>
    </Group>
  );
}

function totalOf(stats: UsageStats): Row {
  return {
    id: null,
    name: null,
    requests: stats.total_requests,
    success_requests: stats.success_requests,
    failed_requests: stats.failed_requests,
    input_tokens: stats.input_tokens,
    output_tokens: stats.output_tokens,
    cached_tokens: stats.cached_tokens,
    total_tokens: stats.total_tokens,
    cost_micros: stats.cost_micros,
    cost: stats.total_cost,
    avg_duration_ms: stats.avg_duration_ms,
  };
}
