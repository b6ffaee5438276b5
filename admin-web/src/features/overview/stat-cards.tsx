import { Card, SimpleGrid, Text } from '@mantine/core';
import type { UsageStats } from '@sluice/contract/usage';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDuration } from '../../lib/format.ts';
import { useFormat } from '../../lib/use-format.ts';

/** From this share of failures on, the figure is red. */
const ALARMING_SHARE = 0.05;

export function StatCards({ stats }: { stats: UsageStats }): ReactNode {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const errorRate = format.share(stats.failed_requests, stats.total_requests);
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing={{ base: 'sm', md: 'lg' }}>
      <StatCard
        label={t('requests')}
        value={format.compact(stats.total_requests)}
        detail={
          stats.total_requests === 0
            ? t('noRequests')
            : t('averageDuration', { duration: formatDuration(stats.avg_duration_ms) })
        }
      />
      <StatCard
        label={t('tokens')}
        value={format.compact(stats.total_tokens)}
        detail={t('tokensDetail', {
          input: format.compact(stats.input_tokens),
          output: format.compact(stats.output_tokens),
        })}
      />
      <StatCard
        label={t('cost')}
        value={format.money(stats.cost_micros)}
        detail={t('cachedTokens', { tokens: format.compact(stats.cached_tokens) })}
      />
      <StatCard
        label={t('errorRate')}
        value={errorRate ?? '–'}
        detail={t('failedRequests', { count: stats.failed_requests, text: format.count(stats.failed_requests) })}
        alarming={stats.failed_requests > stats.total_requests * ALARMING_SHARE}
      />
    </SimpleGrid>
  );
}

/** One figure, what it is, and what stands behind it. */
export function StatCard(props: { label: string; value: string; detail: string; alarming?: boolean }): ReactNode {
  return (
    <Card withBorder p={{ base: 'sm', sm: 'lg' }}>
      <Text c="dimmed" fz="sm">
        {props.label}
      </Text>
      <Text
        fz={{ base: 22, sm: 28 }}
        fw={650}
        lh={1.3}
        style={{ fontVariantNumeric: 'tabular-nums', overflowWrap: 'anywhere' }}
        {...(props.alarming ? { c: 'red' } : {})}
      >
        {props.value}
      </Text>
      <Text c="dimmed" fz="xs" mt={2}>
        {props.detail}
      </Text>
    </Card>
  );
}
