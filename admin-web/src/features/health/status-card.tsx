import { Alert, Anchor, List, Stack, Text } from '@mantine/core';
import type { LatestMetrics } from '@sluice/contract/monitoring';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import type { Health } from '../../lib/api/health.ts';
import { useFormat } from '../../lib/use-format.ts';
import { adviceFor } from './advice.ts';

const COLORS = { healthy: 'green', degraded: 'yellow', unhealthy: 'red' } as const;

/** The answer in one word, and below it what to do, if anything. */
export function StatusCard(props: { health: Health; alerts: LatestMetrics['alerts'] | undefined }): ReactNode {
  const { t } = useTranslation('system');
  const format = useFormat();
  const { health, alerts } = props;
  const advice = adviceFor(health);
  return (
    <Alert
      color={COLORS[health.status]}
      variant="light"
      icon={<Icon name={health.status === 'healthy' ? 'check' : 'alert'} />}
      title={t(`status.${health.status}`)}
      role="status"
    >
      <Stack gap="xs">
        <Text fz="sm">{t(`statusText.${health.status}`)}</Text>
        {advice.length > 0 ? (
          <List fz="sm" spacing={6}>
            {advice.map((name) => (
              <List.Item key={name}>{t(`advice.${name}`)}</List.Item>
            ))}
          </List>
        ) : null}
        {alerts && alerts.active > 0 ? (
          <Anchor fz="sm" renderRoot={(root) => <Link to="/alerts" {...root} />}>
            {t('alerts', { count: alerts.active })}
          </Anchor>
        ) : null}
        <Text fz="xs" c="dimmed">
          {t('asOf', { time: format.dateTime(health.timestamp) })}
        </Text>
      </Stack>
    </Alert>
  );
}
