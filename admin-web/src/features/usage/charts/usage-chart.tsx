import '@mantine/charts/styles.css';
import { BarChart, LineChart } from '@mantine/charts';
import type { UsageStats } from '@sluice/contract/usage';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Section } from '../../../components/section.tsx';
import { formatDuration } from '../../../lib/format.ts';
import { localeOf } from '../../../lib/language.ts';
import { useFormat } from '../../../lib/use-format.ts';
import type { UsageRange } from '../period.ts';
import type { Grouping, Measure } from '../usage-search.ts';
import { chartByGroup, chartByKind, TOKEN_KINDS, type ChartRow } from './chart-data.ts';
import { useMemberName } from './use-member-name.ts';

/** On a phone the legend takes more lines. */
const HEIGHT = { base: 420, sm: 320 };
const KIND_COLORS = { fresh: 'water.6', cached: 'green.6', output: 'orange.5' } as const;

interface UsageChartProps {
  stats: UsageStats;
  range: UsageRange;
  measure: Measure;
  by: Grouping;
}

/** One measure over time, stacked by group: latency, which does not add up, as lines. */
export function UsageChart({ stats, range, measure, by }: UsageChartProps): ReactNode {
  const { t, i18n } = useTranslation('usage');
  const write = useAmountText(measure);
  const nameOf = useMemberName(by);
  const question = { range, locale: localeOf(i18n.language), now: Date.now() };
  const names = new Map((stats.groups ?? []).map((group) => [group.id, nameOf(group)]));
  const title = `${t(`measures.${measure}`)} · ${t(`by.${measure === 'kinds' ? 'kind' : by}`)}`;
  const hint = t(range.grain === 'hour' ? 'perHour' : 'perDay');
  if (measure === 'kinds') {
    const series = TOKEN_KINDS.map((name) => ({ name, label: t(`kinds.${name}`), color: KIND_COLORS[name] }));
    return (
      <Drawn title={title} hint={hint} rows={chartByKind(stats, question)} series={series} write={write} isStacked />
    );
  }
  const data = chartByGroup(stats, { ...question, measure });
  const series = data.series.map(({ name, id, color }) => ({
    name,
    color,
    label: id === null ? t('others') : (names.get(id) ?? id),
  }));
  return (
    <Drawn title={title} hint={hint} rows={data.rows} series={series} write={write} isStacked={measure !== 'latency'} />
  );
}

/** How an amount of a measure is written. */
function useAmountText(measure: Measure): (amount: number) => string {
  const format = useFormat();
  if (measure === 'cost') return (dollars) => format.dollars(dollars);
  return measure === 'latency' ? formatDuration : format.compact;
}

interface DrawnProps {
  title: string;
  hint: string;
  rows: ChartRow[];
  series: { name: string; label: string; color: string }[];
  write: (amount: number) => string;
  isStacked: boolean;
}

export function Drawn({ title, hint, rows, series, write, isStacked }: DrawnProps): ReactNode {
  const common = {
    h: HEIGHT,
    data: rows,
    dataKey: 'time',
    series,
    withLegend: true,
    tickLine: 'none',
    gridAxis: 'x',
    valueFormatter: write,
    legendProps: { verticalAlign: 'bottom' },
    xAxisProps: { minTickGap: 24 },
    yAxisProps: { width: 68 },
  } as const;
  return (
    <Section title={title} hint={hint}>
      <div role="img" aria-label={title}>
        {isStacked ? (
          <BarChart {...common} type="stacked" maxBarWidth={40} />
        ) : (
          <LineChart {...common} curveType="monotone" connectNulls dotProps={{ r: 3 }} />
        )}
      </div>
    </Section>
  );
}
