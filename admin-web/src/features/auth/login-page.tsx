import { Alert, Anchor, Button, Group, PasswordInput, Stack, TextInput } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { ApiError } from '../../lib/api-client.ts';
import { useErrorText } from '../../lib/use-error-text.ts';
import { useLogin } from './api/login.ts';
import { AuthFrame } from './auth-frame.tsx';

/** User name and password. `onLoggedIn` leads to the page that was asked for. */
export function LoginPage(props: {
  onLoggedIn: () => void;
  onForgotten: () => void;
  onRegister: () => void;
}): ReactNode {
  const { t } = useTranslation('auth');
  return (
    <AuthFrame title={t('title')} hint={t('hint')}>
      <LoginForm onLoggedIn={props.onLoggedIn} />
      <Group justify="space-between" gap="xs">
        <Anchor component="button" type="button" fz="sm" onClick={props.onForgotten}>
          {t('forgotten')}
        </Anchor>
        <Anchor component="button" type="button" fz="sm" onClick={props.onRegister}>
          {t('toRegister')}
        </Anchor>
      </Group>
    </AuthFrame>
  );
}

function LoginForm({ onLoggedIn }: { onLoggedIn: () => void }): ReactNode {
  const { t } = useTranslation('auth');
  const login = useLogin(onLoggedIn);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { username: '', password: '' },
    validate: { username: isNotEmpty(t('usernameMissing')), password: isNotEmpty(t('passwordMissing')) },
  });
  return (
    <form onSubmit={form.onSubmit((input) => login.mutate({ ...input, username: input.username.trim() }))} noValidate>
      <Stack gap="md">
        {login.error ? <LoginError error={login.error} /> : null}
        <TextInput
          label={t('username')}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          key={form.key('username')}
          {...form.getInputProps('username')}
        />
        <PasswordInput
          label={t('password')}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <Button type="submit" fullWidth loading={login.isPending} mt={4}>
          {t('submit')}
        </Button>
      </Stack>
    </form>
  );
}

function LoginError({ error }: { error: unknown }): ReactNode {
  const { t } = useTranslation('auth');
  const text = useErrorText();
  const wrong = error instanceof ApiError && error.status === 401;
  return (
    <Alert color="red" variant="light" icon={<Icon name="alert" />} role="alert">
      {wrong ? t('wrong') : text(error)}
    </Alert>
  );
}
