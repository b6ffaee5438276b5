import { Button, Divider, Group, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { Part } from '../../../components/part.tsx';
import { useChangeCredential } from './api/change-credential.ts';
import type { CredentialDetails } from './api/credential.ts';
import { useDeleteCredential } from './api/delete-credential.ts';
import { ReplaceSecret } from './replace-secret.tsx';
import { LimitFields, SettingsFields } from './settings-fields.tsx';
import { changeBetween, faultySettings, settingsOf, type SettingsValues } from './settings-values.ts';
import { useFaultTexts } from './use-fault-texts.ts';

interface TabProps {
  credential: CredentialDetails;
  onDeleted: () => void;
}

/** What operators say of it, its secret, its end. */
export function SettingsTab({ credential, onDeleted }: TabProps): ReactNode {
  return (
    <Stack gap="xl">
      <Settings credential={credential} />
      <Divider />
      <ReplaceSecret credential={credential} />
      <Divider />
      <Removal credential={credential} onDeleted={onDeleted} />
    </Stack>
  );
}

function Settings({ credential }: { credential: CredentialDetails }): ReactNode {
  const { t } = useTranslation('credential');
  const faultTexts = useFaultTexts();
  const change = useChangeCredential(credential);
  const stored = settingsOf(credential);
  const form = useForm<SettingsValues>({
    initialValues: stored,
    validate: (values) => faultTexts(faultySettings(values)),
  });
  const difference = changeBetween(stored, form.values);
  const save = form.onSubmit(() =>
    change.mutate(difference, {
      onSuccess: (saved) => {
        form.setValues(settingsOf({ ...credential, ...saved }));
        notifications.show({ color: 'green', message: t('settings.saved') });
      },
    }),
  );
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="md">
        <Title order={3} fz={16}>
          {t('settings.how')}
        </Title>
        <SettingsFields form={form} isOAuth={credential.kind === 'oauth'} />
        {credential.hasProxyPassword ? (
          <Text fz="xs" c="dimmed">
            {t('settings.proxyKept')}
          </Text>
        ) : null}
        <Title order={3} fz={16} mt="sm">
          {t('settings.limits')}
        </Title>
        <LimitFields form={form} />
        {change.error ? <ErrorState error={change.error} /> : null}
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending} disabled={Object.keys(difference).length === 0}>
            {t('settings.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Removal({ credential, onDeleted }: TabProps): ReactNode {
  const { t } = useTranslation('credential');
  const [asking, setAsking] = useState(false);
  const deletion = useDeleteCredential(credential);
  const { name, upstream, owner } = credential;
  return (
    <Part title={t('delete.title')}>
      <Text fz="sm" c="dimmed">
        {t('delete.hint')}
      </Text>
      <Group>
        <Button variant="light" color="red" onClick={() => setAsking(true)}>
          {t('delete.button')}
        </Button>
      </Group>
      <ConfirmDialog
        opened={asking}
        title={t('delete.ask', { name })}
        text={t(owner === null ? 'delete.text' : 'delete.textOwned', { name, upstream })}
        confirmLabel={t('delete.button')}
        pending={deletion.isPending}
        error={deletion.error}
        onConfirm={() =>
          deletion.mutate(undefined, {
            onSuccess: () => {
              setAsking(false);
              notifications.show({ message: t('delete.done', { name }) });
              onDeleted();
            },
          })
        }
        onClose={() => setAsking(false)}
      />
    </Part>
  );
}
