import { Button, Group, NumberInput, Stack, Switch, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DetailsDrawer } from '../../components/details-drawer.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { Facts } from '../../components/facts.tsx';
import { changeBetween } from '../../lib/change-between.ts';
import { useFormat } from '../../lib/use-format.ts';
import { useChangeMachineSecret, type MachineSecret } from './api/machine-secrets.ts';
import { SecretStates } from './secret-states.tsx';
import { SecretValues } from './secret-values.tsx';
import { MOST_PER_MINUTE } from './use-rate-text.ts';

/** One machine secret: what it may, its values, its end. Open while there is one. */
export function SecretDrawer({ secret, onClose }: { secret: MachineSecret | null; onClose: () => void }): ReactNode {
  const { t } = useTranslation('machineSecrets');
  return (
    <DetailsDrawer open={secret} onClose={onClose} title={t('details')} closeLabel={t('closeDetails')}>
      {(shown) => (
        <Stack key={shown.name} gap="xl" pb="xl">
          <Stack gap="sm">
            <Title order={2} fz={20} style={{ overflowWrap: 'anywhere' }}>
              {shown.name}
            </Title>
            <SecretStates secret={shown} />
            <ValueFacts secret={shown} />
          </Stack>
          <RightsForm secret={shown} />
          <SecretValues secret={shown} onDeleted={onClose} />
        </Stack>
      )}
    </DetailsDrawer>
  );
}

function ValueFacts({ secret }: { secret: MachineSecret }): ReactNode {
  const { t } = useTranslation('machineSecrets');
  const format = useFormat();
  const used = (at: string | null): string => (at === null ? t('never') : `${format.dateTime(at)} (${format.age(at)})`);
  const mono = (text: string): ReactNode => (
    <Text span ff="monospace" fz="sm">
      {text}
    </Text>
  );
  const { previous } = secret;
  return (
    <Facts
      rows={[
        { label: t('value'), value: mono(secret.preview) },
        { label: t('since'), value: format.dateTime(secret.createdAt) },
        { label: t('lastUsed'), value: used(secret.lastUsedAt) },
        ...(previous === null
          ? []
          : [
              { label: t('previousValue'), value: mono(previous.preview) },
              { label: t('previousUntil'), value: format.dateTime(previous.validUntil) },
              { label: t('previousUsed'), value: used(previous.lastUsedAt) },
            ]),
      ]}
    />
  );
}

function RightsForm({ secret }: { secret: MachineSecret }): ReactNode {
  const { t } = useTranslation('machineSecrets');
  const change = useChangeMachineSecret(secret.name);
  const stored = { enabled: secret.enabled, requestsPerMinute: secret.requestsPerMinute };
  const form = useForm({ initialValues: stored });
  const difference = changeBetween(stored, form.values);
  const save = form.onSubmit(() =>
    change.mutate(difference, {
      onSuccess: () => notifications.show({ color: 'green', message: t('savedChange') }),
    }),
  );
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="md">
        <Title order={3} fz={16}>
          {t('rights')}
        </Title>
        {change.error ? <ErrorState error={change.error} /> : null}
        <Switch
          label={t('enabled')}
          description={t('enabledHint')}
          {...form.getInputProps('enabled', { type: 'checkbox' })}
        />
        <NumberInput
          label={t('rateLabel')}
          description={t('rateHint')}
          min={-1}
          max={MOST_PER_MINUTE}
          clampBehavior="strict"
          allowDecimal={false}
          value={form.values.requestsPerMinute}
          onChange={(rate) => {
            if (typeof rate === 'number') form.setFieldValue('requestsPerMinute', rate);
          }}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending} disabled={Object.keys(difference).length === 0}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
