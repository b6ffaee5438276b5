import { Anchor, Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import type { UserPlanView } from '@sluice/contract/plans';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Meter } from '../../../components/meter.tsx';
import { useFormat } from '../../../lib/use-format.ts';
import { shareUsed } from '../../../lib/limit-kind.ts';

/** The plan and what is left of it; without one, where it comes from. */
export function PlanCard({ plan }: { plan: UserPlanView | null }): ReactNode {
  return (
    <Card withBorder padding="lg">
      {plan?.is_active ? <ActivePlan plan={plan} /> : <NoPlan ended={plan} />}
    </Card>
  );
}

function ActivePlan({ plan }: { plan: UserPlanView }): ReactNode {
  const { t } = useTranslation('overview');
  const format = useFormat();
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <Title order={2} fz={16} style={{ overflowWrap: 'anywhere' }}>
          {t('plan.title', { name: plan.name })}
        </Title>
        <Anchor fz="sm" renderRoot={(props) => <Link to="/plan" {...props} />}>
          {t('plan.open')}
        </Anchor>
      </Group>
      {plan.token_limit === null ? null : (
        <PlanMeter label={t('plan.tokens')} used={plan.tokens_used} limit={plan.token_limit} write={format.compact} />
      )}
      {plan.money_limit === null ? null : (
        <PlanMeter label={t('plan.money')} used={plan.money_used} limit={plan.money_limit} write={format.dollars} />
      )}
      <Text fz="xs" c="dimmed">
        {t('plan.ends', { age: format.age(plan.expires_at), when: format.dateTime(plan.expires_at) })}
      </Text>
    </Stack>
  );
}

const ALMOST_USED_UP = 0.9;

function PlanMeter(props: {
  label: string;
  used: number;
  limit: number;
  write: (amount: number) => string;
}): ReactNode {
  const { t } = useTranslation('overview');
  const { label, used, limit, write } = props;
  const share = shareUsed({ used, limit });
  return (
    <Meter
      label={label}
      name={label}
      share={share}
      said={t('left', { value: write(Math.max(0, limit - used)) })}
      note={t('usedOf', { used: write(used), limit: write(limit) })}
      isWarning={share >= ALMOST_USED_UP}
    />
  );
}

function NoPlan({ ended }: { ended: UserPlanView | null }): ReactNode {
  const { t } = useTranslation('overview');
  const format = useFormat();
  return (
    <Stack gap="sm" align="flex-start">
      <Group gap="sm">
        <Title order={2} fz={16}>
          {t('plan.none')}
        </Title>
        {ended ? (
          <Badge variant="light" color="gray">
            {t('plan.ended', { name: ended.name, when: format.date(ended.expires_at) })}
          </Badge>
        ) : null}
      </Group>
      <Text fz="sm" c="dimmed">
        {t('plan.noneText')}
      </Text>
      <Button size="xs" variant="default" renderRoot={(props) => <Link to="/plan" {...props} />}>
        {t('plan.redeem')}
      </Button>
    </Stack>
  );
}
