import { Group, Progress, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../lib/use-format.ts';
import type { Key } from './api/list-keys.ts';
import { shareOf } from './limit-share.ts';

type Use = Key['limits_used'][number];

function colorOf(share: number): string {
  if (share >= 1) return 'red.7';
  return share >= 0.8 ? 'orange.6' : 'water.6';
}

/** One limit as a bar under its figures: `40 of 100`. */
export function LimitUse({ use, brief = false }: { use: Use; brief?: boolean }): ReactNode {
  const { t } = useTranslation('keys');
  const format = useFormat();
  const figure = use.measure === 'budget_micros_per_month' ? format.money : brief ? format.compact : format.count;
  const share = shareOf(use);
  const label = t(`measures.${use.measure}`);
  return (
    <Stack gap={4} miw={brief ? 130 : 0}>
      <Group justify="space-between" wrap="nowrap" gap="sm" align="baseline">
        <Text fz={brief ? 'xs' : 'sm'} c={brief ? 'dimmed' : undefined}>
          {label}
        </Text>
        <Text fz={brief ? 'xs' : 'sm'} style={{ whiteSpace: 'nowrap' }}>
          {use.limit === 0 ? t('blocked') : t('usedOf', { used: figure(use.used), limit: figure(use.limit) })}
        </Text>
      </Group>
      <Progress value={share * 100} color={colorOf(share)} size={brief ? 4 : 6} aria-label={label} />
      {brief || use.resets_at === null || use.limit === 0 ? null : (
        <Text fz="xs" c="dimmed" title={format.dateTime(use.resets_at)}>
          {t('resets', { age: format.age(use.resets_at) })}
        </Text>
      )}
    </Stack>
  );
}
