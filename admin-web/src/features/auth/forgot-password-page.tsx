import { Button, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { forgotPasswordInput } from '@sluice/contract/registration';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useForgotPassword } from './api/register.ts';
import { AuthFrame } from './auth-frame.tsx';
import { LinkDone, LinkError } from './link-result.tsx';

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
    <AuthFrame title={t('forgot.title')}>
      {forgot.isSuccess ? (
        <LinkDone text={t('forgot.done')} onLogin={onLogin} />
      ) : (
        <form onSubmit={form.onSubmit(({ email }) => forgot.mutate(email.trim()))} noValidate>
          <Stack gap="md">
            {forgot.error ? <LinkError error={forgot.error} /> : null}
            <TextInput
              label={t('register.email')}
              description={t('forgot.hint')}
              type="email"
              autoComplete="email"
              autoFocus
              key={form.key('email')}
              {...form.getInputProps('email')}
            />
            <Button type="submit" fullWidth loading={forgot.isPending} mt={4}>
              {t('forgot.submit')}
            </Button>
            <Button variant="subtle" fullWidth onClick={onLogin}>
              {t('register.toLogin')}
            </Button>
          </Stack>
        </form>
      )}
    </AuthFrame>
  );
}
