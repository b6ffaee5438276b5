import { SimpleGrid } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Dashboard } from '../../../lib/api/dashboard.ts';
import { useFormat } from '../../../lib/use-format.ts';
import { StatCard } from '../stat-cards.tsx';

/** Today, and the month behind it. */
export function UsageCards({ usage }: { usage: Dashboard['usage'] }): ReactNode {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const { today, last_30_days: month, lifetime } = usage;
  const failed = format.share(month.failed_requests, month.requests);
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing={{ base: 'sm', md: 'lg' }}>
      <StatCard
        label={t('dashboard.requestsToday')}
        value={format.compact(today.requests)}
        detail={t('dashboard.in30Days', { value: format.compact(month.requests) })}
      />
      <StatCard
        label={t('dashboard.tokensToday')}
        value={format.compact(today.total_tokens)}
        detail={t('dashboard.in30Days', { value: format.compact(month.total_tokens) })}
      />
      <StatCard
        label={t('dashboard.costToday')}
        value={format.money(today.cost_micros)}
        detail={t('dashboard.in30Days', { value: format.money(month.cost_micros) })}
      />
      <StatCard
        label={t('dashboard.failed')}
        value={failed ?? '–'}
        detail={t('dashboard.allTime', { value: format.compact(lifetime.requests) })}
      />
    </SimpleGrid>
  );
}
