import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { Card, Group, SegmentedControl, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { QueryView } from '../../../components/query-view.tsx';
import { useFormat } from '../../../lib/use-format.ts';
import { DAYS, ownDaysQuery } from '../api/own-days.ts';
import { dayPoints } from './day-points.ts';

const HEIGHT = 200;
const REFRESH_MS = 60_000;
const MEASURES = ['requests', 'tokens', 'cost'] as const;
type Measure = (typeof MEASURES)[number];

/** The last two weeks, a bar a day. */
export function DaysCard(): ReactNode {
  const { t } = useTranslation('overview');
  const [measure, setMeasure] = useState<Measure>('requests');
  const days = useQuery({ ...ownDaysQuery, refetchInterval: REFRESH_MS });
  return (
    <Card withBorder padding="lg">
      <Stack gap="md">
        <Group justify="space-between" gap="sm">
          <Title order={2} fz={16}>
            {t('days.title', { count: DAYS })}
          </Title>
          <SegmentedControl
            size="xs"
            aria-label={t('days.measure')}
            value={measure}
            onChange={(choice) => setMeasure(MEASURES.find((known) => known === choice) ?? 'requests')}
            data={MEASURES.map((value) => ({ value, label: t(value) }))}
          />
        </Group>
        <QueryView query={days} skeleton={[HEIGHT]}>
          {(rows) => <DayBars rows={rows} measure={measure} />}
        </QueryView>
      </Stack>
    </Card>
  );
}

function DayBars({ rows, measure }: { rows: Parameters<typeof dayPoints>[0]; measure: Measure }): ReactNode {
  const { t, i18n } = useTranslation('overview');
  const format = useFormat();
  const write = measure === 'cost' ? format.dollars : format.compact;
  return (
    <div role="img" aria-label={t('days.title', { count: DAYS })}>
      <BarChart
        h={HEIGHT}
        data={dayPoints(rows, i18n.language === 'zh' ? 'zh-CN' : 'en-US')}
        dataKey="day"
        series={[{ name: measure, label: t(measure), color: 'water.6' }]}
        valueFormatter={write}
        gridAxis="x"
        tickLine="none"
        maxBarWidth={28}
        yAxisProps={{ width: measure === 'cost' ? 84 : 48 }}
      />
    </div>
  );
}
