import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { QueryView } from '../../components/query-view.tsx';
import { latestMetricsQuery } from '../../lib/api/live-metrics.ts';
import { metricsHistoryQuery } from './api/metrics.ts';
import { LiveCards } from './live-cards.tsx';
import { startOfPeriod, type Period } from './period.ts';
import { TrafficCharts } from './traffic-charts.tsx';

const REFRESH_MS = 15_000;
const HISTORY_REFRESH_MS = 60_000;

/** What goes on now, and how it went over the period. */
export function LiveView({ period }: { period: Period }): ReactNode {
  const latest = useQuery({ ...latestMetricsQuery, refetchInterval: REFRESH_MS });
  const history = useQuery({
    ...metricsHistoryQuery({ period, from: startOfPeriod(period, Date.now()) }),
    refetchInterval: HISTORY_REFRESH_MS,
    placeholderData: (previous) => previous,
  });
  return (
    <Stack gap="lg">
      <QueryView query={latest} skeleton={[150]}>
        {(data) => <LiveCards metrics={data} />}
      </QueryView>
      <QueryView query={history} skeleton={[260, 260]}>
        {(data) => <TrafficCharts history={data} />}
      </QueryView>
    </Stack>
  );
}
