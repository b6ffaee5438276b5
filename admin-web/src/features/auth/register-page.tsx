import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { registerInput } from '@sluice/contract/registration';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRegister } from './api/register.ts';
import { AuthFrame } from './auth-frame.tsx';
import { LinkDone, LinkError } from './link-result.tsx';

/** Where people make themselves an account. */
export function RegisterPage({ onLogin }: { onLogin: () => void }): ReactNode {
  const { t } = useTranslation('auth');
  const register = useRegister();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', username: '', password: '' },
    validate: {
      email: (email) => (registerInput.shape.email.safeParse(email).success ? null : t('register.emailInvalid')),
      username: (name) =>
        name === '' || registerInput.shape.username.safeParse(name).success ? null : t('register.usernameInvalid'),
      password: (password) =>
        registerInput.shape.password.safeParse(password).success ? null : t('register.passwordInvalid'),
    },
  });
  const submit = form.onSubmit(({ email, username, password }) =>
    register.mutate({ email, password, ...(username.trim() === '' ? {} : { username }) }),
  );
  return (
    <AuthFrame title={t('register.title')}>
      {register.data ? (
        <LinkDone text={register.data.message} onLogin={onLogin} />
      ) : (
        <form onSubmit={submit} noValidate>
          <Stack gap="md">
            {register.error ? <LinkError error={register.error} /> : null}
            <TextInput
              label={t('register.email')}
              type="email"
              autoComplete="email"
              autoFocus
              key={form.key('email')}
              {...form.getInputProps('email')}
            />
            <TextInput
              label={t('register.username')}
              description={t('register.usernameHint')}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              key={form.key('username')}
              {...form.getInputProps('username')}
            />
            <PasswordInput
              label={t('password')}
              autoComplete="new-password"
              visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
              key={form.key('password')}
              {...form.getInputProps('password')}
            />
            <Button type="submit" fullWidth loading={register.isPending} mt={4}>
              {t('register.submit')}
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
