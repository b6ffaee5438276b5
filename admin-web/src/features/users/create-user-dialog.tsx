import { Alert, Button, Group, PasswordInput, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { FormActions } from '../../components/form-actions.tsx';
import { useCreateUser } from './api/create-user.ts';
import { faultsOf, inputOf, type NewUser } from './new-user.ts';
import { ROLES } from './users-search.ts';

/** Makes a user with a first password, or invites one by mail. */
export function CreateUserDialog({ opened, onClose }: { opened: boolean; onClose: () => void }): ReactNode {
  const { t } = useTranslation('users');
  const create = useCreateUser();
  const close = (): void => {
    create.reset();
    onClose();
  };
  return (
    <Dialog opened={opened} onClose={close} title={t('create')} centered size="lg">
      {create.data ? (
        <Stack gap="lg">
          <Alert color={create.data.invitation === 'failed' ? 'yellow' : 'green'} variant="light">
            {t(`createdAs.${create.data.invitation ?? 'withPassword'}`, { name: create.data.username })}
          </Alert>
          <Group justify="flex-end">
            <Button onClick={close}>{t('done')}</Button>
          </Group>
        </Stack>
      ) : (
        <UserForm create={create} onCancel={close} />
      )}
    </Dialog>
  );
}

function UserForm(props: { create: ReturnType<typeof useCreateUser>; onCancel: () => void }): ReactNode {
  const { t } = useTranslation(['users', 'common']);
  const form = useForm<NewUser>({
    initialValues: { way: 'invite', username: '', email: '', password: '', role: 'user' },
    validate: (values) => {
      const faults = faultsOf(values);
      // An invitation needs an address; the contract calls that a missing password.
      const noAddress = values.way === 'invite' && values.email.trim() === '';
      return {
        ...(faults['username'] ? { username: t('usernameInvalid') } : {}),
        ...(noAddress || faults['email'] ? { email: t('emailInvalid') } : {}),
        ...(values.way === 'password' && faults['password'] ? { password: t('passwordInvalid') } : {}),
      };
    },
  });
  const isInvited = form.values.way === 'invite';
  return (
    <form onSubmit={form.onSubmit((values) => props.create.mutate(inputOf(values)))} noValidate>
      <Stack gap="md">
        {props.create.error ? <ErrorState error={props.create.error} /> : null}
        <SegmentedControl
          fullWidth
          aria-label={t('way')}
          data={[
            { value: 'invite', label: t('ways.invite') },
            { value: 'password', label: t('ways.password') },
          ]}
          {...form.getInputProps('way')}
        />
        <Text fz="sm" c="dimmed">
          {t(isInvited ? 'inviteHint' : 'passwordHint')}
        </Text>
        <TextInput
          label={t('name')}
          autoComplete="off"
          autoCapitalize="none"
          data-autofocus
          {...form.getInputProps('username')}
        />
        <TextInput
          label={t(isInvited ? 'email' : 'emailOptional')}
          type="email"
          autoComplete="off"
          {...form.getInputProps('email')}
        />
        {isInvited ? null : (
          <PasswordInput
            label={t('firstPassword')}
            description={t('firstPasswordHint')}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
            {...form.getInputProps('password')}
          />
        )}
        <Select
          label={t('role')}
          allowDeselect={false}
          data={ROLES.map((role) => ({ value: role, label: t(`common:role.${role}`) }))}
          {...form.getInputProps('role')}
        />
        <FormActions
          submitLabel={t(isInvited ? 'invite' : 'create')}
          pending={props.create.isPending}
          onCancel={props.onCancel}
        />
      </Stack>
    </form>
  );
}
