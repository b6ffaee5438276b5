import { ActionIcon, Badge, Code, Group, Stack, Switch, Text, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useErrorText } from '../../lib/use-error-text.ts';
import { useFormat } from '../../lib/use-format.ts';
import { useChangeKey } from './api/change-key.ts';
import type { Key } from './api/list-keys.ts';
import { keyState } from './key-state.ts';

export function KeyTable({ keys, onDelete }: { keys: readonly Key[]; onDelete: (key: Key) => void }): ReactNode {
  const { t } = useTranslation('keys');
  const format = useFormat();
  return (
    <ResourceTable
      caption={t('title')}
      rows={keys}
      rowKey={(key) => key.id}
      columns={[
        { key: 'name', header: t('name'), render: (key) => <KeyName apiKey={key} /> },
        { key: 'state', header: t('state'), render: (key) => <KeyStateBadge apiKey={key} /> },
        { key: 'models', header: t('models'), render: (key) => <AllowedModels models={key.models} /> },
        {
          key: 'lastUsed',
          header: t('lastUsed'),
          nowrap: true,
          render: (key) => (key.last_used_at ? format.age(key.last_used_at) : t('never')),
        },
        { key: 'created', header: t('created'), nowrap: true, render: (key) => format.date(key.created_at) },
      ]}
      actionsLabel={t('actions')}
      actions={(key) => <KeyActions apiKey={key} onDelete={() => onDelete(key)} />}
    />
  );
}

function KeyName({ apiKey }: { apiKey: Key }): ReactNode {
  return (
    <Stack gap={2} align="flex-start">
      <Text fz="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
        {apiKey.name}
      </Text>
      <Code fz={12} fw={400}>
        {apiKey.preview}
      </Code>
    </Stack>
  );
}

const STATE_COLORS = { active: 'green', disabled: 'gray', expired: 'orange' } as const;

function KeyStateBadge({ apiKey }: { apiKey: Key }): ReactNode {
  const { t } = useTranslation('keys');
  const state = keyState(apiKey, Date.now());
  return (
    <Badge variant="light" color={STATE_COLORS[state]}>
      {t(`states.${state}`)}
    </Badge>
  );
}

const NAMED_MODELS = 2;

function AllowedModels({ models }: { models: readonly string[] }): ReactNode {
  const { t } = useTranslation('keys');
  if (models.includes('*')) return t('allModels');
  if (models.length === 0) return t('noModels');
  const more = models.length - NAMED_MODELS;
  return (
    <Text fz="sm" title={models.join(', ')}>
      {models.slice(0, NAMED_MODELS).join(', ')}
      {more > 0 ? ` ${t('moreModels', { more })}` : ''}
    </Text>
  );
}

function KeyActions({ apiKey, onDelete }: { apiKey: Key; onDelete: () => void }): ReactNode {
  const { t } = useTranslation('keys');
  const change = useChangeKey();
  const errorText = useErrorText();
  // Optimistic: the switch shows what was asked for until the list says what is.
  const active = change.isPending ? (change.variables.change.is_active ?? apiKey.is_active) : apiKey.is_active;
  const toggle = (isActive: boolean): void =>
    change.mutate(
      { id: apiKey.id, change: { is_active: isActive } },
      { onError: (error) => notifications.show({ color: 'red', message: errorText(error) }) },
    );
  return (
    <Group gap="sm" wrap="nowrap" justify="flex-end">
      <Switch
        checked={active}
        onChange={(event) => toggle(event.currentTarget.checked)}
        aria-label={t('acceptKey', { name: apiKey.name })}
      />
      <Tooltip label={t('delete')}>
        <ActionIcon
          variant="subtle"
          color="red"
          size="lg"
          aria-label={t('deleteKey', { name: apiKey.name })}
          onClick={onDelete}
        >
          <Icon name="trash" />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
