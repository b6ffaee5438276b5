import { useForm } from '@mantine/form';
import { newPassword } from '@sluice/contract/session';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useResetPassword } from './api/links.ts';
import { AuthForm } from './auth-form.tsx';
import { NewPasswordField } from './new-password-field.tsx';

/** Where the links of reset mails and invitations lead. */
export function ResetPasswordPage({ token, onLogin }: { token: string; onLogin: () => void }): ReactNode {
  const { t } = useTranslation('auth');
  const reset = useResetPassword(token);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { password: '', again: '' },
    validate: {
      password: (password) => (newPassword.safeParse(password).success ? null : t('register.passwordInvalid')),
      again: (again, { password }) => (again === password ? null : t('reset.differs')),
    },
  });
  return (
    <AuthForm
      title={t('reset.title')}
      submitLabel={t('reset.submit')}
      onSubmit={form.onSubmit(({ password }) => reset.mutate(password))}
      call={reset}
      done={reset.isSuccess ? t('reset.done') : null}
      onLogin={onLogin}
    >
      <NewPasswordField
        label={t('reset.password')}
        autoFocus
        key={form.key('password')}
        {...form.getInputProps('password')}
      />
      <NewPasswordField label={t('reset.again')} key={form.key('again')} {...form.getInputProps('again')} />
    </AuthForm>
  );
}
