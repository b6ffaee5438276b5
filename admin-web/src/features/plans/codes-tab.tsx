import { ActionIcon, Badge, Button, Group, SegmentedControl, Select, Stack, Text, Tooltip } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DeleteDialog } from '../../components/delete-dialog.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Icon } from '../../components/icon.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { codesFile, codesQuery, useDeleteCode, type Code } from './api/codes.ts';
import { CodesDialog } from './codes-dialog.tsx';
import { CODE_STATES, PLAN_TYPES, type PlansProps } from './plans-search.ts';

export function CodesTab({ search, onSearch }: PlansProps): ReactNode {
  const { t } = useTranslation('plans');
  const { status, type, search: text } = search;
  const filter = { status, type, search: text };
  const codes = useInfiniteQuery(codesQuery(filter));
  const deletion = useDeleteCode();
  const [doomed, setDoomed] = useState<Code | null>(null);
  const isFiltered = status !== undefined || type !== undefined || text !== undefined;
  const createButton = (
    <Button leftSection={<Icon name="plus" size={16} />} onClick={() => onSearch({ ...search, create: true })}>
      {t('createCodes')}
    </Button>
  );
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <Filters search={search} onSearch={onSearch} />
        <Group gap="sm">
          <Button component="a" href={codesFile(filter)} download variant="default">
            {t('exportCsv')}
          </Button>
          {createButton}
        </Group>
      </Group>
      <QueryView query={codes}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.codes);
          if (rows.length === 0) {
            return (
              <EmptyState
                icon="plans"
                title={t(isFiltered ? 'noMatch.title' : 'noCodes.title')}
                text={t(isFiltered ? 'noMatch.text' : 'noCodes.text')}
                action={isFiltered ? null : createButton}
              />
            );
          }
          return (
            <>
              <CodeTable codes={rows} onDelete={setDoomed} />
              <LoadMore query={codes} />
            </>
          );
        }}
      </QueryView>
      <CodesDialog opened={search.create === true} onClose={() => onSearch({ ...search, create: undefined })} />
      <DeleteDialog
        target={doomed}
        title={t('deleteCodeTitle')}
        text={({ code, is_used: used }) => t(used ? 'deleteUsedCodeText' : 'deleteCodeText', { code })}
        confirmLabel={t('delete')}
        deletion={deletion}
        idOf={({ id }) => id}
        onClose={() => setDoomed(null)}
      />
    </Stack>
  );
}

function Filters({ search, onSearch }: PlansProps): ReactNode {
  const { t } = useTranslation('plans');
  return (
    <Group gap="sm" style={{ flex: '1 1 480px' }}>
      <SearchField
        label={t('searchCode')}
        value={search.search ?? ''}
        onSearch={(text) => onSearch({ ...search, search: text === '' ? undefined : text })}
      />
      <SegmentedControl
        aria-label={t('state')}
        value={search.status ?? 'all'}
        onChange={(state) => onSearch({ ...search, status: CODE_STATES.find((known) => known === state) })}
        data={[
          { value: 'all', label: t('states.all') },
          ...CODE_STATES.map((state) => ({ value: state, label: t(`states.${state}`) })),
        ]}
      />
      <Select
        aria-label={t('type')}
        placeholder={t('allTypes')}
        clearable
        clearButtonProps={{ 'aria-label': t('allTypes') }}
        data={PLAN_TYPES.map((type) => ({ value: type, label: t(`types.${type}`) }))}
        value={search.type ?? null}
        onChange={(type) => onSearch({ ...search, type: PLAN_TYPES.find((known) => known === type) })}
        style={{ flex: '0 1 160px' }}
      />
    </Group>
  );
}

const STATE_COLORS = { unused: 'green', used: 'gray', expired: 'orange' } as const;

function CodeTable({ codes, onDelete }: { codes: readonly Code[]; onDelete: (code: Code) => void }): ReactNode {
  const { t } = useTranslation('plans');
  const format = useFormat();
  return (
    <ResourceTable
      caption={t('codes')}
      rows={codes}
      rowKey={(code) => code.id}
      columns={[
        {
          key: 'code',
          header: t('code'),
          render: (code) => (
            <Text fz="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
              {code.code}
            </Text>
          ),
        },
        { key: 'plan', header: t('plan'), render: (code) => `${code.plan_name} · ${t(`types.${code.plan_type}`)}` },
        {
          key: 'state',
          header: t('state'),
          render: (code) => (
            <Badge variant="light" color={STATE_COLORS[code.status]}>
              {t(`states.${code.status}`)}
            </Badge>
          ),
        },
        {
          key: 'used',
          header: t('usedBy'),
          render: (code) =>
            code.used_at ? `${code.used_by_name ?? code.used_by ?? ''} · ${format.date(code.used_at)}` : '–',
        },
        {
          key: 'expires',
          header: t('redeemUntil'),
          nowrap: true,
          render: (code) => (code.expires_at ? format.date(code.expires_at) : t('forEver')),
        },
      ]}
      actionsLabel={t('actions')}
      actions={(code) => (
        <Tooltip label={t('delete')}>
          <ActionIcon
            variant="subtle"
            color="red"
            size="lg"
            aria-label={t('deleteCode', { code: code.code })}
            onClick={() => onDelete(code)}
          >
            <Icon name="trash" />
          </ActionIcon>
        </Tooltip>
      )}
    />
  );
}
