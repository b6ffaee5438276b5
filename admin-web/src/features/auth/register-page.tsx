import { Button, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { registerInput } from '@sluice/contract/registration';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../lib/api-client.ts';
import { useRegister } from './api/register.ts';
import { AuthForm } from './auth-form.tsx';
import { AuthFrame } from './auth-frame.tsx';
import { NewPasswordField } from './new-password-field.tsx';

/** Where people make themselves an account, or learn who makes one for them. */
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
  if (isClosed(register.error)) return <Closed onLogin={onLogin} />;
  return (
    <AuthForm
      title={t('register.title')}
      submitLabel={t('register.submit')}
      onSubmit={submit}
      call={register}
      done={register.data?.message ?? null}
      onLogin={onLogin}
    >
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
      <NewPasswordField label={t('password')} key={form.key('password')} {...form.getInputProps('password')} />
    </AuthForm>
  );
}

function isClosed(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'registration_closed';
}

/** Nothing that is typed would help, so the form is gone. */
function Closed({ onLogin }: { onLogin: () => void }): ReactNode {
  const { t } = useTranslation('auth');
  return (
    <AuthFrame title={t('closed.title')}>
      <Text fz="sm" role="alert">
        {t('closed.text')}
      </Text>
      <Button fullWidth onClick={onLogin}>
        {t('toLogin')}
      </Button>
    </AuthFrame>
  );
}
