import { Group, Stack, Text } from '@mantine/core';
import type { PriceView } from '@sluice/contract/prices';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../lib/use-format.ts';
import { changesBetween, type PriceChange } from './price-parts.ts';
import { usePartText } from './use-part-text.ts';

/** Old → new, figure by figure; the figures alone where there was no price before. */
export function PriceChanges(props: { before: PriceView | null; after: PriceView | null }): ReactNode {
  const { t } = useTranslation('models');
  const format = useFormat();
  const text = usePartText();
  const changes = changesBetween(props.before, props.after);
  if (changes.length === 0) {
    return (
      <Text fz="sm" c="dimmed">
        {t(props.before === null ? 'free' : 'noChange')}
      </Text>
    );
  }
  return (
    <Stack gap={4}>
      {changes.map((change) => (
        <Group key={`${change.above}/${change.part}`} gap="xs" wrap="wrap">
          <Text fz="sm" c="dimmed">
            {text.place(change)}
          </Text>
          {props.before === null ? (
            <Text fz="sm" fw={500}>
              {format.dollars(change.after ?? 0)}
            </Text>
          ) : (
            <Text fz="sm" fw={500} c={colorOf(change)} style={{ whiteSpace: 'nowrap' }}>
              {text.change(change)}
            </Text>
          )}
        </Group>
      ))}
    </Stack>
  );
}

/** Dearer stands out, cheaper does by its own colour. */
function colorOf({ before, after }: PriceChange): string {
  return (after ?? 0) > (before ?? 0)
    ? 'var(--mantine-color-orange-light-color)'
    : 'var(--mantine-color-green-light-color)';
}
