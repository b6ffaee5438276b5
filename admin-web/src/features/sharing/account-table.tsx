import { Badge, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { STANDING_COLORS, standingOf } from './account-state.ts';
import type { Account } from './api/accounts.ts';

export function AccountTable(props: { accounts: readonly Account[]; onOpen: (account: Account) => void }): ReactNode {
  const { t } = useTranslation('sharing');
  const format = useFormat();
  return (
    <ResourceTable
      caption={t('title')}
      rows={props.accounts}
      rowKey={({ id }) => id}
      onOpen={props.onOpen}
      columns={[
        { key: 'name', header: t('name'), render: ({ name }) => name },
        { key: 'upstream', header: t('upstream'), render: (account) => <Place account={account} /> },
        { key: 'use', header: t('use'), render: (account) => <SharingBadge account={account} /> },
        { key: 'state', header: t('state'), render: (account) => <AccountState account={account} /> },
        {
          key: 'models',
          header: t('models'),
          align: 'end',
          render: ({ models }) => format.count(models.length),
        },
        { key: 'created', header: t('added'), nowrap: true, render: (account) => format.date(account.created_at) },
      ]}
    />
  );
}

function Place({ account }: { account: Account }): ReactNode {
  const { t } = useTranslation('sharing');
  return (
    <>
      {account.upstream}
      <Text fz="xs" c="dimmed">
        {account.kind === 'oauth' ? (account.email ?? t('kinds.oauth')) : t('kinds.api_key')}
      </Text>
    </>
  );
}

export function SharingBadge({ account }: { account: Account }): ReactNode {
  const { t } = useTranslation('sharing');
  return (
    <Badge variant={account.is_shared === 1 ? 'light' : 'outline'} color={account.is_shared === 1 ? 'water' : 'gray'}>
      {t(account.is_shared === 1 ? 'shared' : 'own')}
    </Badge>
  );
}

export function AccountState({ account }: { account: Account }): ReactNode {
  const { t } = useTranslation('sharing');
  const standing = standingOf(account);
  return (
    <Group gap={6}>
      <Badge variant="light" color={STANDING_COLORS[standing]}>
        {t(`standing.${standing}.label`)}
      </Badge>
    </Group>
  );
}
