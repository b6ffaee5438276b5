import { Select, SimpleGrid, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ModelsField } from './key-fields.tsx';
import type { KeyForm } from './key-form.ts';
import { LIFETIMES } from './lifetime.ts';

/** What every key has: a name, an end, and its models. */
export function BasicFields({ form }: { form: UseFormReturnType<KeyForm> }): ReactNode {
  const { t } = useTranslation('keys');
  const isDated = form.getValues().lifetime === 'date';
  return (
    <>
      <TextInput
        label={t('name')}
        description={t('nameHint')}
        placeholder={t('namePlaceholder')}
        maxLength={100}
        data-autofocus
        {...form.getInputProps('name')}
      />
      <SimpleGrid cols={{ base: 1, xs: isDated ? 2 : 1 }}>
        <Select
          label={t('lifetime')}
          allowDeselect={false}
          data={LIFETIMES.map((lifetime) => ({ value: lifetime, label: t(`lifetimes.${lifetime}`) }))}
          {...form.getInputProps('lifetime')}
        />
        {isDated ? (
          <TextInput type="datetime-local" label={t('expiresAt')} {...form.getInputProps('expiresAt')} />
        ) : null}
      </SimpleGrid>
      <ModelsField form={form} />
    </>
  );
}
