import { NumberInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { createMachineSecretInput } from '@sluice/contract/machine-secrets';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { FormActions } from '../../components/form-actions.tsx';
import { useCreateMachineSecret } from './api/machine-secrets.ts';
import { ShownSecret } from './shown-secret.tsx';
import { MOST_PER_MINUTE } from './use-rate-text.ts';

/** Makes a secret and shows it, this once, with the first call that it is good for. */
export function CreateSecretDialog({ opened, onClose }: { opened: boolean; onClose: () => void }): ReactNode {
  const { t } = useTranslation('machineSecrets');
  const create = useCreateMachineSecret();
  const close = (): void => {
    create.reset();
    onClose();
  };
  return (
    <Dialog
      opened={opened}
      onClose={close}
      title={t('create')}
      centered
      size="lg"
      closeOnClickOutside={create.data === undefined}
    >
      {create.data ? (
        <ShownSecret name={create.data.name} secret={create.data.secret} onClose={close} />
      ) : (
        <SecretForm create={create} onCancel={close} />
      )}
    </Dialog>
  );
}

function SecretForm(props: { create: ReturnType<typeof useCreateMachineSecret>; onCancel: () => void }): ReactNode {
  const { t } = useTranslation('machineSecrets');
  const form = useForm<{ name: string; rate: number | '' }>({
    initialValues: { name: '', rate: '' },
    validate: {
      name: (name) => (createMachineSecretInput.shape.name.safeParse(name.trim()).success ? null : t('nameInvalid')),
    },
  });
  const submit = form.onSubmit(({ name, rate }) =>
    props.create.mutate({ name: name.trim(), ...(rate === '' ? {} : { requestsPerMinute: rate }) }),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {props.create.error ? <ErrorState error={props.create.error} /> : null}
        <TextInput
          label={t('name')}
          description={t('nameHint')}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('name')}
        />
        <NumberInput
          label={t('rateLabel')}
          description={t('rateHint')}
          placeholder={t('rateDefault')}
          min={-1}
          max={MOST_PER_MINUTE}
          clampBehavior="strict"
          allowDecimal={false}
          value={form.values.rate}
          onChange={(rate) => form.setFieldValue('rate', typeof rate === 'number' ? rate : '')}
        />
        <FormActions submitLabel={t('create')} pending={props.create.isPending} onCancel={props.onCancel} />
      </Stack>
    </form>
  );
}
