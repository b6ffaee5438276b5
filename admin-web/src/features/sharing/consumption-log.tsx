import { Button, Group, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { LoadMore } from '../../components/load-more.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { Section } from '../../components/section.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { consumptionQuery, type PoolUse } from './api/consumption.ts';
import { readDay } from './days.ts';
import type { QuotaSearch } from './sharing-search.ts';
import { useQuotaFormat } from './use-quota-format.ts';

interface LogProps {
  search: QuotaSearch;
  onSearch: (search: QuotaSearch) => void;
}

/** Each call that a credential of a user has served for the caller, newest first. */
export function ConsumptionLog({ search, onSearch }: LogProps): ReactNode {
  const { t } = useTranslation('sharing');
  const uses = useInfiniteQuery(consumptionQuery(search));
  const isFiltered = search.from !== undefined || search.to !== undefined;
  return (
    <Section title={t('quota.log')} hint={t('quota.logHint')} actions={<Days search={search} onSearch={onSearch} />}>
      <QueryView query={uses}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.data);
          return (
            <Stack gap="md">
              {rows.length === 0 ? (
                <Text fz="sm" c="dimmed">
                  {t(isFiltered ? 'quota.logNoMatch' : 'quota.logEmpty')}
                </Text>
              ) : (
                <UseTable uses={rows} />
              )}
              <LoadMore query={uses} />
            </Stack>
          );
        }}
      </QueryView>
    </Section>
  );
}

function Days({ search, onSearch }: LogProps): ReactNode {
  const { t } = useTranslation('sharing');
  return (
    <Group gap="sm" align="flex-end">
      <TextInput
        type="date"
        label={t('quota.from')}
        value={search.from ?? ''}
        max={search.to}
        onChange={(event) => onSearch({ ...search, from: readDay(event.currentTarget.value) })}
      />
      <TextInput
        type="date"
        label={t('quota.to')}
        value={search.to ?? ''}
        min={search.from}
        onChange={(event) => onSearch({ ...search, to: readDay(event.currentTarget.value) })}
      />
      {search.from === undefined && search.to === undefined ? null : (
        <Button variant="default" onClick={() => onSearch({})}>
          {t('quota.allDays')}
        </Button>
      )}
    </Group>
  );
}

function UseTable({ uses }: { uses: readonly PoolUse[] }): ReactNode {
  const { t } = useTranslation('sharing');
  const format = useFormat();
  const quota = useQuotaFormat();
  return (
    <ResourceTable
      caption={t('quota.log')}
      rows={uses}
      rowKey={(use) => use.log_id}
      columns={[
        {
          key: 'at',
          header: t('quota.when'),
          nowrap: true,
          render: (use) => (
            <Tooltip label={format.age(use.consumed_at)}>
              <Text span fz="sm">
                {format.dateTime(use.consumed_at)}
              </Text>
            </Tooltip>
          ),
        },
        { key: 'model', header: t('quota.model'), render: (use) => use.model_name },
        { key: 'whose', header: t('quota.whose'), render: (use) => t(use.is_shared === 1 ? 'shared' : 'own') },
        { key: 'consumed', header: t('quota.consumed'), align: 'end', render: (use) => quota(use.quota_consumed) },
        {
          key: 'left',
          header: t('quota.leftAfter'),
          align: 'end',
          render: (use) => `${quota(use.quota_before)} → ${quota(use.quota_after)}`,
        },
      ]}
      actionsLabel={t('quota.request')}
      actions={(use) => (
        <Button
          variant="subtle"
          size="xs"
          renderRoot={(props) => <Link to="/usage" search={{ request: use.log_id }} {...props} />}
        >
          {t('quota.request')}
        </Button>
      )}
    />
  );
}
