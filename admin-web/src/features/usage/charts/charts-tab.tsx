import { Alert, Group, SegmentedControl, Select, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../../components/empty-state.tsx';
import { QueryView } from '../../../components/query-view.tsx';
import { usageStatsQuery } from '../../../lib/api/usage-stats.ts';
import { hasPercentiles } from '../api/percentiles.ts';
import { activeFilters, MEMBER_FILTERS, memberFilterOf, offered } from '../filters/active-filters.ts';
import { FilterButton, FilterPanel } from '../filters/filter-panel.tsx';
import { FilterPills } from '../filters/filter-pills.tsx';
import { PeriodSelect } from '../filters/period-select.tsx';
import { rangeOf } from '../period.ts';
import { MEASURES, type Grouping, type Measure, type UsageProps, type UsageSearch } from '../usage-search.ts';
import { GroupTable } from './group-table.tsx';
import { Percentiles } from './percentiles.tsx';
import { Totals } from './totals.tsx';
import { UsageChart } from './usage-chart.tsx';

const REFRESH_MS = 60_000;
/** Members in the table; the rest are in the sums above it. */
const MOST_GROUPS = 50;
const BY_OPERATOR: readonly Grouping[] = [
  'model',
  'key',
  'user',
  'credential',
  'upstream',
  'client_app',
  'config_type',
];
const BY_USER: readonly Grouping[] = ['model', 'key', 'client_app', 'config_type'];

/** Usage over time, by whatever it can be told apart by. A row of the table narrows to it. */
export function ChartsTab(props: UsageProps): ReactNode {
  const { t } = useTranslation('usage');
  const { search, onSearch, scope } = props;
  const [opened, panel] = useDisclosure(false);
  const [now] = useState(() => Date.now());
  const range = rangeOf(search, now);
  const by = groupingOf(search, scope);
  const measure = search.measure ?? 'requests';
  const filter = memberFilterOf(search, scope);
  const stats = useQuery({
    ...usageStatsQuery({
      scope,
      startDate: range.from,
      endDate: range.to,
      groupBy: by,
      series: range.grain,
      top: MOST_GROUPS,
      sort: measure === 'cost' ? 'cost' : measure === 'tokens' || measure === 'kinds' ? 'tokens' : 'requests',
      ...filter,
    }),
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
  const active = activeFilters(search, offered(MEMBER_FILTERS, scope));
  const names = new Map((stats.data?.groups ?? []).flatMap(({ id, name }) => (name === null ? [] : [[id, name]])));
  return (
    <Stack gap="md">
      <Group gap="sm" align="flex-end">
        <PeriodSelect search={search} onSearch={onSearch} usual="24h" />
        <GroupSelect {...props} by={by} />
        <FilterButton count={active.length} opened={opened} onToggle={panel.toggle} />
      </Group>
      <FilterPanel {...props} opened={opened} />
      <FilterPills search={search} active={active} names={names} onSearch={onSearch} />
      <QueryView query={stats} skeleton={[88, 44, 44, 44]}>
        {(data) =>
          data.total_requests === 0 ? (
            <EmptyState icon="usage" title={t('noUse.title')} text={t('noUse.text')} />
          ) : (
            <Stack gap="md">
              <Totals stats={data} />
              {data.up_to_date ? null : (
                <Alert color="yellow" variant="light">
                  {t('notUpToDate')}
                </Alert>
              )}
              <MeasureSwitch measure={measure} onMeasure={(next) => onSearch({ ...search, measure: next })} />
              <UsageChart stats={data} range={range} measure={measure} by={by} />
              {measure === 'latency' && scope === 'all' && hasPercentiles(filter) ? (
                <Percentiles filter={filter} range={range} />
              ) : null}
              <GroupTable
                stats={data}
                by={by}
                measure={measure}
                onChoose={(id) => onSearch({ ...search, ...narrowedTo(by, id) })}
                onLogs={(id) =>
                  onSearch({ ...search, tab: 'logs', period: search.period ?? '24h', ...memberOf(by, id) })
                }
              />
            </Stack>
          )
        }
      </QueryView>
    </Stack>
  );
}

function groupingOf({ by }: UsageSearch, scope: 'all' | 'own'): Grouping {
  const known = scope === 'all' ? BY_OPERATOR : BY_USER;
  return known.find((one) => one === by) ?? 'model';
}

const FILTER_OF = { client_app: 'app', config_type: 'format' } as const;

/** What the address says of one member of a grouping. */
function memberOf(by: Grouping, id: string): Partial<UsageSearch> {
  const name = by === 'client_app' || by === 'config_type' ? FILTER_OF[by] : by;
  return { [name]: id };
}

/** Of one model its keys are of interest, of anything else its models. */
function narrowedTo(by: Grouping, id: string): Partial<UsageSearch> {
  return { ...memberOf(by, id), by: by === 'model' ? 'key' : undefined };
}

function GroupSelect({ search, onSearch, scope, by }: UsageProps & { by: Grouping }): ReactNode {
  const { t } = useTranslation('usage');
  const known = scope === 'all' ? BY_OPERATOR : BY_USER;
  return (
    <Select
      aria-label={t('groupBy')}
      allowDeselect={false}
      data={known.map((one) => ({ value: one, label: t(`by.${one}`) }))}
      value={by}
      onChange={(chosen) => {
        const next = known.find((one) => one === chosen);
        onSearch({ ...search, by: next === 'model' ? undefined : next });
      }}
      w={190}
    />
  );
}

function MeasureSwitch(props: { measure: Measure; onMeasure: (measure: Measure | undefined) => void }): ReactNode {
  const { t } = useTranslation('usage');
  const choose = (chosen: string | null): void => {
    const next = MEASURES.find((one) => one === chosen);
    props.onMeasure(next === 'requests' ? undefined : next);
  };
  const data = MEASURES.map((one) => ({ value: one, label: t(`measures.${one}`) }));
  return (
    <>
      <SegmentedControl
        visibleFrom="sm"
        aria-label={t('measure')}
        value={props.measure}
        onChange={choose}
        data={data}
        style={{ alignSelf: 'flex-start' }}
      />
      <Select
        hiddenFrom="sm"
        aria-label={t('measure')}
        allowDeselect={false}
        data={data}
        value={props.measure}
        onChange={choose}
      />
    </>
  );
}
