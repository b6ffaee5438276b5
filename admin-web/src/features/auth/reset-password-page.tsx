import { Button, PasswordInput, Stack } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useResetPassword } from './api/links.ts';
import { AuthFrame } from './auth-frame.tsx';
import { LinkDone, LinkError } from './link-result.tsx';

/** Where the links of reset mails and invitations lead. */
export function ResetPasswordPage({ token, onLogin }: { token: string; onLogin: () => void }): ReactNode {
  const { t } = useTranslation('auth');
  const reset = useResetPassword(token);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { password: '', again: '' },
    validate: {
      password: isNotEmpty(t('passwordMissing')),
      again: (again, { password }) => (again === password ? null : t('reset.differs')),
    },
  });
  const field = { autoComplete: 'new-password', visibilityToggleButtonProps: { 'aria-label': t('showPassword') } };
  if (reset.isSuccess) {
    return (
      <AuthFrame title={t('reset.title')}>
        <LinkDone text={t('reset.done')} onLogin={onLogin} />
      </AuthFrame>
    );
  }
  return (
    <AuthFrame title={t('reset.title')}>
      <form onSubmit={form.onSubmit(({ password }) => reset.mutate(password))} noValidate>
        <Stack gap="md">
          {reset.error ? <LinkError error={reset.error} /> : null}
          <PasswordInput
            label={t('reset.password')}
            autoFocus
            {...field}
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <PasswordInput label={t('reset.again')} {...field} key={form.key('again')} {...form.getInputProps('again')} />
          <Button type="submit" fullWidth loading={reset.isPending} mt={4}>
            {t('reset.submit')}
          </Button>
        </Stack>
      </form>
    </AuthFrame>
  );
}
