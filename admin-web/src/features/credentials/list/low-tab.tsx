import { Badge, Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../../components/empty-state.tsx';
import { QueryView } from '../../../components/query-view.tsx';
import { ResourceTable } from '../../../components/resource-table.tsx';
import { useFormat } from '../../../lib/use-format.ts';
import { lowQuotasQuery, type LowQuota } from '../api/low-quotas.ts';
import type { CredentialsProps } from '../credentials-search.ts';

const THRESHOLDS = ['0.1', '0.25', '0.5'] as const;
const SHOWN_AT_ONCE = 50;

/** Credentials of which little of their quota or their own limits is left, least first. */
export function LowTab({ search, onSearch }: CredentialsProps): ReactNode {
  const { t } = useTranslation(['credentials', 'common']);
  const format = useFormat();
  const [threshold, setThreshold] = useState<string>(THRESHOLDS[1]);
  const [most, setMost] = useState(SHOWN_AT_ONCE);
  const low = useQuery(lowQuotasQuery(Number(threshold)));
  return (
    <Stack gap="md">
      <Group gap="sm">
        <Text fz="sm" c="dimmed">
          {t('low.below')}
        </Text>
        <SegmentedControl
          aria-label={t('low.below')}
          value={threshold}
          onChange={setThreshold}
          data={THRESHOLDS.map((value) => ({ value, label: format.share(Number(value), 1) ?? value }))}
        />
      </Group>
      <QueryView query={low}>
        {(rows) => {
          if (rows.length === 0) {
            return <EmptyState icon="credentials" title={t('low.none.title')} text={t('low.none.text')} />;
          }
          return (
            <Stack gap="md">
              <LowTable
                rows={rows.slice(0, most)}
                onOpen={(row) => onSearch({ ...search, open: `${row.upstream}/${row.account_id}` })}
              />
              {rows.length > most ? (
                <Group justify="center">
                  <Button variant="default" onClick={() => setMost(most + SHOWN_AT_ONCE)}>
                    {t('common:loadMore')}
                  </Button>
                </Group>
              ) : null}
            </Stack>
          );
        }}
      </QueryView>
    </Stack>
  );
}

function LowTable({ rows, onOpen }: { rows: readonly LowQuota[]; onOpen: (row: LowQuota) => void }): ReactNode {
  const { t } = useTranslation('credentials');
  const format = useFormat();
  return (
    <ResourceTable
      caption={t('tabs.low')}
      rows={rows}
      rowKey={(row) => `${row.upstream}/${row.account_id}/${row.model_name}`}
      onOpen={onOpen}
      columns={[
        {
          key: 'name',
          header: t('name'),
          render: (row) => (
            <Stack gap={2} align="flex-start">
              <Text component="span" fz="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
                {row.name}
              </Text>
              <Text component="span" fz="xs" c="dimmed">
                {row.upstream}
              </Text>
            </Stack>
          ),
        },
        { key: 'model', header: t('low.model'), render: (row) => row.model_name },
        {
          key: 'left',
          header: t('low.left'),
          align: 'end',
          render: (row) => (
            <Group gap={6} justify="flex-end">
              {row.exhausted ? (
                <Badge variant="light" color="red">
                  {t('states.exhausted')}
                </Badge>
              ) : null}
              <Text fz="sm">{format.share(row.quota, 1)}</Text>
            </Group>
          ),
        },
        {
          key: 'reset',
          header: t('low.reset'),
          nowrap: true,
          render: (row) =>
            row.reset_time === null ? (
              '–'
            ) : (
              <Text fz="sm" title={format.dateTime(row.reset_time)}>
                {format.age(row.reset_time)}
              </Text>
            ),
        },
        {
          key: 'whose',
          header: t('low.whose'),
          render: (row) =>
            row.user_id === null ? t('low.operators') : t(row.is_shared === 1 ? 'low.shared' : 'low.own'),
        },
      ]}
    />
  );
}
