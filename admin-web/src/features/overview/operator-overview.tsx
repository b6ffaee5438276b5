import { Grid, SegmentedControl, Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { healthQuery } from '../../lib/api/health.ts';
import { may, useSession } from '../../lib/api/session.ts';
import { usageStatsQuery } from '../../lib/api/usage-stats.ts';
import { HealthCard } from './health-card.tsx';
import { PERIODS, startOfPeriod } from './period.ts';
import type { Period } from './period.ts';
import { QuickStart } from './quick-start.tsx';
import { RecentErrors } from './recent-errors.tsx';
import { StatCards } from './stat-cards.tsx';
import { TopModels } from './top-models.tsx';

const REFRESH_MS = 15_000;

/** Charts weigh as much as the rest of the page. */
const LiveView = lazy(async () => ({ default: (await import('./live-view.tsx')).LiveView }));

/** What the whole gateway is doing and whether it is well. Nothing is asked while the tab is hidden. */
export function OperatorOverview(props: {
  period: Period;
  onPeriod: (period: Period) => void;
  guide: ReactNode;
}): ReactNode {
  const { t } = useTranslation('overview');
  const { data: session } = useSession();
  const stats = useQuery({
    ...usageStatsQuery({ scope: 'all', startDate: startOfPeriod(props.period, Date.now()) }),
    refetchInterval: REFRESH_MS,
    placeholderData: (previous) => previous,
  });
  const health = useQuery(healthQuery);
  return (
    <>
      <PageHeader
        title={t('title')}
        intro={t('intro')}
        actions={
          <SegmentedControl
            aria-label={t('period.label')}
            value={props.period}
            onChange={(choice) => props.onPeriod(PERIODS.find((period) => period === choice) ?? '24h')}
            data={PERIODS.map((period) => ({ value: period, label: t(`period.${period}`) }))}
          />
        }
      />
      <Stack gap="lg">
        {props.guide}
        <QueryView query={stats} skeleton={[112]}>
          {(data) => <StatCards stats={data} />}
        </QueryView>
        {may(session, 'monitoring:read') ? (
          <Suspense fallback={<Skeleton height={400} radius="md" />}>
            <LiveView period={props.period} />
          </Suspense>
        ) : null}
        <RecentErrors />
        {stats.data && stats.data.by_model.length > 0 ? <TopModels stats={stats.data} /> : null}
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, md: 8 }}>
            <QuickStart />
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 4 }}>
            <QueryView query={health} skeleton={[260]}>
              {(data) => <HealthCard health={data} />}
            </QueryView>
          </Grid.Col>
        </Grid>
      </Stack>
    </>
  );
}
