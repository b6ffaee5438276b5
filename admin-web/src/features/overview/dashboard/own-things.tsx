import { Anchor, Badge, Button, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { PluginAccount } from '@sluice/contract/plugin-api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../components/icon.tsx';
import type { Dashboard } from '../../../lib/api/dashboard.ts';
import { may, useSession } from '../../../lib/api/session.ts';
import { ownAccountsQuery } from '../api/own-accounts.ts';

/** Keys and credentials of the caller at a glance. */
export function OwnThings({ keys }: { keys: Dashboard['keys'] }): ReactNode {
  const { data: session } = useSession();
  const mayShare = may(session, 'sharing:own');
  const accounts = useQuery({ ...ownAccountsQuery, enabled: mayShare });
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
      <KeysCard keys={keys} />
      {accounts.data ? <AccountsCard accounts={accounts.data} /> : null}
    </SimpleGrid>
  );
}

function KeysCard({ keys }: { keys: Dashboard['keys'] }): ReactNode {
  const { t } = useTranslation('overview');
  return (
    <Card withBorder padding="lg">
      <Stack gap="sm" align="flex-start">
        <Group justify="space-between" w="100%">
          <Title order={2} fz={16}>
            {t('keys.title')}
          </Title>
          <Anchor fz="sm" renderRoot={(props) => <Link to="/keys" {...props} />}>
            {t('keys.open')}
          </Anchor>
        </Group>
        <Text fz="sm" c={keys.total === 0 ? 'dimmed' : undefined}>
          {keys.total === 0 ? t('keys.none') : t('keys.some', { count: keys.total, enabled: keys.enabled })}
        </Text>
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name="plus" size={15} />}
          renderRoot={(props) => <Link to="/keys" search={{ create: true }} {...props} />}
        >
          {t('quickStart.createKey')}
        </Button>
      </Stack>
    </Card>
  );
}

function AccountsCard({ accounts }: { accounts: readonly PluginAccount[] }): ReactNode {
  const { t } = useTranslation('overview');
  const shared = accounts.filter((account) => account.is_shared === 1).length;
  const broken = accounts.filter((account) => account.need_refresh || account.state === 'invalid').length;
  return (
    <Card withBorder padding="lg">
      <Stack gap="sm" align="flex-start">
        <Group justify="space-between" w="100%">
          <Title order={2} fz={16}>
            {t('accounts.title')}
          </Title>
          <Anchor fz="sm" renderRoot={(props) => <Link to="/accounts" {...props} />}>
            {t('accounts.open')}
          </Anchor>
        </Group>
        {accounts.length === 0 ? (
          <Text fz="sm" c="dimmed">
            {t('accounts.none')}
          </Text>
        ) : (
          <Group gap="xs">
            <Badge variant="light" size="lg">
              {t('accounts.shared', { count: shared })}
            </Badge>
            <Badge variant="light" size="lg" color="gray">
              {t('accounts.exclusive', { count: accounts.length - shared })}
            </Badge>
            {broken > 0 ? (
              <Badge variant="light" size="lg" color="red">
                {t('accounts.broken', { count: broken })}
              </Badge>
            ) : null}
          </Group>
        )}
        <Anchor fz="sm" renderRoot={(props) => <Link to="/quota" {...props} />}>
          {t('accounts.pool')}
        </Anchor>
      </Stack>
    </Card>
  );
}
