import '@mantine/charts/styles.css';
import { AreaChart, BarChart, LineChart } from '@mantine/charts';
import { Card, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { MetricsHistory } from '@sluice/contract/monitoring';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDuration } from '../../lib/format.ts';
import { useFormat } from '../../lib/use-format.ts';
import { chartPoints } from './chart-points.ts';

const HEIGHT = 220;
/** Room for sums far below a cent. */
const WIDE_LABELS = 84;

/** Requests, cost and latency over the period. */
export function TrafficCharts({ history }: { history: MetricsHistory }): ReactNode {
  const { t, i18n } = useTranslation('overview');
  const format = useFormat();
  const points = chartPoints(history, i18n.language === 'zh' ? 'zh-CN' : 'en-US');
  const axes = { h: HEIGHT, data: points, dataKey: 'time', tickLine: 'none', gridAxis: 'x' } as const;
  // Without dots a time that has no neighbours would be seen by nobody.
  const lines = { ...axes, dotProps: { r: 2 }, curveType: 'monotone' } as const;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <ChartCard title={t('charts.requests')} empty={points.every(({ succeeded, failed }) => succeeded + failed === 0)}>
        <BarChart
          {...axes}
          type="stacked"
          withLegend
          series={[
            { name: 'succeeded', label: t('charts.succeeded'), color: 'water.6' },
            { name: 'failed', label: t('charts.failed'), color: 'red.6' },
          ]}
          valueFormatter={format.compact}
        />
      </ChartCard>
      <ChartCard title={t('charts.latency')} empty={points.every(({ p95 }) => p95 === null)}>
        <LineChart
          {...lines}
          withLegend
          connectNulls={false}
          series={[
            { name: 'p50', label: t('charts.p50'), color: 'water.6' },
            { name: 'p95', label: t('charts.p95'), color: 'orange.6' },
          ]}
          valueFormatter={formatDuration}
        />
      </ChartCard>
      <ChartCard title={t('charts.tokens')} empty={points.every(({ tokens }) => tokens === 0)}>
        <AreaChart
          {...lines}
          series={[{ name: 'tokens', label: t('tokens'), color: 'grape.6' }]}
          valueFormatter={format.compact}
        />
      </ChartCard>
      <ChartCard title={t('charts.cost')} empty={points.every(({ cost }) => cost === 0)}>
        <AreaChart
          {...lines}
          yAxisProps={{ width: WIDE_LABELS }}
          series={[{ name: 'cost', label: t('cost'), color: 'green.7' }]}
          valueFormatter={(dollars) => format.dollars(dollars)}
        />
      </ChartCard>
    </SimpleGrid>
  );
}

function ChartCard(props: { title: string; empty: boolean; children: ReactNode }): ReactNode {
  const { t } = useTranslation('overview');
  return (
    <Card withBorder padding="lg">
      <Stack gap="sm">
        <Title order={2} fz={16}>
          {props.title}
        </Title>
        {props.empty ? (
          <Text fz="sm" c="dimmed" h={HEIGHT}>
            {t('charts.empty')}
          </Text>
        ) : (
          <div role="img" aria-label={props.title}>
            {props.children}
          </div>
        )}
      </Stack>
    </Card>
  );
}
