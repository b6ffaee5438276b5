import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { displayName } from '@sluice/contract/names';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../components/error-state.tsx';
import { Icon } from '../../components/icon.tsx';
import { SecretOnce } from '../../components/secret-once.tsx';
import { useMakeKey } from './api/make-key.ts';

/** A key, made right here; its secret is shown this once. */
export function KeyStep({ keys }: { keys: number }): ReactNode {
  const { t } = useTranslation('guide');
  const make = useMakeKey();
  const form = useForm({
    initialValues: { name: t('key.suggestion') },
    validate: { name: (name) => (displayName.safeParse(name.trim()).success ? null : t('key.nameInvalid')) },
  });
  if (make.data) {
    return (
      <Stack gap="md">
        <SecretOnce secrets={[{ name: make.data.name, secret: make.data.key }]} />
        {make.data.warnings.map((warning) => (
          <Text key={warning} fz="sm">
            {warning}
          </Text>
        ))}
      </Stack>
    );
  }
  return (
    <form onSubmit={form.onSubmit(({ name }) => make.mutate({ name: name.trim() }))} noValidate>
      <Stack gap="sm">
        <Text fz="sm">{keys === 0 ? t('key.none') : t('key.present', { count: keys })}</Text>
        {make.error ? <ErrorState error={make.error} /> : null}
        <Group gap="sm" align="flex-start">
          <TextInput
            aria-label={t('key.name')}
            maxLength={100}
            style={{ flex: '1 1 220px' }}
            {...form.getInputProps('name')}
          />
          <Button
            type="submit"
            variant={keys === 0 ? 'filled' : 'default'}
            leftSection={<Icon name="plus" size={16} />}
            loading={make.isPending}
          >
            {t(keys === 0 ? 'key.make' : 'key.another')}
          </Button>
          {keys === 0 ? null : (
            <Button variant="subtle" renderRoot={(props) => <Link to="/keys" {...props} />}>
              {t('key.list')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
