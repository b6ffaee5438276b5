import { Alert, Button, Group, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { SecretOnce } from '../../components/secret-once.tsx';
import { useDeleteUser } from './api/delete-user.ts';
import { useResetPassword } from './api/reset-password.ts';
import type { User } from './api/users.ts';

/** A new password, and the user's end. */
export function UserDanger({ user, onDeleted }: { user: User; onDeleted: () => void }): ReactNode {
  const { t } = useTranslation('users');
  const [asking, setAsking] = useState<'password' | 'delete' | null>(null);
  const reset = useResetPassword(user.id);
  const deletion = useDeleteUser();
  const close = (): void => setAsking(null);
  return (
    <Stack gap="md">
      <Title order={3} fz={16}>
        {t('access')}
      </Title>
      {reset.error && asking === null ? <ErrorState error={reset.error} /> : null}
      {reset.data ? <ResetResult {...reset.data} name={user.username} /> : null}
      <Group gap="sm">
        {user.email === null ? null : (
          <Button variant="default" loading={reset.isPending} onClick={() => reset.mutate('mail')}>
            {t('mailReset')}
          </Button>
        )}
        <Button variant="default" onClick={() => setAsking('password')}>
          {t('temporaryPassword')}
        </Button>
        <Button variant="light" color="red" onClick={() => setAsking('delete')}>
          {t('delete')}
        </Button>
      </Group>
      <ConfirmDialog
        opened={asking === 'password'}
        title={t('temporaryTitle')}
        text={t('temporaryText', { name: user.username })}
        confirmLabel={t('temporaryPassword')}
        pending={reset.isPending}
        error={reset.error}
        onConfirm={() => reset.mutate('temporary', { onSuccess: close })}
        onClose={close}
      />
      <ConfirmDialog
        opened={asking === 'delete'}
        title={t('deleteTitle')}
        text={t('deleteText', { name: user.username })}
        confirmLabel={t('delete')}
        pending={deletion.isPending}
        error={deletion.error}
        onConfirm={() => deletion.mutate(user.id, { onSuccess: onDeleted })}
        onClose={close}
      />
    </Stack>
  );
}

function ResetResult(props: { mail: string | null; temporary_password: string | null; name: string }): ReactNode {
  const { t } = useTranslation('users');
  const { mail, temporary_password: password, name } = props;
  if (password !== null) return <SecretOnce secrets={[{ name, secret: password }]} />;
  return (
    <Alert color={mail === 'sent' ? 'green' : 'yellow'} variant="light">
      <Text fz="sm">{t(mail === 'sent' ? 'mailSent' : 'mailNotSent')}</Text>
    </Alert>
  );
}
