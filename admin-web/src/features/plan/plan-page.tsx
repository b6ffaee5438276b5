import { Alert, Button, Grid, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { UserPlanView } from '@sluice/contract/plans';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { PlanView } from '../../components/plan-view.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Section } from '../../components/section.tsx';
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
            {(data) => (data === null ? <NoPlan /> : <OwnPlan plan={data} />)}
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
  return <EmptyState icon="plans" title={t('none.title')} text={t('none.text')} />;
}

function OwnPlan({ plan }: { plan: UserPlanView }): ReactNode {
  const { t } = useTranslation('plan');
  return (
    <Section title={t('yours')}>
      <PlanView plan={plan} />
    </Section>
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
    <Section title={t('redeem')}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
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
    </Section>
  );
}
