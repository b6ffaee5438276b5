import { Badge, Card, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { HEALTH_PARTS, type Health } from '../../lib/api/health.ts';

const BINDINGS = ['db', 'kv_cache', 'assets'] as const;

/** What the gateway stands on, piece by piece. */
export function PartsCard({ health }: { health: Health }): ReactNode {
  const { t } = useTranslation('system');
  const known = HEALTH_PARTS.filter((name) => name in health.dependencies);
  const others = Object.keys(health.dependencies).filter((name) => !HEALTH_PARTS.some((part) => part === name));
  return (
    <Card withBorder padding="lg">
      <Stack gap="md">
        <Group justify="space-between">
          <Title order={2} fz={16}>
            {t('parts.title')}
          </Title>
          <Badge variant="light" color={health.database === 'connected' ? 'green' : 'red'}>
            {t(`database.${health.database}`)}
          </Badge>
        </Group>
        <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: 'none' }}>
          {known.map((name) => (
            <Part
              key={name}
              title={t(`parts.${name}.title`)}
              text={t(`parts.${name}.text`)}
              isUp={health.dependencies[name] === 'up'}
            />
          ))}
          {others.map((name) => (
            <Part key={name} title={name} text="" isUp={health.dependencies[name] === 'up'} />
          ))}
        </Stack>
        <Group gap="xs">
          {BINDINGS.map((name) => (
            <Badge key={name} variant="light" color={health.bindings[name] ? 'gray' : 'red'}>
              {t(`bindings.${name}`)}: {t(health.bindings[name] ? 'up' : 'down')}
            </Badge>
          ))}
        </Group>
      </Stack>
    </Card>
  );
}

function Part({ title, text, isUp }: { title: string; text: string; isUp: boolean }): ReactNode {
  const { t } = useTranslation('system');
  return (
    <Group component="li" justify="space-between" wrap="nowrap" align="flex-start" gap="md">
      <Stack gap={0} miw={0}>
        <Text fz="sm" fw={600}>
          {title}
        </Text>
        <Text fz="xs" c="dimmed">
          {text}
        </Text>
      </Stack>
      <Badge color={isUp ? 'green' : 'red'} variant={isUp ? 'light' : 'filled'} autoContrast>
        {t(isUp ? 'up' : 'down')}
      </Badge>
    </Group>
  );
}
