import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { forgotPasswordInput } from '@sluice/contract/registration';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useForgotPassword } from './api/register.ts';
import { AuthForm } from './auth-form.tsx';

/** Where a link for a new password is asked for. */
export function ForgotPasswordPage({ onLogin }: { onLogin: () => void }): ReactNode {
  const { t } = useTranslation('auth');
  const forgot = useForgotPassword();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '' },
    validate: {
      email: (email) => (forgotPasswordInput.shape.email.safeParse(email).success ? null : t('register.emailInvalid')),
    },
  });
  return (
    <AuthForm
      title={t('forgot.title')}
      submitLabel={t('forgot.submit')}
      onSubmit={form.onSubmit(({ email }) => forgot.mutate(email.trim()))}
      call={forgot}
      done={forgot.isSuccess ? t('forgot.done') : null}
      onLogin={onLogin}
    >
      <TextInput
        label={t('register.email')}
        description={t('forgot.hint')}
        type="email"
        autoComplete="email"
        autoFocus
        key={form.key('email')}
        {...form.getInputProps('email')}
      />
    </AuthForm>
  );
}
