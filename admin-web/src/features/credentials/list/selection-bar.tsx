import { Button, Card, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { BATCH_ACTIONS, type BatchAction } from '../api/batch-credentials.ts';

/** How many are chosen, and what can be done with them. Stays in sight while the list is scrolled. */
export function SelectionBar(props: {
  count: number;
  onAction: (action: BatchAction) => void;
  onClear: () => void;
}): ReactNode {
  const { t } = useTranslation('credentials');
  return (
    <Card
      withBorder
      padding="xs"
      role="toolbar"
      aria-label={t('selectionBar')}
      pos="sticky"
      top="calc(var(--app-shell-header-height, 60px) + 8px)"
      style={{ zIndex: 3 }}
      shadow="sm"
    >
      <Group gap="xs" justify="space-between">
        <Group gap="xs">
          <Text fz="sm" fw={600} px={6} aria-live="polite">
            {t('chosen', { count: props.count })}
          </Text>
          <Button size="xs" variant="subtle" onClick={props.onClear}>
            {t('clearSelection')}
          </Button>
        </Group>
        <Group gap="xs">
          {BATCH_ACTIONS.map((action) => (
            <Button
              key={action}
              size="xs"
              variant={action === 'delete' ? 'light' : 'default'}
              {...(action === 'delete' ? { color: 'red' } : {})}
              onClick={() => props.onAction(action)}
            >
              {t(`bulk.${action}.verb`)}
            </Button>
          ))}
        </Group>
      </Group>
    </Card>
  );
}
