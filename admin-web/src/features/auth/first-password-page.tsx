import { PasswordInput, Text } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { newPassword } from '@sluice/contract/session';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useChangeFirstPassword } from './api/change-first-password.ts';
import { useLogout } from './api/logout.ts';
import { AuthForm } from './auth-form.tsx';
import { NewPasswordField } from './new-password-field.tsx';

/** Whoever got a password from somebody else chooses their own before anything else. */
export function FirstPasswordPage(props: { onChanged: () => void; onLogin: () => void }): ReactNode {
  const { t } = useTranslation('auth');
  const change = useChangeFirstPassword(props.onChanged);
  const logout = useLogout(props.onLogin);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { current: '', next: '', again: '' },
    validate: {
      current: isNotEmpty(t('passwordMissing')),
      next: (next, { current }) => {
        if (!newPassword.safeParse(next).success) return t('register.passwordInvalid');
        return next === current ? t('first.same') : null;
      },
      again: (again, { next }) => (again === next ? null : t('reset.differs')),
    },
  });
  return (
    <AuthForm
      title={t('first.title')}
      intro={<Text fz="sm">{t('first.text')}</Text>}
      submitLabel={t('first.submit')}
      onSubmit={form.onSubmit(({ current, next }) => change.mutate({ current, next }))}
      call={change}
      done={null}
      onLogin={() => logout.mutate()}
    >
      <PasswordInput
        label={t('first.current')}
        autoComplete="current-password"
        autoFocus
        visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
        key={form.key('current')}
        {...form.getInputProps('current')}
      />
      <NewPasswordField label={t('reset.password')} key={form.key('next')} {...form.getInputProps('next')} />
      <NewPasswordField label={t('reset.again')} key={form.key('again')} {...form.getInputProps('again')} />
    </AuthForm>
  );
}
