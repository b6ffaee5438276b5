import { Alert, Button, Card, Center, Group, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Brand } from '../../components/brand.tsx';
import { ColorSchemeSwitch } from '../../components/color-scheme-switch.tsx';
import { Icon } from '../../components/icon.tsx';
import { LanguageSwitch } from '../../components/language-switch.tsx';
import { ApiError } from '../../lib/api-client.ts';
import { useErrorText } from '../../lib/use-error-text.ts';
import { useLogin } from './api/login.ts';

/** User name and password. `onLoggedIn` leads to the page that was asked for. */
export function LoginPage({ onLoggedIn }: { onLoggedIn: () => void }): ReactNode {
  const { t } = useTranslation('auth');
  return (
    <Stack mih="100dvh" gap={0}>
      <Group component="header" justify="flex-end" p="md" gap="xs">
        <LanguageSwitch />
        <ColorSchemeSwitch />
      </Group>
      <Center component="main" flex={1} p="md" pb={96}>
        <Stack w="100%" maw={400} gap="lg">
          <Stack align="center" gap="xs">
            <Brand size={40} />
            <Text c="dimmed" fz="sm" ta="center">
              {t('tagline')}
            </Text>
          </Stack>
          <Card withBorder padding="xl" shadow="sm">
            <Stack gap="md">
              <Title order={1} fz={20}>
                {t('title')}
              </Title>
              <LoginForm onLoggedIn={onLoggedIn} />
            </Stack>
          </Card>
          <Text c="dimmed" fz="xs" ta="center">
            {t('hint')}
          </Text>
        </Stack>
      </Center>
    </Stack>
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
