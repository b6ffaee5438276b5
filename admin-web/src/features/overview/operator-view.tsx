import { Stack, Title } from '@mantine/core';
import type { UsageLogRow } from '@sluice/contract/usage';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { QueryView } from '../../components/query-view.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { latestMetricsQuery } from '../../lib/api/live-metrics.ts';
import { useFormat } from '../../lib/use-format.ts';
import { metricsHistoryQuery } from './api/metrics.ts';
import { recentErrorsQuery } from './api/recent-errors.ts';
import { LiveCards } from './live-cards.tsx';
import { startOfPeriod, type Period } from './period.ts';
import { TrafficCharts } from './traffic-charts.tsx';

const REFRESH_MS = 15_000;
const HISTORY_REFRESH_MS = 60_000;

/** What operators see of the whole gateway beyond the sums: now, over time, and what failed last. */
export function OperatorView({ period }: { period: Period }): ReactNode {
  const latest = useQuery({ ...latestMetricsQuery, refetchInterval: REFRESH_MS });
  const history = useQuery({
    ...metricsHistoryQuery({ period, from: startOfPeriod(period, Date.now()) }),
    refetchInterval: HISTORY_REFRESH_MS,
    placeholderData: (previous) => previous,
  });
  const errors = useQuery({ ...recentErrorsQuery, refetchInterval: REFRESH_MS });
  return (
    <Stack gap="lg">
      <QueryView query={latest} skeleton={[150]}>
        {(data) => <LiveCards metrics={data} />}
      </QueryView>
      <QueryView query={history} skeleton={[260, 260]}>
        {(data) => <TrafficCharts history={data} />}
      </QueryView>
      {errors.data && errors.data.length > 0 ? <RecentErrors rows={errors.data} /> : null}
    </Stack>
  );
}

function RecentErrors({ rows }: { rows: readonly UsageLogRow[] }): ReactNode {
  const { t } = useTranslation('overview');
  const format = useFormat();
  return (
    <Stack gap="sm">
      <Title order={2} fz={16}>
        {t('recentErrors')}
      </Title>
      <ResourceTable
        caption={t('recentErrors')}
        rows={rows}
        rowKey={(row) => row.request_id}
        columns={[
          {
            key: 'time',
            header: t('time'),
            nowrap: true,
            render: (row) => (
              <Link to="/usage" search={{ request: row.request_id }}>
                {format.shortDateTime(row.created_at)}
              </Link>
            ),
          },
          { key: 'model', header: t('model'), render: (row) => row.model },
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
