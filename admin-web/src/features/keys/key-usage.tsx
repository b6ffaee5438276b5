import { Card, SimpleGrid, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Part } from '../../components/part.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { keyUsageQuery } from './api/key-usage.ts';

const PERIODS = [
  { name: 'day', hours: 24 },
  { name: 'month', hours: 30 * 24 },
] as const;

/** Requests, tokens and cost of the last day and the last thirty. */
export function KeyUsage({ id }: { id: string }): ReactNode {
  const { t } = useTranslation('keys');
  return (
    <Part title={t('usage')}>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        {PERIODS.map(({ name, hours }) => (
          <Period key={name} id={id} hours={hours} title={t(`periods.${name}`)} />
        ))}
      </SimpleGrid>
    </Part>
  );
}

function Period({ id, hours, title }: { id: string; hours: number; title: string }): ReactNode {
  const { t } = useTranslation('keys');
  const format = useFormat();
  const usage = useQuery(keyUsageQuery(id, hours));
  return (
    <Card withBorder padding="md">
      <Text c="dimmed" fz="sm">
        {title}
      </Text>
      <QueryView query={usage} skeleton={[28, 18]}>
        {(stats) => (
          <>
            <Text fz={22} fw={650}>
              {format.money(stats.cost_micros)}
            </Text>
            <Text fz="sm">
              {t('requestsAndTokens', {
                requests: format.count(stats.total_requests),
                tokens: format.compact(stats.total_tokens),
              })}
            </Text>
            <Text fz="sm" c="dimmed">
              {stats.failed_requests === 0
                ? t('noneFailed')
                : t('someFailed', { failed: format.count(stats.failed_requests) })}
            </Text>
          </>
        )}
      </QueryView>
    </Card>
  );
}
