import { Card, Code, Stack, Title } from '@mantine/core';
import type { LatestMetrics } from '@sluice/contract/monitoring';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Facts } from '../../components/facts.tsx';
import type { Health } from '../../lib/api/health.ts';
import { formatBytes, formatDuration } from '../../lib/format.ts';

/** Which version runs, since when, and on what. */
export function AboutCard({ health, metrics }: { health: Health; metrics: LatestMetrics | undefined }): ReactNode {
  const { t, i18n } = useTranslation('system');
  const inFlight = metrics ? (metrics.inFlight ?? t('about.many')) : null;
  return (
    <Card withBorder padding="lg">
      <Stack gap="md">
        <Title order={2} fz={16}>
          {t('about.title')}
        </Title>
        <Facts
          rows={[
            { label: t('about.version'), value: health.version },
            { label: t('about.build'), value: <Code>{health.build.sha.slice(0, 12)}</Code> },
            { label: t('about.service'), value: health.service },
            { label: t('about.runtime'), value: health.runtime },
            { label: t('about.uptime'), value: formatDuration(health.uptime * 1000) },
            ...(metrics
              ? [
                  { label: t('about.memory'), value: formatBytes(metrics.process.memoryBytes, i18n.language) },
                  { label: t('about.inFlight'), value: inFlight },
                ]
              : []),
          ]}
        />
      </Stack>
    </Card>
  );
}
