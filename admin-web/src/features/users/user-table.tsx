import { Badge, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useFormat } from '../../lib/use-format.ts';
import type { User } from './api/users.ts';

export function UserTable({ users, onOpen }: { users: readonly User[]; onOpen: (user: User) => void }): ReactNode {
  const { t } = useTranslation(['users', 'common']);
  const format = useFormat();
  return (
    <ResourceTable
      caption={t('title')}
      rows={users}
      rowKey={(user) => user.id}
      onOpen={onOpen}
      columns={[
        { key: 'name', header: t('name'), render: (user) => user.username },
        {
          key: 'email',
          header: t('email'),
          render: (user) => (
            <Text fz="sm" c={user.email ? undefined : 'dimmed'} style={{ overflowWrap: 'anywhere' }}>
              {user.email ?? t('noEmail')}
            </Text>
          ),
        },
        { key: 'role', header: t('role'), nowrap: true, render: (user) => t(`common:role.${user.role}`) },
        { key: 'state', header: t('state'), render: (user) => <UserStates user={user} /> },
        { key: 'trust', header: t('trust'), align: 'end', render: (user) => format.count(user.trust_level) },
        { key: 'created', header: t('created'), nowrap: true, render: (user) => format.date(user.created_at) },
      ]}
    />
  );
}

/** Everything that sets a user apart from one who may do all that the role allows. */
export function UserStates({ user }: { user: User }): ReactNode {
  const { t } = useTranslation('users');
  const states = [
    ...(user.is_active ? [] : [{ text: t('states.disabled'), color: 'red' }]),
    ...(user.is_silenced ? [{ text: t('states.silenced'), color: 'orange' }] : []),
    ...(user.is_verified ? [] : [{ text: t('states.unverified'), color: 'yellow' }]),
    ...(user.must_change_password ? [{ text: t('states.mustChangePassword'), color: 'yellow' }] : []),
  ];
  if (states.length === 0) states.push({ text: t('states.active'), color: 'green' });
  return (
    <Stack gap={4}>
      <Group gap={6} justify="flex-start">
        {states.map(({ text, color }) => (
          <Badge key={text} variant="light" color={color}>
            {text}
          </Badge>
        ))}
      </Group>
    </Stack>
  );
}
