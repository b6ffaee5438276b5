import { Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DetailsDrawer } from '../../components/details-drawer.tsx';
import { Facts } from '../../components/facts.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { userQuery } from './api/show-user.ts';
import type { User } from './api/users.ts';
import { UserDanger } from './user-danger.tsx';
import { UserLimits } from './user-limits.tsx';
import { UserPlan } from './user-plan.tsx';
import { UserStanding } from './user-standing.tsx';
import { UserStates } from './user-table.tsx';

/** One user: standing, plan, password, end. Open while there is an id. */
export function UserDrawer({ id, onClose }: { id: string | null; onClose: () => void }): ReactNode {
  const { t } = useTranslation('users');
  return (
    <DetailsDrawer open={id} onClose={onClose} title={t('details')} closeLabel={t('closeDetails')}>
      {(shown) => <UserDetails key={shown} id={shown} onDeleted={onClose} />}
    </DetailsDrawer>
  );
}

function UserDetails({ id, onDeleted }: { id: string; onDeleted: () => void }): ReactNode {
  const user = useQuery(userQuery(id));
  return (
    <QueryView query={user}>
      {(data) => (
        <Stack gap="xl" pb="xl">
          <Summary user={data} />
          <UserStanding user={data} />
          <UserLimits user={data} />
          <UserPlan userId={data.id} />
          <UserDanger user={data} onDeleted={onDeleted} />
        </Stack>
      )}
    </QueryView>
  );
}

function Summary({ user }: { user: User }): ReactNode {
  const { t } = useTranslation('users');
  const format = useFormat();
  return (
    <Stack gap="sm">
      <Title order={2} fz={20} style={{ overflowWrap: 'anywhere' }}>
        {user.username}
      </Title>
      <UserStates user={user} />
      <Facts
        rows={[
          { label: t('email'), value: user.email ?? t('noEmail') },
          { label: t('created'), value: format.dateTime(user.created_at) },
          {
            label: t('id'),
            value: (
              <Text ff="monospace" fz="sm">
                {user.id}
              </Text>
            ),
          },
        ]}
      />
    </Stack>
  );
}
