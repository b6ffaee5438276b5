import { Grid, Group, Button, Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Suspense, lazy } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../components/icon.tsx';
import { PageHeader } from '../../../components/page-header.tsx';
import { QueryView } from '../../../components/query-view.tsx';
import { dashboardQuery, type Dashboard } from '../../../lib/api/dashboard.ts';
import { QuickStart } from '../quick-start.tsx';
import { LimitsCard } from './limits-card.tsx';
import { OwnThings } from './own-things.tsx';
import { PlanCard } from './plan-card.tsx';
import { RecentRequests } from './recent-requests.tsx';
import { StandingNotice } from './standing-notice.tsx';
import { UsageCards } from './usage-cards.tsx';

const REFRESH_MS = 15_000;

/** Charts weigh as much as the rest of the page. */
const DaysCard = lazy(async () => ({ default: (await import('./days-card.tsx')).DaysCard }));

/** What somebody used, what is left, and where to go on. */
export function UserDashboard({ guide }: { guide: ReactNode }): ReactNode {
  const { t } = useTranslation('overview');
  const dashboard = useQuery({ ...dashboardQuery, refetchInterval: REFRESH_MS });
  return (
    <>
      <PageHeader
        title={t('dashboard.title')}
        intro={t('dashboard.intro')}
        actions={
          <Group gap="sm">
            <Button
              variant="default"
              leftSection={<Icon name="chat" size={16} />}
              renderRoot={(props) => <Link to="/playground" {...props} />}
            >
              {t('dashboard.playground')}
            </Button>
          </Group>
        }
      />
      <QueryView query={dashboard} skeleton={[112, 220, 220]}>
        {(data) => <Cards data={data} guide={guide} />}
      </QueryView>
    </>
  );
}

function Cards({ data, guide }: { data: Dashboard; guide: ReactNode }): ReactNode {
  const isUsed = data.usage.lifetime.requests > 0 || data.recent.length > 0;
  return (
    <Stack gap="lg">
      <StandingNotice user={data.user} />
      {guide}
      <UsageCards usage={data.usage} />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="lg">
            {isUsed ? (
              <Suspense fallback={<Skeleton height={240} radius="md" />}>
                <DaysCard />
              </Suspense>
            ) : (
              <QuickStart />
            )}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="lg">
            <PlanCard plan={data.plan} />
            <LimitsCard limits={data.limits} />
          </Stack>
        </Grid.Col>
      </Grid>
      {isUsed ? <RecentRequests rows={data.recent} /> : null}
      <OwnThings keys={data.keys} />
    </Stack>
  );
}
