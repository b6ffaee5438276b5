import { Alert, Anchor, Grid, Group, Progress, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { z } from 'zod';
import type { usageConsumption, UsageQuotas } from '@sluice/contract/usage-views';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PlanView } from '../../components/plan-view.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Section } from '../../components/section.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { useLimitText } from '../../lib/use-limit-text.ts';
import { consumptionQuery, quotasQuery } from './api/quotas.ts';

const REFRESH_MS = 30_000;
const ALMOST_USED_UP = 0.9;

/** What limits whoever is logged in, what is left of it and when it begins anew, beside what a week took. */
export function LimitsTab(): ReactNode {
  const { t } = useTranslation('usage');
  const quotas = useQuery({ ...quotasQuery, refetchInterval: REFRESH_MS });
  const consumption = useQuery(consumptionQuery);
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 6 }}>
        <Section title={t('limits.title')} hint={t('limits.hint')}>
          <QueryView query={quotas}>{(data) => <Limits quotas={data} />}</QueryView>
        </Section>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 6 }}>
        <Stack gap="lg">
          {quotas.data?.plan ? (
            <Section title={t('limits.plan')}>
              <PlanView plan={quotas.data.plan} />
            </Section>
          ) : null}
          <Section title={t('limits.week')} hint={t('limits.weekHint')}>
            <QueryView query={consumption}>{(data) => <Week consumption={data} />}</QueryView>
          </Section>
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

function Limits({ quotas }: { quotas: UsageQuotas }): ReactNode {
  const { t } = useTranslation('usage');
  const { quota, limits } = quotas;
  const textOf = useLimitText();
  if (quota === null && limits.length === 0) {
    return (
      <Alert color="green" variant="light" title={t('limits.none.title')}>
        {t('limits.none.text')}{' '}
        <Anchor fz="sm" underline="always" renderRoot={(props) => <Link to="/keys" {...props} />}>
          {t('limits.none.action')}
        </Anchor>
      </Alert>
    );
  }
  return (
    <Stack gap="lg">
      {quota === null ? null : (
        <LimitMeter label={t(`limits.tokensOf.${quota.source}`)} limit={quota} resetsAt={quota.resets_at} />
      )}
      {limits.map((limit) => (
        <LimitMeter
          key={`${limit.owner} ${limit.key ?? ''} ${limit.label}`}
          {...textOf(limit)}
          owner={limit.key === null ? t(`limits.owners.${limit.owner}`) : t('limits.ofKey', { name: limit.key })}
          limit={limit}
          resetsAt={limit.resets_at}
        />
      ))}
    </Stack>
  );
}

interface LimitMeterProps {
  label: string;
  /** Writes a figure of it. Counts, where absent. */
  write?: (figure: number) => string;
  owner?: string;
  limit: { limit: number; used: number; remaining: number };
  resetsAt: string | null;
}

function LimitMeter({ label, write, owner, limit, resetsAt }: LimitMeterProps): ReactNode {
  const { t } = useTranslation('usage');
  const format = useFormat();
  const said = write ?? format.count;
  const share = limit.limit === 0 ? 1 : limit.used / limit.limit;
  const used = t('limits.used', { used: said(limit.used), limit: said(limit.limit) });
  const reset = resetsAt === null ? '' : ` · ${t('limits.resets', { when: format.age(resetsAt) })}`;
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="sm">
        <Stack gap={0} miw={0}>
          <Text fw={600} fz="sm" style={{ overflowWrap: 'anywhere' }}>
            {label}
          </Text>
          {owner ? (
            <Text fz="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {owner}
            </Text>
          ) : null}
        </Stack>
        <Text fz="sm">{t('limits.left', { left: said(Math.max(0, limit.remaining)) })}</Text>
      </Group>
      <Progress
        value={Math.min(1, share) * 100}
        size="lg"
        aria-label={owner ? `${label}, ${owner}` : label}
        color={share >= ALMOST_USED_UP ? 'orange' : 'water'}
      />
      <Text fz="xs" c="dimmed">
        {used}
        {reset}
      </Text>
    </Stack>
  );
}

type Consumption = z.output<typeof usageConsumption>;

function Week({ consumption }: { consumption: Consumption }): ReactNode {
  const { t } = useTranslation('usage');
  const format = useFormat();
  const days = consumption.by_day.toReversed();
  const rows = [
    ...days.map(({ date, ...sums }) => ({ name: format.date(`${date}T12:00:00`), ...sums })),
    { name: t('total'), ...consumption.total },
  ];
  return (
    <Table fz="sm" verticalSpacing="xs" horizontalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('limits.day')}</Table.Th>
          <Table.Th ta="end">{t('measures.requests')}</Table.Th>
          <Table.Th ta="end">{t('tokens')}</Table.Th>
          <Table.Th ta="end">{t('cost')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row, index) => (
          <Table.Tr key={row.name} {...(index === days.length ? { fw: 650 } : {})}>
            <Table.Td>{row.name}</Table.Td>
            <Table.Td ta="end">{format.count(row.requests)}</Table.Td>
            <Table.Td ta="end">{format.compact(row.total_tokens)}</Table.Td>
            <Table.Td ta="end">{format.money(row.cost_micros)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
