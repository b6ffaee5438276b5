import { PasswordInput, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { createAccountInput } from '@sluice/contract/plugin-api';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { FormActions } from '../../components/form-actions.tsx';
import { useBringAccount } from './api/accounts.ts';
import type { Places } from './api/places.ts';
import { LimitsFields } from './limits-fields.tsx';
import { limitsOf, NO_LIMITS } from './limits.ts';
import { SharedSwitch } from './shared-switch.tsx';

interface AddProps {
  opened: boolean;
  places: Places | undefined;
  onClose: () => void;
}

/** Brings an API key that the caller has at an upstream. */
export function AddKeyDialog({ opened, places, onClose }: AddProps): ReactNode {
  const { t } = useTranslation('sharing');
  const bring = useBringAccount();
  const close = (): void => {
    bring.reset();
    onClose();
  };
  return (
    <Dialog opened={opened && places?.may_bring === true} onClose={close} title={t('addKey')} centered size="lg">
      {places ? <KeyForm places={places} bring={bring} onClose={close} /> : null}
    </Dialog>
  );
}

interface FormProps {
  places: Places;
  bring: ReturnType<typeof useBringAccount>;
  onClose: () => void;
}

function KeyForm({ places, bring, onClose }: FormProps): ReactNode {
  const { t } = useTranslation('sharing');
  const { upstreams } = places;
  const form = useForm({
    initialValues: {
      upstream: upstreams.length === 1 ? (upstreams[0]?.name ?? '') : '',
      name: '',
      key: '',
      shared: false,
      limits: NO_LIMITS,
    },
    validate: {
      upstream: (upstream) => (upstream === '' ? t('chooseUpstream') : null),
      name: (name) => (createAccountInput.shape.name.safeParse(name.trim()).success ? null : t('nameInvalid')),
      key: (key) => (createAccountInput.shape.api_key.safeParse(key.trim()).success ? null : t('keyInvalid')),
    },
  });
  const submit = form.onSubmit(({ upstream, name, key, shared, limits }) =>
    bring.mutate(
      { upstream, name: name.trim(), api_key: key.trim(), is_shared: shared ? 1 : 0, limits: limitsOf(limits) },
      { onSuccess: onClose },
    ),
  );
  const models = upstreams.find(({ name }) => name === form.values.upstream)?.models ?? [];
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {bring.error ? <ErrorState error={bring.error} /> : null}
        <Select
          label={t('upstream')}
          description={models.length > 0 ? t('serves', { models: models.slice(0, 6).join(', ') }) : t('upstreamHint')}
          data={upstreams.map(({ name }) => name)}
          searchable
          {...form.getInputProps('upstream')}
        />
        <TextInput label={t('name')} autoComplete="off" data-autofocus {...form.getInputProps('name')} />
        <PasswordInput
          label={t('apiKey')}
          description={t('apiKeyHint')}
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': t('showKey') }}
          {...form.getInputProps('key')}
        />
        <LimitsFields values={form.values.limits} onChange={(limits) => form.setFieldValue('limits', limits)} />
        <SharedSwitch {...form.getInputProps('shared', { type: 'checkbox' })} />
        <FormActions submitLabel={t('addKey')} pending={bring.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
