import { Badge, Group, Stack, Text, Title } from '@mantine/core';
import type { UserPlanView } from '@sluice/contract/plans';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../lib/use-format.ts';
import { Meter } from './meter.tsx';

const ALMOST_USED_UP = 0.9;

/** A plan that somebody has, or had: until when it holds, and what is left of it. */
export function PlanView({ plan }: { plan: UserPlanView }): ReactNode {
  const { t } = useTranslation('plan');
  const format = useFormat();
  const { token_limit: tokens, money_limit: money } = plan;
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-start">
        <Stack gap={2}>
          <Title order={3} fz={18} style={{ overflowWrap: 'anywhere' }}>
            {plan.name}
          </Title>
          <Text fz="sm" c="dimmed">
            {t(plan.is_active ? 'ends' : 'ended', { when: format.dateTime(plan.expires_at) })}
          </Text>
        </Stack>
        <Badge variant="light" color={plan.is_active ? 'green' : 'gray'}>
          {t(plan.is_active ? 'active' : 'over')}
        </Badge>
      </Group>
      {tokens === null ? null : (
        <PlanMeter
          label={t('tokens')}
          used={plan.tokens_used}
          limit={tokens}
          left={plan.tokens_remaining ?? 0}
          write={format.compact}
        />
      )}
      {money === null ? null : (
        <PlanMeter
          label={t('money')}
          used={plan.money_used}
          limit={money}
          left={plan.money_remaining ?? 0}
          write={format.dollars}
        />
      )}
    </Stack>
  );
}

function PlanMeter(props: {
  label: string;
  used: number;
  limit: number;
  left: number;
  write: (amount: number) => string;
}): ReactNode {
  const { t } = useTranslation('plan');
  const { label, used, limit, left, write } = props;
  return (
    <Meter
      label={label}
      name={label}
      share={used / limit}
      said={t('left', { left: write(left) })}
      note={t('used', { used: write(used), limit: write(limit) })}
      isWarning={used / limit >= ALMOST_USED_UP}
    />
  );
}
