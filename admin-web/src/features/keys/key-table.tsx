import { ActionIcon, Code, Group, Stack, Text, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { ResourceTable, type ResourceTableProps } from '../../components/resource-table.tsx';
import { useFormat } from '../../lib/use-format.ts';
import type { Key } from './api/list-keys.ts';
import { KeyBadge } from './key-badge.tsx';
import { KeySwitch } from './key-switch.tsx';
import { tightest } from './limit-share.ts';
import { LimitUse } from './limit-use.tsx';

interface TableProps {
  keys: readonly Key[];
  /** With a column of whose they are. */
  withOwner: boolean;
  onOpen: (key: Key) => void;
  onDelete: (key: Key) => void;
}

export function KeyTable({ keys, withOwner, onOpen, onDelete }: TableProps): ReactNode {
  const { t } = useTranslation('keys');
  const columns: ResourceTableProps<Key>['columns'] = [
    { key: 'name', header: t('name'), render: (key) => <KeyName apiKey={key} /> },
    ...(withOwner ? [{ key: 'owner', header: t('owner'), render: (key: Key) => key.owner ?? t('nobody') }] : []),
    { key: 'state', header: t('state'), render: (key) => <KeyBadge apiKey={key} /> },
    { key: 'limits', header: t('limits'), render: (key) => <TightestLimit apiKey={key} /> },
    { key: 'models', header: t('models'), render: (key) => <AllowedModels models={key.models} /> },
    {
      key: 'lastUsed',
      header: t('lastUsed'),
      nowrap: true,
      render: (key) => <Instant value={key.last_used_at} absent={t('never')} />,
    },
    {
      key: 'expires',
      header: t('expires'),
      nowrap: true,
      render: (key) => <Instant value={key.expires_at} absent={t('noEnd')} />,
    },
  ];
  return (
    <ResourceTable
      caption={t('title')}
      rows={keys}
      rowKey={(key) => key.id}
      columns={columns}
      onOpen={onOpen}
      actionsLabel={t('actions')}
      actions={(key) => <KeyActions apiKey={key} onDelete={() => onDelete(key)} />}
    />
  );
}

function Instant({ value, absent }: { value: string | null; absent: string }): ReactNode {
  const format = useFormat();
  if (value === null) {
    return (
      <Text c="dimmed" fz="sm" span>
        {absent}
      </Text>
    );
  }
  return <span title={format.dateTime(value)}>{format.age(value)}</span>;
}

function KeyName({ apiKey }: { apiKey: Key }): ReactNode {
  return (
    <Stack gap={2} align="flex-start" component="span">
      <Text fz="sm" fw={600} span style={{ overflowWrap: 'anywhere' }}>
        {apiKey.name}
      </Text>
      <Code fz={12} fw={400} style={{ whiteSpace: 'nowrap' }}>
        {apiKey.preview}
      </Code>
    </Stack>
  );
}

function TightestLimit({ apiKey }: { apiKey: Key }): ReactNode {
  const { t } = useTranslation('keys');
  const use = tightest(apiKey.limits_used);
  if (use) return <LimitUse use={use} brief />;
  return (
    <Text c="dimmed" fz="sm" span>
      {t('noLimits')}
    </Text>
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
  return (
    <Group gap="sm" wrap="nowrap" justify="flex-end">
      <KeySwitch apiKey={apiKey} />
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
