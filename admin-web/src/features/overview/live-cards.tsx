import { Anchor, Badge, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { LatestMetrics } from '@sluice/contract/monitoring';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Facts } from '../../components/facts.tsx';
import { formatDuration } from '../../lib/format.ts';
import { useFormat } from '../../lib/use-format.ts';

/** What goes on this minute, how the pool is, and what fires. */
export function LiveCards({ metrics }: { metrics: LatestMetrics }): ReactNode {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="lg">
      <NowCard metrics={metrics} />
      <PoolCard credentials={metrics.credentials} />
      <AlertsCard alerts={metrics.alerts} />
    </SimpleGrid>
  );
}

function TitledCard(props: { title: string; aside?: ReactNode; children: ReactNode }): ReactNode {
  return (
    <Card withBorder padding="lg">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} fz={16}>
            {props.title}
          </Title>
          {props.aside}
        </Group>
        {props.children}
      </Stack>
    </Card>
  );
}

const MINUTES = 5;

function NowCard({ metrics }: { metrics: LatestMetrics }): ReactNode {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const { last5Minutes: last, inFlight } = metrics;
  return (
    <TitledCard title={t('now.title')}>
      <Facts
        rows={[
          { label: t('now.inFlight'), value: inFlight === null ? t('now.many') : format.count(inFlight) },
          {
            label: t('now.perMinute'),
            value: format.count(Math.round((last.requests / MINUTES) * 10) / 10),
          },
          {
            label: t('errorRate'),
            value: last.errorRatePercent === null ? '–' : `${format.count(last.errorRatePercent)} %`,
          },
          {
            label: t('now.firstByte'),
            value: last.p95FirstByteMs === null ? '–' : formatDuration(last.p95FirstByteMs),
          },
        ]}
      />
    </TitledCard>
  );
}

const STATES = ['active', 'cooling', 'exhausted', 'unknown', 'disabled', 'invalid'] as const;
const COLORS = {
  active: 'green',
  cooling: 'yellow',
  exhausted: 'orange',
  unknown: 'gray',
  disabled: 'gray',
  invalid: 'red',
} as const;

function PoolCard({ credentials }: { credentials: LatestMetrics['credentials'] }): ReactNode {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const present = STATES.filter((state) => (credentials[state] ?? 0) > 0);
  return (
    <TitledCard
      title={t('pool.title')}
      aside={
        <Anchor fz="sm" renderRoot={(root) => <Link to="/credentials" {...root} />}>
          {t('pool.open')}
        </Anchor>
      }
    >
      {present.length === 0 ? (
        <Text fz="sm" c="dimmed">
          {t('pool.none')}
        </Text>
      ) : (
        <Group gap="xs">
          {present.map((state) => (
            <Badge key={state} variant="light" color={COLORS[state]} size="lg">
              {t(`pool.states.${state}`)} {format.count(credentials[state] ?? 0)}
            </Badge>
          ))}
        </Group>
      )}
    </TitledCard>
  );
}

function AlertsCard({ alerts }: { alerts: LatestMetrics['alerts'] }): ReactNode {
  const { t } = useTranslation('overview');
  const format = useFormat();
  return (
    <TitledCard
      title={t('alerts.title')}
      aside={
        <Anchor fz="sm" renderRoot={(root) => <Link to="/alerts" {...root} />}>
          {t('alerts.open')}
        </Anchor>
      }
    >
      <Group gap="xs">
        <Badge size="lg" variant="light" color={alerts.critical > 0 ? 'red' : alerts.active > 0 ? 'orange' : 'green'}>
          {alerts.active === 0 ? t('alerts.none') : t('alerts.active', { count: alerts.active })}
        </Badge>
      </Group>
      <Text fz="xs" c="dimmed">
        {alerts.evaluatedAt === null
          ? t('alerts.never')
          : t('alerts.evaluated', { age: format.age(alerts.evaluatedAt) })}
      </Text>
    </TitledCard>
  );
}
