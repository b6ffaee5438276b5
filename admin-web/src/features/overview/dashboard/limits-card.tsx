import { Card, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Meter } from '../../../components/meter.tsx';
import { useFormat } from '../../../lib/use-format.ts';
import { shareUsed, tightestFirst, type Limit } from '../../../lib/limit-kind.ts';
import { useLimitText } from '../../../lib/use-limit-text.ts';

const SHOWN = 6;
const ALMOST_USED_UP = 0.9;

/** What binds the account and its keys at this moment, tightest first. */
export function LimitsCard({ limits }: { limits: readonly Limit[] }): ReactNode {
  const { t } = useTranslation('overview');
  const rows = tightestFirst(limits);
  return (
    <Card withBorder padding="lg">
      <Stack gap="md">
        <Title order={2} fz={16}>
          {t('limits.title')}
        </Title>
        {rows.length === 0 ? (
          <Text fz="sm" c="dimmed">
            {t('limits.none')}
          </Text>
        ) : (
          rows
            .slice(0, SHOWN)
            .map((limit) => <LimitMeter key={`${limit.owner} ${limit.key} ${limit.label}`} limit={limit} />)
        )}
        {rows.length > SHOWN ? (
          <Text fz="xs" c="dimmed">
            {t('limits.more', { count: rows.length - SHOWN })}
          </Text>
        ) : null}
      </Stack>
    </Card>
  );
}

function LimitMeter({ limit }: { limit: Limit }): ReactNode {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const { label, write } = useLimitText()(limit);
  const named = limit.key === null ? label : t('limits.ofKey', { limit: label, key: limit.key });
  const share = shareUsed(limit);
  return (
    <Meter
      label={named}
      name={named}
      share={share}
      said={t('usedOf', { used: write(limit.used), limit: write(limit.limit) })}
      isWarning={share >= ALMOST_USED_UP}
      {...(limit.used > 0 && limit.resets_at !== null
        ? { note: t('limits.resets', { age: format.age(limit.resets_at) }) }
        : {})}
    />
  );
}
