import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { Alert, Anchor, Card, Group, Progress, SegmentedControl, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { localeOf } from '../../lib/language.ts';
import { useFormat } from '../../lib/use-format.ts';
import { hedgingReportQuery, type HedgingReport } from './api/hedging.ts';
import { hedgingPoints, sumHedging } from './hedging-sums.ts';
import { HEDGING_DAYS, type ModelsProps } from './models-search.ts';

/** What second calls to slow upstreams cost, and how often they were the quicker ones. */
export function HedgingTab({ search, onSearch }: ModelsProps): ReactNode {
  const { t } = useTranslation('models');
  const days = search.days ?? HEDGING_DAYS[0];
  const report = useQuery(hedgingReportQuery(days));
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-start" gap="md">
        <Text fz="sm" c="dimmed" maw={640} style={{ flex: '1 1 320px' }}>
          {t('hedging.explained')}
        </Text>
        <SegmentedControl
          aria-label={t('hedging.period')}
          value={String(days)}
          onChange={(chosen) =>
            onSearch({
              tab: 'hedging',
              days: HEDGING_DAYS.slice(1).find((known) => String(known) === chosen),
            })
          }
          data={HEDGING_DAYS.map((count) => ({ value: String(count), label: t('hedging.days', { days: count }) }))}
        />
      </Group>
      <QueryView query={report} skeleton={[90, 240]}>
        {(data) => <Report report={data} />}
      </QueryView>
    </Stack>
  );
}

function Report({ report }: { report: HedgingReport }): ReactNode {
  const { t } = useTranslation('models');
  const hasRaces = report.days.some(({ races }) => races > 0);
  if (!hasRaces) {
    return (
      <EmptyState
        icon="models"
        title={t(report.enabled ? 'hedging.none.title' : 'hedging.off.title')}
        text={t(report.enabled ? 'hedging.none.text' : 'hedging.off.text')}
        action={report.enabled ? null : <SettingsLink />}
      />
    );
  }
  return (
    <>
      {report.enabled ? null : (
        <Alert color="gray" variant="light" title={t('hedging.off.title')}>
          <SettingsLink />
        </Alert>
      )}
      <Sums report={report} />
      <Charts report={report} />
      <Days report={report} />
    </>
  );
}

function SettingsLink(): ReactNode {
  const { t } = useTranslation('models');
  return (
    <Anchor fz="sm" underline="always" renderRoot={(root) => <Link to="/settings" {...root} />}>
      {t('hedging.toSettings')}
    </Anchor>
  );
}

function Sums({ report }: { report: HedgingReport }): ReactNode {
  const { t } = useTranslation('models');
  const format = useFormat();
  const sums = sumHedging(report.days);
  const today = report.days[0]?.spent_micros ?? 0;
  const budget = report.daily_budget_micros;
  const cards = [
    { label: t('hedging.races'), value: format.count(sums.races), note: t('hedging.racesNote') },
    {
      label: t('hedging.won'),
      value: `${format.count(sums.won)} · ${format.share(sums.won, sums.races) ?? '–'}`,
      note: t('hedging.wonNote'),
    },
    {
      label: t('hedging.spent'),
      value: format.money(sums.spentMicros),
      note:
        sums.microsPerWin === null
          ? t('hedging.spentNote')
          : t('hedging.perWin', { money: format.money(sums.microsPerWin) }),
    },
  ];
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
      {cards.map(({ label, value, note }) => (
        <Figure key={label} label={label} value={value} note={note} />
      ))}
      <Card withBorder padding="md">
        <Text fz="sm" c="dimmed">
          {t('hedging.today')}
        </Text>
        <Text fz={22} fw={650}>
          {format.money(today)}
        </Text>
        <Progress
          mt={6}
          value={budget > 0 ? Math.min(100, (today / budget) * 100) : 0}
          aria-label={t('hedging.today')}
        />
        <Text fz="xs" c="dimmed" mt={6}>
          {t('hedging.budget', { money: format.money(budget) })}
        </Text>
      </Card>
    </SimpleGrid>
  );
}

function Figure(props: { label: string; value: string; note: string }): ReactNode {
  return (
    <Card withBorder padding="md">
      <Text fz="sm" c="dimmed">
        {props.label}
      </Text>
      <Text fz={22} fw={650}>
        {props.value}
      </Text>
      <Text fz="xs" c="dimmed" mt={6}>
        {props.note}
      </Text>
    </Card>
  );
}

function Charts({ report }: { report: HedgingReport }): ReactNode {
  const { t, i18n } = useTranslation('models');
  const format = useFormat();
  const common = {
    h: 200,
    data: hedgingPoints(report.days, localeOf(i18n.language)),
    dataKey: 'day',
    tickLine: 'none',
  } as const;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <ChartCard title={t('hedging.racesByDay')}>
        <BarChart
          {...common}
          type="stacked"
          withLegend
          series={[
            { name: 'won', label: t('hedging.secondWon'), color: 'water.6' },
            { name: 'lost', label: t('hedging.firstWon'), color: 'gray.5' },
          ]}
          valueFormatter={format.count}
        />
      </ChartCard>
      <ChartCard title={t('hedging.spentByDay')}>
        <BarChart
          {...common}
          series={[{ name: 'spent', label: t('hedging.spent'), color: 'orange.6' }]}
          valueFormatter={format.dollars}
        />
      </ChartCard>
    </SimpleGrid>
  );
}

function ChartCard({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <Card withBorder padding="lg">
      <Stack gap="sm">
        <Title order={2} fz={16}>
          {title}
        </Title>
        <div role="img" aria-label={title}>
          {children}
        </div>
      </Stack>
    </Card>
  );
}

/** The same figures to read. */
function Days({ report }: { report: HedgingReport }): ReactNode {
  const { t, i18n } = useTranslation('models');
  const format = useFormat();
  const date = new Intl.DateTimeFormat(localeOf(i18n.language), { dateStyle: 'medium', timeZone: 'UTC' });
  return (
    <ResourceTable
      caption={t('tabs.hedging')}
      rows={report.days.filter(({ races, spent_micros: spent }) => races > 0 || spent > 0)}
      rowKey={({ day }) => day}
      columns={[
        { key: 'day', header: t('hedging.day'), render: ({ day }) => date.format(new Date(`${day}T00:00:00Z`)) },
        { key: 'races', header: t('hedging.races'), align: 'end', render: ({ races }) => format.count(races) },
        { key: 'won', header: t('hedging.won'), align: 'end', render: ({ won }) => format.count(won) },
        {
          key: 'share',
          header: t('hedging.share'),
          align: 'end',
          render: ({ won, races }) => format.share(won, races) ?? '–',
        },
        {
          key: 'spent',
          header: t('hedging.spent'),
          align: 'end',
          render: ({ spent_micros: spent }) => format.money(spent),
        },
      ]}
    />
  );
}
