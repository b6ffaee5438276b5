import { Button, Group, PasswordInput, SimpleGrid, Stack } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { newPassword } from '@sluice/contract/session';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../components/error-state.tsx';
import { Section } from '../../components/section.tsx';
import { useChangePassword } from './api/profile.ts';

/** A new password, which ends all other sessions. */
export function PasswordCard(): ReactNode {
  const { t } = useTranslation('account');
  const change = useChangePassword();
  const form = useForm({
    initialValues: { current: '', next: '', again: '' },
    validate: {
      current: isNotEmpty(t('currentMissing')),
      next: (next) => (newPassword.safeParse(next).success ? null : t('passwordInvalid')),
      again: (again, { next }) => (again === next ? null : t('differs')),
    },
  });
  const submit = form.onSubmit(({ current, next }) =>
    change.mutate(
      { current, next },
      {
        onSuccess: () => {
          form.reset();
          notifications.show({ color: 'green', message: t('passwordChanged') });
        },
      },
    ),
  );
  const field = { visibilityToggleButtonProps: { 'aria-label': t('showPassword') } };
  return (
    <Section title={t('password')} hint={t('passwordHint')}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {change.error ? <ErrorState error={change.error} /> : null}
          <PasswordInput
            label={t('current')}
            autoComplete="current-password"
            {...field}
            {...form.getInputProps('current')}
          />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <PasswordInput label={t('next')} autoComplete="new-password" {...field} {...form.getInputProps('next')} />
            <PasswordInput label={t('again')} autoComplete="new-password" {...field} {...form.getInputProps('again')} />
          </SimpleGrid>
          <Group justify="flex-end">
            <Button type="submit" loading={change.isPending}>
              {t('changePassword')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
