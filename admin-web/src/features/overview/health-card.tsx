import { Badge, Card, Divider, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Facts } from '../../components/facts.tsx';
import { HEALTH_PARTS, type Health } from '../../lib/api/health.ts';
import { formatDuration } from '../../lib/format.ts';

const COLORS = { healthy: 'green', degraded: 'yellow', unhealthy: 'red' } as const;

export function HealthCard({ health }: { health: Health }): ReactNode {
  const { t } = useTranslation(['overview', 'system']);
  const nameOf = (dependency: string): string => {
    const part = HEALTH_PARTS.find((known) => known === dependency);
    return part ? t(`system:parts.${part}.title`) : dependency;
  };
  return (
    <Card withBorder padding="lg" h="100%">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} fz={16}>
            {t('health.title')}
          </Title>
          <Badge color={COLORS[health.status]} variant="light">
            {t(`health.${health.status}`)}
          </Badge>
        </Group>
        {Object.entries(health.dependencies).map(([name, state]) => (
          <Group key={name} justify="space-between" wrap="nowrap">
            <Text fz="sm" style={{ overflowWrap: 'anywhere' }}>
              {nameOf(name)}
            </Text>
            <Badge color={state === 'up' ? 'green' : 'red'} variant="dot">
              {t(`health.${state}`)}
            </Badge>
          </Group>
        ))}
        <Divider />
        <Facts
          rows={[
            { label: t('health.version'), value: health.version },
            { label: t('health.build'), value: health.build.sha.slice(0, 12) },
            { label: t('health.runtime'), value: health.runtime },
            { label: t('health.uptime'), value: formatDuration(health.uptime * 1000) },
          ]}
        />
      </Stack>
    </Card>
  );
}
