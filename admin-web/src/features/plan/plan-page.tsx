import { Alert, Badge, Button, Card, Grid, Group, Progress, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { UserPlanView } from '@sluice/contract/plans';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../components/error-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { ownPlanQuery, useRedeem } from './api/own-plan.ts';

const REFRESH_MS = 30_000;

/** What the caller has left, and where a code becomes a plan. */
export function PlanPage(): ReactNode {
  const { t } = useTranslation('plan');
  const plan = useQuery({ ...ownPlanQuery, refetchInterval: REFRESH_MS });
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <QueryView query={plan} skeleton={[220]}>
            {(data) => (data === null ? <NoPlan /> : <PlanCard plan={data} />)}
          </QueryView>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <RedeemCard />
        </Grid.Col>
      </Grid>
    </>
  );
}

function NoPlan(): ReactNode {
  const { t } = useTranslation('plan');
  return (
    <Card withBorder padding="lg">
      <Title order={2} fz={17} mb={4}>
        {t('none.title')}
      </Title>
      <Text fz="sm" c="dimmed">
        {t('none.text')}
      </Text>
    </Card>
  );
}

function PlanCard({ plan }: { plan: UserPlanView }): ReactNode {
  const { t } = useTranslation('plan');
  const format = useFormat();
  return (
    <Card withBorder padding="lg">
      <Stack gap="lg">
        <Group justify="space-between" align="flex-start">
          <Stack gap={2}>
            <Title order={2} fz={20}>
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
        {plan.token_limit === null ? null : (
          <Meter
            label={t('tokens')}
            used={plan.tokens_used}
            limit={plan.token_limit}
            left={plan.tokens_remaining ?? 0}
            write={format.compact}
          />
        )}
        {plan.money_limit === null ? null : (
          <Meter
            label={t('money')}
            used={plan.money_used}
            limit={plan.money_limit}
            left={plan.money_remaining ?? 0}
            write={format.dollars}
          />
        )}
      </Stack>
    </Card>
  );
}

const ALMOST_USED_UP = 90;

function Meter(props: {
  label: string;
  used: number;
  limit: number;
  left: number;
  write: (amount: number) => string;
}): ReactNode {
  const { t } = useTranslation('plan');
  const { label, used, limit, left, write } = props;
  const percent = Math.min(100, (used / limit) * 100);
  return (
    <Stack gap={6}>
      <Group justify="space-between">
        <Text fw={600} fz="sm">
          {label}
        </Text>
        <Text fz="sm">{t('left', { left: write(left) })}</Text>
      </Group>
      <Progress value={percent} size="lg" aria-label={label} color={percent >= ALMOST_USED_UP ? 'orange' : 'water'} />
      <Text fz="xs" c="dimmed">
        {t('used', { used: write(used), limit: write(limit) })}
      </Text>
    </Stack>
  );
}

function RedeemCard(): ReactNode {
  const { t } = useTranslation('plan');
  const format = useFormat();
  const redeem = useRedeem();
  const form = useForm({
    initialValues: { code: '' },
    validate: { code: (code) => (code.trim() === '' ? t('codeMissing') : null) },
  });
  const submit = form.onSubmit(({ code }) => redeem.mutate(code.trim(), { onSuccess: () => form.reset() }));
  const { data: plan } = redeem;
  return (
    <Card withBorder padding="lg">
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <Title order={2} fz={17}>
            {t('redeem')}
          </Title>
          {redeem.error ? <ErrorState error={redeem.error} /> : null}
          {plan ? (
            <Alert color="green" variant="light" role="status" title={t('redeemed', { name: plan.name })}>
              {t(plan.extended ? 'extendedUntil' : 'until', { when: format.dateTime(plan.expires_at) })}
              {plan.replaced ? ` ${t('replaced', { name: plan.replaced.name })}` : ''}
            </Alert>
          ) : null}
          <TextInput
            label={t('code')}
            description={t('codeHint')}
            placeholder="XXXXX-XXXXX-XXXXX-XXXXX"
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            {...form.getInputProps('code')}
          />
          <Button type="submit" loading={redeem.isPending}>
            {t('redeem')}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
