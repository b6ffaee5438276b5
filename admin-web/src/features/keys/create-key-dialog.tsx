import { Alert, Button, Group, PasswordInput, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { FormActions } from '../../components/form-actions.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { SecretOnce } from '../../components/secret-once.tsx';
import { useCreateKey, type CreatedKey } from './api/create-key.ts';
import type { Key } from './api/list-keys.ts';
import { keyQuery } from './api/show-key.ts';
import { BasicFields } from './basic-fields.tsx';
import { AdvancedFields, sectionsOf } from './key-fields.tsx';
import { EMPTY_KEY, formOfKey, newKeyOfForm, type KeyForm } from './key-form.ts';
import { OwnerField } from './owner-field.tsx';
import { useKeyForm } from './use-key-form.ts';

interface DialogProps {
  opened: boolean;
  onClose: () => void;
  /** May make keys for others, and choose a key's text. */
  operator: boolean;
  /** Whose keys are being looked at; '' = the caller's own. */
  owner: string;
  /** Id of the key whose rules the new one begins with. */
  from: string | undefined;
}

/** Asks for a name, an end and rules, makes the key, and shows its secret this once. */
export function CreateKeyDialog({ opened, onClose, ...rest }: DialogProps): ReactNode {
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
        <StartedForm create={create} onCancel={close} {...rest} />
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
        <Button variant="default" renderRoot={(props) => <Link to="/connect" {...props} />}>
          {t('useIt')}
        </Button>
        <Button onClick={onClose}>{t('saved')}</Button>
      </Group>
    </Stack>
  );
}

interface FormProps extends Omit<DialogProps, 'opened' | 'onClose'> {
  create: ReturnType<typeof useCreateKey>;
  onCancel: () => void;
}

/** Waits for the key that the new one is to be like. */
function StartedForm({ from, ...props }: FormProps): ReactNode {
  const { t } = useTranslation('keys');
  const model = useQuery({ ...keyQuery(from ?? ''), enabled: from !== undefined });
  if (from === undefined) return <NewKeyForm {...props} initial={EMPTY_KEY} />;
  return (
    <QueryView query={model}>
      {(key: Key) => (
        <NewKeyForm
          {...props}
          owner={key.owner ?? props.owner}
          initial={{ ...formOfKey(key), name: t('copyName', { name: key.name }).slice(0, 100) }}
        />
      )}
    </QueryView>
  );
}

function NewKeyForm(props: Omit<FormProps, 'from'> & { initial: KeyForm }): ReactNode {
  const { t } = useTranslation('keys');
  const { create, initial, operator } = props;
  const [owner, setOwner] = useState(props.owner);
  const { form, open, setOpen, onFaults, noteFindings } = useKeyForm(initial, sectionsOf(filledFields(initial)));
  const submit = form.onSubmit(
    (values) =>
      create.mutate(
        { owner: operator && owner !== '' ? owner : undefined, input: newKeyOfForm(values, Date.now()) },
        { onError: noteFindings },
      ),
    onFaults,
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {create.error ? <ErrorState error={create.error} /> : null}
        <BasicFields form={form} />
        {operator ? (
          <OwnerField label={t('forUser')} showLabel placeholder={t('forYou')} value={owner} onChoose={setOwner} />
        ) : null}
        <AdvancedFields
          form={form}
          operator={operator}
          open={open}
          onOpen={setOpen}
          extra={
            operator ? (
              <PasswordInput
                label={t('secret')}
                description={t('secretHint')}
                placeholder={t('secretPlaceholder')}
                autoComplete="off"
                {...form.getInputProps('secret')}
              />
            ) : null
          }
        />
        <FormActions submitLabel={t('create')} pending={create.isPending} onCancel={props.onCancel} />
      </Stack>
    </form>
  );
}

/** So that the rules that a copy brings along are seen. */
function filledFields(form: KeyForm): (keyof KeyForm)[] {
  const fields = Object.keys(EMPTY_KEY) as (keyof KeyForm)[];
  return fields.filter((field) => JSON.stringify(form[field]) !== JSON.stringify(EMPTY_KEY[field]));
}
