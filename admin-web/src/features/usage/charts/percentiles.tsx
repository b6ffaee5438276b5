import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { QueryView } from '../../../components/query-view.tsx';
import { formatDuration } from '../../../lib/format.ts';
import { localeOf } from '../../../lib/language.ts';
import { percentilesQuery } from '../api/percentiles.ts';
import type { UsageRange } from '../period.ts';
import type { UsageFilter } from '../usage-search.ts';
import { nameOfStart } from './chart-data.ts';
import { Drawn } from './usage-chart.tsx';

const LINES = [
  { name: 'p50FirstByteMs', text: 'p50FirstByte', color: 'water.4' },
  { name: 'p95FirstByteMs', text: 'p95FirstByte', color: 'water.7' },
  { name: 'p50DurationMs', text: 'p50Duration', color: 'orange.4' },
  { name: 'p95DurationMs', text: 'p95Duration', color: 'orange.7' },
] as const;

/** The usual and the slow: first byte and whole request, for those who watch the gateway. */
export function Percentiles({ filter, range }: { filter: UsageFilter; range: UsageRange }): ReactNode {
  const { t, i18n } = useTranslation('usage');
  const history = useQuery(percentilesQuery({ filter, range }));
  const locale = localeOf(i18n.language);
  return (
    <QueryView query={history} skeleton={[340]}>
      {({ points }) => (
        <Drawn
          title={t('percentiles')}
          hint={t(range.grain === 'hour' ? 'perHour' : 'perDay')}
          rows={points.map((point) => ({
            time: nameOfStart(Date.parse(point.start), range.grain, locale),
            ...Object.fromEntries(LINES.map(({ name }) => [name, point[name]])),
          }))}
          series={LINES.map(({ name, text, color }) => ({ name, color, label: t(`lines.${text}`) }))}
          write={formatDuration}
          isStacked={false}
        />
      )}
    </QueryView>
  );
}
