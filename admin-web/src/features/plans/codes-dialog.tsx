import {
  Alert,
  Button,
  Code as CodeText,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../../components/copy-button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { FormActions } from '../../components/form-actions.tsx';
import { useCreateCodes } from './api/codes.ts';
import { plansQuery } from './api/plans.ts';

/** Makes one code or many for a plan. */
export function CodesDialog({ opened, onClose }: { opened: boolean; onClose: () => void }): ReactNode {
  const { t } = useTranslation('plans');
  const create = useCreateCodes();
  const close = (): void => {
    create.reset();
    onClose();
  };
  return (
    <Dialog opened={opened} onClose={close} title={t('createCodes')} centered size="lg">
      {create.data ? <MadeCodes codes={create.data} onClose={close} /> : <CodesForm create={create} onCancel={close} />}
    </Dialog>
  );
}

function MadeCodes({ codes, onClose }: { codes: readonly string[]; onClose: () => void }): ReactNode {
  const { t } = useTranslation('plans');
  const text = codes.join('\n');
  return (
    <Stack gap="md">
      <Group justify="space-between">
        {t('madeCodes', { count: codes.length })}
        <CopyButton value={text} emphasis />
      </Group>
      <CodeText block mah={320} style={{ overflow: 'auto' }}>
        {text}
      </CodeText>
      <Group justify="flex-end">
        <Button onClick={onClose}>{t('done')}</Button>
      </Group>
    </Stack>
  );
}

const MOST_CODES = 100;
const MOST_DAYS = 3650;

function CodesForm(props: { create: ReturnType<typeof useCreateCodes>; onCancel: () => void }): ReactNode {
  const { t } = useTranslation('plans');
  const plans = useQuery(plansQuery);
  const names = plans.data?.plans.map(({ name }) => name) ?? [];
  const form = useForm<{ plan: string | null; count: number | ''; days: number | ''; prefix: string; note: string }>({
    initialValues: { plan: null, count: 1, days: 30, prefix: '', note: '' },
    validate: {
      plan: (plan) => (plan === null ? t('choosePlan') : null),
      count: (count) => (count === '' ? t('countInvalid') : null),
      prefix: (prefix) => (/^([A-Z0-9]([A-Z0-9-]{0,22}[A-Z0-9])?)?$/.test(prefix.trim()) ? null : t('prefixInvalid')),
    },
  });
  const submit = form.onSubmit(({ plan, count, days, prefix, note }) => {
    if (plan === null || count === '') return;
    props.create.mutate({
      plan,
      ...(count === 1 ? { type: 'single' } : { type: 'batch', count }),
      expires_days: days === '' ? null : days,
      prefix: prefix.trim(),
      description: note.trim(),
    });
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {props.create.error ? <ErrorState error={props.create.error} /> : null}
        {plans.data && names.length === 0 ? <Alert variant="light">{t('noPlans.forCodes')}</Alert> : null}
        <Select label={t('plan')} data={names} searchable {...form.getInputProps('plan')} />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NumberInput
            label={t('count')}
            min={1}
            max={MOST_CODES}
            clampBehavior="strict"
            allowDecimal={false}
            {...form.getInputProps('count')}
          />
          <NumberInput
            label={t('days')}
            description={t('daysHint')}
            min={1}
            max={MOST_DAYS}
            clampBehavior="strict"
            allowDecimal={false}
            {...form.getInputProps('days')}
          />
        </SimpleGrid>
        <TextInput
          label={t('prefix')}
          description={t('prefixHint')}
          placeholder="SPRING"
          {...form.getInputProps('prefix')}
          onChange={(event) => form.setFieldValue('prefix', event.currentTarget.value.toUpperCase())}
        />
        <TextInput label={t('note')} maxLength={500} {...form.getInputProps('note')} />
        <FormActions submitLabel={t('createCodes')} pending={props.create.isPending} onCancel={props.onCancel} />
      </Stack>
    </form>
  );
}
