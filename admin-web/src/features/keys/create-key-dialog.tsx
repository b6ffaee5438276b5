import { Alert, Button, Group, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { displayName } from '@sluice/contract/names';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { SecretOnce } from '../../components/secret-once.tsx';
import type { CreatedKey } from './api/create-key.ts';
import { useCreateKey } from './api/create-key.ts';
import { LIFETIMES, expiryOf } from './lifetime.ts';
import type { Lifetime } from './lifetime.ts';

/** Asks for a name and a lifetime, makes the key, and shows its secret this once. */
export function CreateKeyDialog({ opened, onClose }: { opened: boolean; onClose: () => void }): ReactNode {
  const { t } = useTranslation('keys');
  const create = useCreateKey();
  const close = (): void => {
    create.reset();
    onClose();
  };
  return (
    <Dialog
      opened={opened}
      onClose={close}
      title={t(create.data ? 'createdTitle' : 'create')}
      centered
      size="lg"
      // A stray click beside the dialog must not cost the only sight of the secret.
      closeOnClickOutside={!create.data}
      closeOnEscape={!create.data}
    >
      {create.data ? (
        <CreatedKeyView created={create.data} onClose={close} />
      ) : (
        <KeyForm create={create} onCancel={close} />
      )}
    </Dialog>
  );
}

function CreatedKeyView({ created, onClose }: { created: CreatedKey; onClose: () => void }): ReactNode {
  const { t } = useTranslation('keys');
  return (
    <Stack gap="lg">
      <SecretOnce secrets={[{ name: created.name, secret: created.key }]} />
      {created.warnings.map((warning) => (
        <Alert key={warning} color="yellow" variant="light">
          {warning}
        </Alert>
      ))}
      <Group justify="flex-end">
        <Button onClick={onClose}>{t('saved')}</Button>
      </Group>
    </Stack>
  );
}

function KeyForm(props: { create: ReturnType<typeof useCreateKey>; onCancel: () => void }): ReactNode {
  const { t } = useTranslation(['keys', 'common']);
  const form = useForm<{ name: string; lifetime: Lifetime }>({
    initialValues: { name: '', lifetime: 'unlimited' },
    validate: { name: (name) => (displayName.safeParse(name.trim()).success ? null : t('nameInvalid')) },
  });
  const submit = form.onSubmit(({ name, lifetime }) =>
    props.create.mutate({ name: name.trim(), expires_at: expiryOf(lifetime, Date.now()) }),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {props.create.error ? <ErrorState error={props.create.error} /> : null}
        <TextInput
          label={t('name')}
          description={t('nameHint')}
          placeholder={t('namePlaceholder')}
          maxLength={100}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Select
          label={t('lifetime')}
          allowDeselect={false}
          data={LIFETIMES.map((lifetime) => ({ value: lifetime, label: t(`lifetimes.${lifetime}`) }))}
          {...form.getInputProps('lifetime')}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onCancel}>
            {t('common:cancel')}
          </Button>
          <Button type="submit" loading={props.create.isPending}>
            {t('create')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
