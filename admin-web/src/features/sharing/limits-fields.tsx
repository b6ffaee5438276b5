import { NumberInput, SimpleGrid, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LimitFields } from './limits.ts';

const MOST_TOKENS = 1_000_000_000_000;
const MOST_DOLLARS = 1_000_000;

/** How much of a credential may be used up: what is left of it, for others too, is reckoned from this. */
export function LimitsFields(props: { values: LimitFields; onChange: (values: LimitFields) => void }): ReactNode {
  const { t } = useTranslation('sharing');
  const { values, onChange } = props;
  return (
    <Stack gap={6}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <NumberInput
          label={t('limits.tokens')}
          placeholder={t('limits.none')}
          min={1}
          max={MOST_TOKENS}
          clampBehavior="strict"
          allowDecimal={false}
          thousandSeparator
          value={values.tokens}
          onChange={(tokens) => onChange({ ...values, tokens: typeof tokens === 'number' ? tokens : '' })}
        />
        <NumberInput
          label={t('limits.dollars')}
          placeholder={t('limits.none')}
          min={0}
          max={MOST_DOLLARS}
          clampBehavior="strict"
          decimalScale={2}
          prefix="$"
          value={values.dollars}
          onChange={(dollars) => onChange({ ...values, dollars: typeof dollars === 'number' ? dollars : '' })}
        />
      </SimpleGrid>
      <Text fz="xs" c="dimmed">
        {t('limits.hint')}
      </Text>
    </Stack>
  );
}
