import { Stack, Title } from '@mantine/core';
import type { UsageStats } from '@sluice/contract/usage';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useFormat } from '../../lib/use-format.ts';

const SHOWN = 8;

/** The models that cost or carried most in the period. */
export function TopModels({ stats }: { stats: UsageStats }): ReactNode {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const rows = stats.by_model.toSorted((a, b) => b.cost_micros - a.cost_micros || b.requests - a.requests);
  return (
    <Stack gap="sm">
      <Title order={2} fz={16}>
        {t('topModels')}
      </Title>
      <ResourceTable
        caption={t('topModels')}
        rows={rows.slice(0, SHOWN)}
        rowKey={(row) => row.model}
        columns={[
          { key: 'model', header: t('model'), render: (row) => row.model },
          { key: 'requests', header: t('requests'), align: 'end', render: (row) => format.count(row.requests) },
          { key: 'tokens', header: t('tokens'), align: 'end', render: (row) => format.compact(row.total_tokens) },
          { key: 'cost', header: t('cost'), align: 'end', render: (row) => format.money(row.cost_micros) },
        ]}
      />
    </Stack>
  );
}
