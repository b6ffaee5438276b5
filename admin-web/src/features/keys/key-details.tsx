import { Badge, Button, Code, Group, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Facts } from '../../components/facts.tsx';
import { Icon } from '../../components/icon.tsx';
import { Identifier } from '../../components/identifier.tsx';
import { Part } from '../../components/part.tsx';
import { useFormat } from '../../lib/use-format.ts';
import type { Key } from './api/list-keys.ts';
import { KeyBadge } from './key-badge.tsx';
import { KeySwitch } from './key-switch.tsx';
import { KeyUsage } from './key-usage.tsx';
import { LimitUse } from './limit-use.tsx';

interface DetailsProps {
  apiKey: Key;
  onEdit: () => void;
  onCopy: () => void;
  onDelete: () => void;
}

export function KeyDetails({ apiKey, onEdit, onCopy, onDelete }: DetailsProps): ReactNode {
  const { t } = useTranslation('keys');
  return (
    <Stack gap="xl" pb="xl">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" gap="sm">
          <Title order={2} fz={20} style={{ overflowWrap: 'anywhere', flex: '1 1 200px' }}>
            {apiKey.name}
          </Title>
          <KeyBadge apiKey={apiKey} />
        </Group>
        {apiKey.description ? (
          <Text fz="sm" c="dimmed" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
            {apiKey.description}
          </Text>
        ) : null}
        <KeySwitch apiKey={apiKey} label={t('accept')} />
        <Group gap="sm">
          <Button onClick={onEdit}>{t('change')}</Button>
          <Button
            variant="default"
            leftSection={<Icon name="usage" size={16} />}
            renderRoot={(props) => <Link to="/usage" search={{ key: apiKey.id }} {...props} />}
          >
            {t('seeUsage')}
          </Button>
        </Group>
      </Stack>
      <Identity apiKey={apiKey} />
      <KeyUsage id={apiKey.id} />
      <Limits apiKey={apiKey} />
      <Rules apiKey={apiKey} />
      <Notes apiKey={apiKey} />
      <Part title={t('danger')}>
        <Text fz="sm" c="dimmed">
          {t('dangerText')}
        </Text>
        <Group gap="sm">
          <Button variant="default" leftSection={<Icon name="copy" size={16} />} onClick={onCopy}>
            {t('copyRules')}
          </Button>
          <Button variant="light" color="red" leftSection={<Icon name="trash" size={16} />} onClick={onDelete}>
            {t('delete')}
          </Button>
        </Group>
      </Part>
    </Stack>
  );
}

function Identity({ apiKey }: { apiKey: Key }): ReactNode {
  const { t } = useTranslation('keys');
  const format = useFormat();
  const instant = (time: string | null, absent: string): string =>
    time === null ? absent : `${format.dateTime(time)} (${format.age(time)})`;
  return (
    <Facts
      rows={[
        { label: t('preview'), value: <Code>{apiKey.preview}</Code> },
        { label: t('owner'), value: apiKey.owner ?? t('nobody') },
        { label: t('created'), value: instant(apiKey.created_at, '') },
        { label: t('lastUsed'), value: instant(apiKey.last_used_at, t('never')) },
        { label: t('expires'), value: instant(apiKey.expires_at, t('noEnd')) },
        {
          label: t('id'),
          value: <Identifier id={apiKey.id} />,
        },
      ]}
    />
  );
}

function Limits({ apiKey }: { apiKey: Key }): ReactNode {
  const { t } = useTranslation('keys');
  return (
    <Part title={t('limits')}>
      {apiKey.limits_used.length === 0 ? (
        <Text fz="sm" c="dimmed">
          {t('noLimitsText')}
        </Text>
      ) : (
        apiKey.limits_used.map((use) => <LimitUse key={use.measure} use={use} />)
      )}
    </Part>
  );
}

function Rules({ apiKey }: { apiKey: Key }): ReactNode {
  const { t } = useTranslation('keys');
  const isOpen = apiKey.models.includes('*');
  return (
    <Part title={t('rules')}>
      <Facts
        rows={[
          {
            label: t('models'),
            value: isOpen ? t('allModels') : apiKey.models.length === 0 ? t('noModels') : <Words of={apiKey.models} />,
          },
          {
            label: t('allowedIps'),
            value: apiKey.allowed_ips.length === 0 ? t('anyAddress') : <Words of={apiKey.allowed_ips} />,
          },
          { label: t('channel'), value: apiKey.channel ?? t('anyChannel') },
        ]}
      />
    </Part>
  );
}

function Words({ of }: { of: readonly string[] }): ReactNode {
  return (
    <Group gap={6} justify="flex-end">
      {of.map((word) => (
        <Badge key={word} variant="light" color="gray" maw="100%">
          {word}
        </Badge>
      ))}
    </Group>
  );
}

function Notes({ apiKey }: { apiKey: Key }): ReactNode {
  const { t } = useTranslation('keys');
  const notes = Object.entries(apiKey.metadata ?? {});
  if (notes.length === 0) return null;
  return (
    <Part title={t('metadata')}>
      <Facts rows={notes.map(([name, value]) => ({ label: name, value: String(value) }))} />
    </Part>
  );
}
