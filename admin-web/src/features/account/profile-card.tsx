import { Alert, Button, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { changeProfileInput } from '@sluice/contract/profile';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../components/error-state.tsx';
import { Section } from '../../components/section.tsx';
import { useChangeProfile, useResendVerification, type Profile } from './api/profile.ts';

/** Name and address. */
export function ProfileCard({ profile }: { profile: Profile }): ReactNode {
  const { t } = useTranslation('account');
  const change = useChangeProfile();
  const form = useForm({
    initialValues: { username: profile.username, email: profile.email ?? '' },
    validate: {
      username: (name) => (isFine('username', name) ? null : t('usernameInvalid')),
      email: (email) => (email.trim() === '' || isFine('email', email) ? null : t('emailInvalid')),
    },
  });
  const { username, email } = form.values;
  const difference = {
    ...(username.trim() === profile.username ? {} : { username: username.trim() }),
    ...(email.trim() === '' || email.trim() === profile.email ? {} : { email: email.trim() }),
  };
  const save = form.onSubmit(() =>
    change.mutate(difference, {
      onSuccess: ({ message, profile: saved }) => {
        form.setValues({ username: saved.username, email: saved.email ?? '' });
        notifications.show({ color: 'green', message });
      },
    }),
  );
  return (
    <Section title={t('profile')}>
      <form onSubmit={save} noValidate>
        <Stack gap="md">
          {change.error ? <ErrorState error={change.error} /> : null}
          <Verification profile={profile} />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput
              label={t('username')}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              {...form.getInputProps('username')}
            />
            <TextInput label={t('email')} type="email" autoComplete="email" {...form.getInputProps('email')} />
          </SimpleGrid>
          <Group justify="flex-end">
            <Button type="submit" loading={change.isPending} disabled={Object.keys(difference).length === 0}>
              {t('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function isFine(field: 'username' | 'email', value: string): boolean {
  return changeProfileInput.shape[field].safeParse(value).success;
}

/** An address that is not shown to be the caller's, and how to go on. */
function Verification({ profile }: { profile: Profile }): ReactNode {
  const { t } = useTranslation('account');
  const resend = useResendVerification();
  const waiting = profile.pending_email ?? (profile.is_verified ? null : profile.email);
  if (waiting === null) return null;
  return (
    <Alert color="yellow" variant="light">
      <Stack gap="xs" align="flex-start">
        <Text fz="sm">{t(profile.pending_email === null ? 'unverified' : 'pending', { email: waiting })}</Text>
        {resend.error ? <ErrorState error={resend.error} /> : null}
        {resend.data ? (
          <Text fz="sm" role="status">
            {t('resent')}
          </Text>
        ) : (
          <Button size="xs" variant="default" loading={resend.isPending} onClick={() => resend.mutate()}>
            {t('resend')}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
