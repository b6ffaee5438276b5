import { Button, Group, SegmentedControl, Select, Stack } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state.tsx';
import { Icon } from '../../components/icon.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { usageScope, useSession } from '../../lib/api/session.ts';
import { usageStatsQuery } from '../../lib/api/usage-stats.ts';
import { logsQuery } from './api/list-logs.ts';
import { LogDrawer } from './log-drawer.tsx';
import { LogTable } from './log-table.tsx';
import type { UsageSearch } from './usage-search.ts';

/** Every request that was admitted. The address carries the filters and the open row. */
export function UsagePage(props: { search: UsageSearch; onSearch: (search: UsageSearch) => void }): ReactNode {
  const { t } = useTranslation(['usage', 'common']);
  const { search, onSearch } = props;
  const { data: session } = useSession();
  const scope = usageScope(session);
  const success = search.status === undefined ? undefined : search.status === 'success';
  const logs = useInfiniteQuery(logsQuery({ scope, success, model: search.model }));
  const filtered = search.status !== undefined || search.model !== undefined;
  const clear = (): void => onSearch({});
  return (
    <>
      <PageHeader
        title={t('title')}
        intro={t(`intro.${scope}`)}
        actions={
          <Button
            variant="default"
            leftSection={<Icon name="refresh" size={16} />}
            loading={logs.isRefetching && !logs.isFetchingNextPage}
            onClick={() => void logs.refetch()}
          >
            {t('common:refresh')}
          </Button>
        }
      />
      <Filters search={search} onSearch={onSearch} scope={scope} />
      <QueryView query={logs}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.logs);
          if (rows.length === 0) return <NoRows filtered={filtered} onClear={clear} />;
          return (
            <Stack gap="md">
              <LogTable rows={rows} onOpen={(row) => onSearch({ ...search, request: row.request_id })} />
              <LoadMore query={logs} />
              <LogDrawer
                row={rows.find((row) => row.request_id === search.request) ?? null}
                onClose={() => onSearch({ ...search, request: undefined })}
              />
            </Stack>
          );
        }}
      </QueryView>
    </>
  );
}

function NoRows({ filtered, onClear }: { filtered: boolean; onClear: () => void }): ReactNode {
  const { t } = useTranslation('usage');
  if (!filtered) return <EmptyState icon="usage" title={t('empty.title')} text={t('empty.text')} />;
  return (
    <EmptyState
      icon="usage"
      title={t('noMatch.title')}
      text={t('noMatch.text')}
      action={
        <Button variant="default" onClick={onClear}>
          {t('clearFilters')}
        </Button>
      }
    />
  );
}

function Filters(props: {
  search: UsageSearch;
  onSearch: (search: UsageSearch) => void;
  scope: 'all' | 'own';
}): ReactNode {
  const { t } = useTranslation('usage');
  const { search, onSearch } = props;
  const { data: stats } = useQuery(usageStatsQuery({ scope: props.scope }));
  const names = new Set((stats?.by_model ?? []).map((row) => row.model));
  if (search.model !== undefined) names.add(search.model);
  return (
    <Group mb="md" gap="sm">
      <SegmentedControl
        aria-label={t('status')}
        value={search.status ?? 'all'}
        onChange={(choice) =>
          onSearch({
            ...search,
            request: undefined,
            status: choice === 'success' || choice === 'failed' ? choice : undefined,
          })
        }
        data={[
          { value: 'all', label: t('statusAll') },
          { value: 'success', label: t('statusSuccess') },
          { value: 'failed', label: t('statusFailed') },
        ]}
      />
      <Select
        aria-label={t('model')}
        placeholder={t('allModels')}
        data={[...names].toSorted()}
        value={search.model ?? null}
        onChange={(model) => onSearch({ ...search, request: undefined, model: model ?? undefined })}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': t('clearModel') }}
        nothingFoundMessage={t('noModelFound')}
        maw={{ base: '100%', sm: 320 }}
        style={{ flex: '1 1 200px' }}
      />
    </Group>
  );
}
