import { ActionIcon, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../components/icon.tsx';

const REQUEST_ID = /^[0-9a-hjkmnp-tv-z]{16}$/;

/** Opens a request by the id that its answer carried, wherever it is in the log. */
export function RequestSearch({ onFind }: { onFind: (requestId: string) => void }): ReactNode {
  const { t } = useTranslation('usage');
  const form = useForm({
    initialValues: { id: '' },
    validate: { id: (id) => (REQUEST_ID.test(id.trim().toLowerCase()) ? null : t('find.wrong')) },
  });
  const submit = form.onSubmit(({ id }) => {
    onFind(id.trim().toLowerCase());
    form.reset();
  });
  return (
    <form onSubmit={submit} noValidate>
      <TextInput
        aria-label={t('find.label')}
        placeholder={t('find.label')}
        autoComplete="off"
        spellCheck={false}
        w={{ base: '100%', sm: 250 }}
        rightSection={
          <ActionIcon type="submit" variant="subtle" color="gray" aria-label={t('find.action')}>
            <Icon name="search" size={16} />
          </ActionIcon>
        }
        {...form.getInputProps('id')}
      />
    </form>
  );
}
