import { Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../components/error-state.tsx';
import { FormActions } from '../../components/form-actions.tsx';
import { useChangeKey } from './api/change-key.ts';
import type { Key } from './api/list-keys.ts';
import { BasicFields } from './basic-fields.tsx';
import { AdvancedFields, SECTIONS } from './key-fields.tsx';
import { changeOfForm, formOfKey } from './key-form.ts';
import { useKeyForm } from './use-key-form.ts';

/** All of a key that may be changed. */
export function EditKeyForm(props: { apiKey: Key; operator: boolean; onDone: () => void }): ReactNode {
  const { t } = useTranslation('keys');
  const { apiKey, operator, onDone } = props;
  const change = useChangeKey();
  const { form, open, setOpen, onFaults, noteFindings } = useKeyForm(formOfKey(apiKey), [...SECTIONS]);
  const submit = form.onSubmit(
    (values) =>
      change.mutate(
        { id: apiKey.id, change: changeOfForm(values, apiKey, Date.now()) },
        {
          onError: noteFindings,
          onSuccess: () => {
            notifications.show({ message: t('changed') });
            onDone();
          },
        },
      ),
    onFaults,
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md" pb="xl">
        {change.error ? <ErrorState error={change.error} /> : null}
        <BasicFields form={form} />
        <AdvancedFields form={form} operator={operator} open={open} onOpen={setOpen} />
        <FormActions submitLabel={t('save')} pending={change.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
}
