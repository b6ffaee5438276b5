import { NumberInput, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ModelForm } from './model-form.ts';
import { CHOICES, SWITCHES, type Choice, type FeaturesForm } from './route-features.ts';

const CHOICE_NAMES = Object.keys(CHOICES) as Choice[];

/** What this model can do at this upstream, where that is not as usual for the upstream's format. */
export function FeaturesFields(props: {
  form: UseFormReturnType<ModelForm>;
  path: string;
  features: FeaturesForm;
}): ReactNode {
  const { t } = useTranslation('models');
  const { form, path, features } = props;
  const usual = { value: '', label: t('features.usual') };
  const limit = {
    min: 1,
    allowDecimal: false,
    allowNegative: false,
    thousandSeparator: true,
    hideControls: true,
  } as const;
  return (
    <Stack gap="sm">
      <Stack gap={2}>
        <Text fz="sm" fw={600}>
          {t('features.title')}
        </Text>
        <Text fz="sm" c="dimmed">
          {t('features.hint')}
        </Text>
      </Stack>
      <SimpleGrid cols={{ base: 2, sm: 3 }}>
        {SWITCHES.map((name) => (
          <Select
            key={name}
            label={t(`features.${name}`)}
            allowDeselect={false}
            data={[usual, { value: 'yes', label: t('features.yes') }, { value: 'no', label: t('features.no') }]}
            {...form.getInputProps(`${path}.${name}`)}
          />
        ))}
        {CHOICE_NAMES.map((name) => (
          <Select
            key={name}
            label={t(`features.${name}`)}
            allowDeselect={false}
            data={[usual, ...CHOICES[name].map((value) => ({ value, label: value }))]}
            {...form.getInputProps(`${path}.${name}`)}
          />
        ))}
        <NumberInput
          label={t('features.defaultMaxOutputTokens')}
          placeholder={t('features.usual')}
          {...limit}
          {...form.getInputProps(`${path}.defaultMaxOutputTokens`)}
        />
        <NumberInput
          label={t('features.maxOutputTokens')}
          placeholder={features.maxOutputTokens === null ? t('unknown') : t('features.usual')}
          {...limit}
          {...form.getInputProps(`${path}.maxOutputTokens`)}
          value={features.maxOutputTokens ?? ''}
        />
      </SimpleGrid>
    </Stack>
  );
}
