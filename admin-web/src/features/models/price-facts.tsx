import { Stack, Text } from '@mantine/core';
import type { PriceView } from '@sluice/contract/prices';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Facts } from '../../components/facts.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { figuresOf, type PriceFigure } from './price-parts.ts';
import { usePartText } from './use-part-text.ts';

/** A price part by part, its tiers under it. */
export function PriceFacts({ price }: { price: PriceView }): ReactNode {
  const { t } = useTranslation('models');
  const format = useFormat();
  const text = usePartText();
  const figures = figuresOf(price);
  const rowsOf = (found: readonly PriceFigure[]) =>
    found.map(({ part, dollars }) => ({
      label: text.part(part),
      value: t('priceOfUnit', { price: format.dollars(dollars), unit: text.unit(part) }),
    }));
  const own = figures.filter(({ above }) => above === null);
  if (figures.length === 0) {
    return (
      <Text fz="sm" c="dimmed">
        {t('free')}
      </Text>
    );
  }
  return (
    <Stack gap="md">
      {own.length > 0 ? <Facts rows={rowsOf(own)} /> : null}
      {(price.tiers ?? []).map(({ aboveInputTokens: threshold }) => (
        <Stack key={threshold} gap={8}>
          <Text fz="sm" fw={500}>
            {t('aboveTokens', { tokens: format.count(threshold) })}
          </Text>
          <Facts rows={rowsOf(figures.filter(({ above }) => above === threshold))} />
        </Stack>
      ))}
    </Stack>
  );
}
