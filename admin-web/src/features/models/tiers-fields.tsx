import { ActionIcon, Alert, Button, Card, Group, NumberInput, Stack, Text } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import type { ModelForm } from './model-form.ts';
import { emptyTier, type TierForm } from './price-form.ts';
import { PartFields } from './part-fields.tsx';
import { RATES } from './price-parts.ts';

const MOST_TIERS = 20;

/** Rates of long requests. */
export function TiersFields(props: {
  form: UseFormReturnType<ModelForm>;
  path: string;
  tiers: readonly TierForm[];
}): ReactNode {
  const { t } = useTranslation('models');
  const { form, path, tiers } = props;
  const fault = form.errors[path];
  return (
    <Stack gap="sm">
      <Stack gap={2}>
        <Text fz="sm" fw={600}>
          {t('tiers.title')}
        </Text>
        <Text fz="sm" c="dimmed">
          {t('tiers.hint')}
        </Text>
      </Stack>
      {tiers.map((_tier, index) => (
        <Card key={index} withBorder padding="md" role="group" aria-label={t('tiers.number', { number: index + 1 })}>
          <Stack gap="sm">
            <Group align="flex-end" justify="space-between" wrap="nowrap">
              <NumberInput
                label={t('tiers.above')}
                placeholder="200,000"
                min={1}
                allowDecimal={false}
                allowNegative={false}
                thousandSeparator
                hideControls
                {...form.getInputProps(`${path}.${index}.aboveInputTokens`)}
              />
              <ActionIcon
                variant="subtle"
                color="red"
                size="lg"
                aria-label={t('tiers.remove', { number: index + 1 })}
                onClick={() => form.removeListItem(path, index)}
              >
                <Icon name="trash" />
              </ActionIcon>
            </Group>
            <PartFields form={form} path={`${path}.${index}`} parts={RATES} whenEmpty={t('tiers.asPrice')} />
          </Stack>
        </Card>
      ))}
      {fault ? (
        <Alert color="red" variant="light">
          {fault}
        </Alert>
      ) : null}
      <Group>
        <Button
          variant="default"
          size="xs"
          leftSection={<Icon name="plus" size={15} />}
          disabled={tiers.length >= MOST_TIERS}
          onClick={() => form.insertListItem(path, emptyTier())}
        >
          {t('tiers.add')}
        </Button>
      </Group>
    </Stack>
  );
}
