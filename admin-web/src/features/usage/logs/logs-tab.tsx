import { Alert, Button, Group, SegmentedControl, Stack, Switch, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { Icon } from '../../../components/icon.tsx';
import { LoadMore } from '../../../components/load-more.tsx';
import { NoMatch } from '../../../components/no-match.tsx';
import { QueryView } from '../../../components/query-view.tsx';
import { saveText } from '../../../lib/save-text.ts';
import { useFormat } from '../../../lib/use-format.ts';
import { useExportLogs } from '../api/export-logs.ts';
import { logsQuery } from '../api/list-logs.ts';
import { activeFilters, LOG_FILTERS, MEMBER_FILTERS } from '../filters/active-filters.ts';
import { FilterButton, FilterPanel } from '../filters/filter-panel.tsx';
import { FilterPills } from '../filters/filter-pills.tsx';
import { PeriodSelect } from '../filters/period-select.tsx';
import { logQuestionOf, type LogsQuestion } from '../log-question.ts';
import type { UsageProps } from '../usage-search.ts';
import { LogTable } from './log-table.tsx';

const REFRESH_MS = 5_000;
/** Of a long list every page would be asked for anew. */
const MOST_LIVE_PAGES = 4;

/** Every request that was let in, newest first, by filters, also as a file. */
export function LogsTab(props: UsageProps): ReactNode {
  const { search, onSearch, scope } = props;
  const [opened, panel] = useDisclosure(false);
  // Asked of the same moment as long as the page is open: a moving one would be another question each time.
  const [now] = useState(() => Date.now());
  const question = logQuestionOf(search, { scope, now });
  const active = activeFilters(search, [...MEMBER_FILTERS, ...LOG_FILTERS]);
  const logs = useInfiniteQuery({
    ...logsQuery(question),
    refetchInterval: ({ state }) =>
      search.live && (state.data?.pages.length ?? 0) <= MOST_LIVE_PAGES ? REFRESH_MS : false,
  });
  const pages = logs.data?.pages ?? [];
  const rows = pages.flatMap((page) => page.logs);
  const keyNames = new Map(rows.flatMap((row) => (row.key_name === null ? [] : [[row.key_id, row.key_name]])));
  return (
    <Stack gap="md">
      <Group gap="sm" align="flex-end">
        <OutcomeSwitch {...props} />
        <PeriodSelect search={search} onSearch={onSearch} usual={null} />
        <FilterButton count={active.length} opened={opened} onToggle={panel.toggle} />
      </Group>
      <FilterPanel {...props} opened={opened} withLogFilters />
      <FilterPills search={search} active={active} names={keyNames} onSearch={onSearch} />
      <Toolbar
        {...props}
        question={question}
        total={pages[0]?.pagination ?? null}
        isFetching={logs.isRefetching && !logs.isFetchingNextPage}
        onRefresh={() => void logs.refetch()}
      />
      <QueryView query={logs}>
        {() =>
          rows.length === 0 && !logs.hasNextPage ? (
            <NoRows
              isFiltered={active.length > 0 || search.period !== undefined}
              onClear={() => onSearch({ tab: 'logs' })}
            />
          ) : (
            <>
              {rows.length === 0 ? <SearchingOn /> : null}
              <LogTable
                rows={rows}
                scope={scope}
                onOpen={({ request_id: request }) => onSearch({ ...search, tab: 'logs', request })}
              />
              <LoadMore query={logs} />
            </>
          )
        }
      </QueryView>
    </Stack>
  );
}

function OutcomeSwitch({ search, onSearch }: UsageProps): ReactNode {
  const { t } = useTranslation('usage');
  const { status } = search;
  const value = status === undefined || status === 'success' || status === 'failed' ? (status ?? 'all') : '';
  return (
    <SegmentedControl
      aria-label={t('status')}
      value={value}
      onChange={(choice) => onSearch({ ...search, request: undefined, status: choice === 'all' ? undefined : choice })}
      data={[
        { value: 'all', label: t('statusAll') },
        { value: 'success', label: t('statusSuccess') },
        { value: 'failed', label: t('statusFailed') },
      ]}
    />
  );
}

interface ToolbarProps extends UsageProps {
  question: LogsQuestion;
  total: { total: number | null; total_is_exact: boolean } | null;
  isFetching: boolean;
  onRefresh: () => void;
}

function Toolbar(props: ToolbarProps): ReactNode {
  const { t } = useTranslation(['usage', 'common']);
  const format = useFormat();
  const { search, onSearch, question, total, isFetching } = props;
  const file = useExportLogs();
  const save = (): void =>
    file.mutate(question, { onSuccess: ({ text }) => saveText({ name: 'usage.csv', text, type: 'text/csv' }) });
  const counted = total?.total ?? null;
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="sm">
        <Text fz="sm" c="dimmed" role="status">
          {counted === null
            ? ''
            : t(total?.total_is_exact ? 'found' : 'foundAtLeast', { count: counted, text: format.count(counted) })}
        </Text>
        <Group gap="sm">
          <Switch
            label={t('live')}
            checked={search.live ?? false}
            onChange={(event) => onSearch({ ...search, live: event.currentTarget.checked || undefined })}
          />
          <Button
            variant="default"
            leftSection={<Icon name="refresh" size={16} />}
            loading={isFetching && !search.live}
            onClick={props.onRefresh}
          >
            {t('common:refresh')}
          </Button>
          <Button
            variant="default"
            leftSection={<Icon name="download" size={16} />}
            loading={file.isPending}
            onClick={save}
          >
            {t('csv')}
          </Button>
        </Group>
      </Group>
      {file.error ? <ErrorState error={file.error} onRetry={save} /> : null}
      {file.data?.isCut ? (
        <Alert color="yellow" variant="light" role="status">
          {t('csvCut')}
        </Alert>
      ) : null}
    </Stack>
  );
}

/** A filter that lets little through ends a page before it is full, or filled at all. */
function SearchingOn(): ReactNode {
  const { t } = useTranslation('usage');
  return (
    <Text fz="sm" c="dimmed">
      {t('nothingYet')}
    </Text>
  );
}

function NoRows({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }): ReactNode {
  const { t } = useTranslation('usage');
  if (!isFiltered) return <EmptyState icon="usage" title={t('empty.title')} text={t('empty.text')} />;
  return (
    <NoMatch
      icon="usage"
      title={t('noMatch.title')}
      text={t('noMatch.text')}
      clearLabel={t('clearFilters')}
      onClear={onClear}
    />
  );
}
