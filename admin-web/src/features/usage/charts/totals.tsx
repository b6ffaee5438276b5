import { Card, SimpleGrid, Text } from '@mantine/core';
import type { UsageStats } from '@sluice/contract/usage';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDuration } from '../../../lib/format.ts';
import { useFormat } from '../../../lib/use-format.ts';

/** The sums of what the chart and the table show. */
export function Totals({ stats }: { stats: UsageStats }): ReactNode {
  const { t } = useTranslation('usage');
  const format = useFormat();
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, md: 5 }} spacing="sm">
      <Total
        label={t('measures.requests')}
        value={format.count(stats.total_requests)}
        note={t('succeeded', { count: stats.success_requests, text: format.count(stats.success_requests) })}
      />
      <Total
        label={t('tokens')}
        value={format.compact(stats.total_tokens)}
        note={t('inOut', { input: format.compact(stats.input_tokens), output: format.compact(stats.output_tokens) })}
      />
      <Total
        label={t('cachedInput')}
        value={format.share(stats.cached_tokens, stats.input_tokens) ?? '–'}
        note={t('cachedTokens', { text: format.compact(stats.cached_tokens) })}
      />
      <Total
        label={t('cost')}
        value={format.money(stats.cost_micros)}
        note={t('perRequest', { cost: format.money(Math.round(stats.cost_micros / stats.total_requests)) })}
      />
      <Total
        label={t('measures.errors')}
        value={format.share(stats.failed_requests, stats.total_requests) ?? '–'}
        note={t('averageDuration', { time: formatDuration(stats.avg_duration_ms) })}
      />
    </SimpleGrid>
  );
}

function Total({ label, value, note }: { label: string; value: string; note: string }): ReactNode {
  return (
    <Card withBorder padding="md">
      <Text fz="sm" c="dimmed">
        {label}
      </Text>
      <Text fz={22} fw={650} lh={1.3} style={{ fontVariantNumeric: 'tabular-nums', overflowWrap: 'anywhere' }}>
        {value}
      </Text>
      <Text fz="xs" c="dimmed">
        {note}
      </Text>
    </Card>
  );
}
