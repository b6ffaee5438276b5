import { NumberInput, SegmentedControl, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { LIMITS, type SettingsValues } from './settings-values.ts';

/** When the pool takes it, and what operators note about it. */
export function SettingsFields<Values extends SettingsValues>(props: {
  form: UseFormReturnType<Values>;
  isOAuth: boolean;
}): ReactNode {
  const { t } = useTranslation(['credential', 'credentials']);
  const { form, isOAuth } = props;
  return (
    <Stack gap="md">
      <Stack gap={4}>
        <Text fz="sm" fw={600}>
          {t('credentials:tier')}
        </Text>
        <Text fz="xs" c="dimmed">
          {t('fields.tierHint')}
        </Text>
        <SegmentedControl
          aria-label={t('credentials:tier')}
          data={[
            { value: 'basic', label: t('credentials:tiers.basic') },
            { value: 'super', label: t('credentials:tiers.super') },
          ]}
          {...form.getInputProps('tier')}
        />
      </Stack>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <NumberInput
          label={t('fields.priority')}
          description={t('fields.priorityHint')}
          min={0}
          max={1000}
          allowDecimal={false}
          {...form.getInputProps('priority')}
        />
        <NumberInput
          label={t('fields.weight')}
          description={t('fields.weightHint')}
          min={0}
          max={1000}
          {...form.getInputProps('weight')}
        />
        <TextInput label={t('fields.tag')} description={t('fields.tagHint')} {...form.getInputProps('tag')} />
        <TextInput
          label={t('fields.email')}
          description={t('fields.emailHint')}
          type="email"
          autoComplete="off"
          {...form.getInputProps('email')}
        />
        {isOAuth ? (
          <>
            <TextInput label={t('fields.bizId')} description={t('fields.bizIdHint')} {...form.getInputProps('bizId')} />
            <TextInput
              label={t('fields.clientId')}
              description={t('fields.clientIdHint')}
              {...form.getInputProps('clientId')}
            />
          </>
        ) : null}
      </SimpleGrid>
      <TextInput
        label={t('fields.proxyUrl')}
        description={t('fields.proxyHint')}
        placeholder="http://user:password@proxy.example.com:8080"
        autoComplete="off"
        {...form.getInputProps('proxyUrl')}
      />
      <Textarea label={t('fields.memo')} autosize minRows={2} maxRows={6} {...form.getInputProps('memo')} />
    </Stack>
  );
}

/** What all keys together may ask of it. */
export function LimitFields<Values extends SettingsValues>({ form }: { form: UseFormReturnType<Values> }): ReactNode {
  const { t } = useTranslation('credential');
  return (
    <Stack gap="sm">
      <Text fz="sm" c="dimmed">
        {t('limits.hint')}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        {LIMITS.map((name) => (
          <NumberInput
            key={name}
            label={t(`limits.${name}`)}
            placeholder={t('limits.none')}
            min={0}
            max={1_000_000_000_000}
            allowDecimal={name === 'budget'}
            thousandSeparator=","
            {...(name === 'budget' ? { prefix: '$', decimalScale: 2 } : {})}
            {...form.getInputProps(`limits.${name}`)}
          />
        ))}
      </SimpleGrid>
    </Stack>
  );
}
