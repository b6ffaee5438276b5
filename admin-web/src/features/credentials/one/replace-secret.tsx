import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { useChangeCredential } from './api/change-credential.ts';
import type { CredentialDetails } from './api/credential.ts';
import { useTestCredential } from './api/test-credential.ts';
import { TestResult, Working } from './results.tsx';
import { SecretFields } from './secret-fields.tsx';
import { NO_SECRET, secretFault, secretInput, type SecretValues } from './secret-values.ts';
import { useFaultTexts } from './use-fault-texts.ts';
import type { Way } from './vendors.ts';

const WAY = {
  api_key: 'api_key',
  oauth: 'refresh_token',
  headers: 'headers',
  aws_role: 'aws_role',
} as const satisfies Record<CredentialDetails['kind'], Way>;

/** Another secret in the place of the one that is sealed, and at once whether it works. */
export function ReplaceSecret({ credential }: { credential: CredentialDetails }): ReactNode {
  const { t } = useTranslation('credential');
  const faultTexts = useFaultTexts();
  const [asking, setAsking] = useState(false);
  const change = useChangeCredential(credential);
  const test = useTestCredential();
  const way = WAY[credential.kind];
  const form = useForm<SecretValues>({
    initialValues: NO_SECRET,
    validate: (values) => {
      const fault = secretFault(way, values);
      return faultTexts(new Set(fault === null ? [] : [fault]));
    },
  });
  const replace = (): void =>
    change.mutate(secretInput(way, form.values), {
      onSuccess: () => {
        setAsking(false);
        form.reset();
        notifications.show({ color: 'green', message: t('replace.done') });
        if (credential.kind !== 'oauth') test.mutate({ place: credential, input: { listOnly: true } });
      },
    });
  return (
    <form onSubmit={form.onSubmit(() => setAsking(true))} noValidate>
      <Stack gap="sm" aria-live="polite">
        <Title order={3} fz={16}>
          {t('replace.title')}
        </Title>
        <Text fz="sm" c="dimmed">
          {t('replace.hint')}
        </Text>
        <SecretFields way={way} form={form} />
        <Group justify="flex-end">
          <Button type="submit" variant="default">
            {t('replace.button')}
          </Button>
        </Group>
        {test.isPending ? <Working text={t('added.testing')} /> : null}
        {test.data ? <TestResult report={test.data} /> : null}
      </Stack>
      <ConfirmDialog
        opened={asking}
        title={t('replace.ask')}
        text={t('replace.text', { name: credential.name })}
        confirmLabel={t('replace.button')}
        pending={change.isPending}
        error={change.error}
        onConfirm={replace}
        onClose={() => setAsking(false)}
      />
    </form>
  );
}
