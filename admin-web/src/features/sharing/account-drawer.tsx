import { Button, Group, Stack, Switch, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { displayName } from '@sluice/contract/names';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DetailsDrawer } from '../../components/details-drawer.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { DeleteDialog } from '../../components/delete-dialog.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { Facts } from '../../components/facts.tsx';
import { Identifier } from '../../components/identifier.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { AccountQuotas } from './account-quotas.tsx';
import { standingOf } from './account-state.ts';
import { AccountState, SharingBadge } from './account-table.tsx';
import { useChangeAccount, useDeleteAccount, type Account } from './api/accounts.ts';
import type { Places } from './api/places.ts';
import { SignInDialog } from './sign-in-dialog.tsx';

interface DrawerProps {
  account: Account | null;
  places: Places | undefined;
  onClose: () => void;
}

/** One credential of the caller: how it stands, for whom and for what it is used, its end. */
export function AccountDrawer({ account, places, onClose }: DrawerProps): ReactNode {
  const { t } = useTranslation('sharing');
  return (
    <DetailsDrawer open={account} onClose={onClose} title={t('details')} closeLabel={t('closeDetails')}>
      {(shown) => (
        <Stack key={shown.id} gap="xl" pb="xl">
          <Summary account={shown} />
          <Use account={shown} mayShare={places?.may_bring === true} />
          <AccountQuotas id={shown.id} />
          <NameForm account={shown} />
          <Danger account={shown} places={places} onDeleted={onClose} />
        </Stack>
      )}
    </DetailsDrawer>
  );
}

function Summary({ account }: { account: Account }): ReactNode {
  const { t } = useTranslation('sharing');
  const format = useFormat();
  return (
    <Stack gap="sm">
      <Title order={2} fz={20} style={{ overflowWrap: 'anywhere' }}>
        {account.name}
      </Title>
      <Group gap="xs">
        <AccountState account={account} />
        <SharingBadge account={account} />
      </Group>
      <Text fz="sm" c="dimmed">
        {t(`standing.${standingOf(account)}.text`)}
      </Text>
      <Facts
        rows={[
          { label: t('upstream'), value: account.upstream },
          { label: t('kind'), value: t(account.kind === 'oauth' ? 'kinds.oauth' : 'kinds.api_key') },
          ...(account.email === null ? [] : [{ label: t('signedInAs'), value: account.email }]),
          ...(account.expires_at === null
            ? []
            : [{ label: t('accessUntil'), value: format.dateTime(account.expires_at) }]),
          { label: t('added'), value: format.dateTime(account.created_at) },
          {
            label: t('id'),
            value: <Identifier id={account.id} />,
          },
        ]}
      />
    </Stack>
  );
}

/** In use or not; for the owner alone, or for others too. Sharing is asked about, since others will spend of it. */
function Use({ account, mayShare }: { account: Account; mayShare: boolean }): ReactNode {
  const { t } = useTranslation('sharing');
  const change = useChangeAccount(account.id);
  const [asking, setAsking] = useState(false);
  const isShared = account.is_shared === 1;
  const close = (): void => setAsking(false);
  return (
    <Stack gap="md">
      <Title order={3} fz={16}>
        {t('use')}
      </Title>
      {change.error && !asking ? <ErrorState error={change.error} /> : null}
      <Switch
        label={t('inUse')}
        description={t(account.disabled_by_operator ? 'offByOperatorHint' : 'inUseHint')}
        checked={account.status === 1}
        disabled={change.isPending}
        onChange={(event) => change.mutate({ status: event.currentTarget.checked ? 1 : 0 })}
      />
      <Switch
        label={t('share')}
        description={t('shareHint')}
        checked={isShared}
        disabled={change.isPending || (!isShared && !mayShare)}
        onChange={() => setAsking(true)}
      />
      <ConfirmDialog
        opened={asking}
        title={t(isShared ? 'keepTitle' : 'shareTitle')}
        text={t(isShared ? 'keepText' : 'shareText', { name: account.name })}
        confirmLabel={t(isShared ? 'keep' : 'shareIt')}
        pending={change.isPending}
        error={change.error}
        onConfirm={() => change.mutate({ is_shared: isShared ? 0 : 1 }, { onSuccess: close })}
        onClose={close}
      />
    </Stack>
  );
}

function NameForm({ account }: { account: Account }): ReactNode {
  const { t } = useTranslation('sharing');
  const change = useChangeAccount(account.id);
  const form = useForm({
    initialValues: { name: account.name },
    validate: { name: (name) => (displayName.safeParse(name.trim()).success ? null : t('nameInvalid')) },
  });
  const name = form.values.name.trim();
  return (
    <form onSubmit={form.onSubmit(() => change.mutate({ name }))} noValidate>
      <Stack gap="sm">
        {change.error ? <ErrorState error={change.error} /> : null}
        <Group align="flex-end" gap="sm">
          <TextInput label={t('name')} style={{ flex: '1 1 200px' }} {...form.getInputProps('name')} />
          <Button type="submit" variant="default" loading={change.isPending} disabled={name === account.name}>
            {t('rename')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Danger({
  account,
  places,
  onDeleted,
}: {
  account: Account;
  places: Places | undefined;
  onDeleted: () => void;
}) {
  const { t } = useTranslation('sharing');
  const deletion = useDeleteAccount();
  const [asking, setAsking] = useState<'delete' | 'sign-in' | null>(null);
  const close = (): void => setAsking(null);
  return (
    <Group gap="sm">
      {account.kind === 'oauth' ? (
        <Button variant="default" onClick={() => setAsking('sign-in')}>
          {t('signInAgain')}
        </Button>
      ) : null}
      <Button variant="light" color="red" onClick={() => setAsking('delete')}>
        {t('delete')}
      </Button>
      <SignInDialog target={asking === 'sign-in' ? account : null} places={places} onClose={close} />
      <DeleteDialog
        target={asking === 'delete' ? account : null}
        title={t('deleteTitle')}
        text={({ name, is_shared: shared }) => t(shared === 1 ? 'deleteSharedText' : 'deleteText', { name })}
        confirmLabel={t('delete')}
        deletion={deletion}
        idOf={({ id }) => id}
        onDeleted={onDeleted}
        onClose={close}
      />
    </Group>
  );
}
