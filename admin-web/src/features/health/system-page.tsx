import { Button, SimpleGrid, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { healthQuery } from '../../lib/api/health.ts';
import { latestMetricsQuery } from '../../lib/api/live-metrics.ts';
import { may, useSession } from '../../lib/api/session.ts';
import { AboutCard } from './about-card.tsx';
import { PartsCard } from './parts-card.tsx';
import { SchedulesCard } from './schedules-card.tsx';
import { StatusCard } from './status-card.tsx';
import { StorageCard } from './storage-card.tsx';
import type { SystemProps } from './system-search.ts';

const REFRESH_MS = 15_000;

/** Whether all that the gateway stands on answers, and what to do where it does not. */
export function SystemPage({ search, onSearch }: SystemProps): ReactNode {
  const { t } = useTranslation('system');
  const { data: session } = useSession();
  const health = useQuery({ ...healthQuery, refetchInterval: REFRESH_MS });
  const metrics = useQuery({
    ...latestMetricsQuery,
    enabled: may(session, 'monitoring:read'),
    refetchInterval: REFRESH_MS,
  });
  return (
    <>
      <PageHeader
        title={t('title')}
        intro={t('intro')}
        actions={
          <Button
            variant="default"
            leftSection={<Icon name="refresh" size={16} />}
            loading={health.isRefetching}
            onClick={() => void Promise.all([health.refetch(), ...(metrics.data ? [metrics.refetch()] : [])])}
          >
            {t('askAgain')}
          </Button>
        }
      />
      <QueryView query={health} skeleton={[96, 320]}>
        {(data) => (
          <Stack gap="lg">
            <StatusCard health={data} alerts={metrics.data?.alerts} />
            <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
              <PartsCard health={data} />
              <Stack gap="lg">
                <AboutCard health={data} metrics={metrics.data} />
                <StorageCard />
              </Stack>
            </SimpleGrid>
            {may(session, 'schedules:run') ? <SchedulesCard health={data} search={search} onSearch={onSearch} /> : null}
          </Stack>
        )}
      </QueryView>
    </>
  );
}
