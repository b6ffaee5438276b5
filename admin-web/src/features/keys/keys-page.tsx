import { Button, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state.tsx';
import { Icon } from '../../components/icon.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { NoMatch } from '../../components/no-match.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { isOperator, useSession } from '../../lib/api/session.ts';
import { keysQuery, type Key } from './api/list-keys.ts';
import { CreateKeyDialog } from './create-key-dialog.tsx';
import { DeleteKeyDialog } from './delete-key-dialog.tsx';
import { KeyDrawer } from './key-drawer.tsx';
import { KeyFilters } from './key-filters.tsx';
import { KeyTable } from './key-table.tsx';
import type { KeysFilter, KeysSearch } from './keys-search.ts';

interface PageProps {
  search: KeysSearch;
  onSearch: (search: KeysSearch) => void;
}

/** The caller's keys, and for operators everybody's. The address carries the filters and what is open. */
export function KeysPage({ search, onSearch }: PageProps): ReactNode {
  const { t } = useTranslation('keys');
  const { data: session } = useSession();
  const operator = isOperator(session);
  const [doomed, setDoomed] = useState<Key | null>(null);
  const { key, edit, create, from, ...asked } = search;
  const filter: KeysFilter = operator ? asked : { search: asked.search, state: asked.state };
  return (
    <>
      <PageHeader
        title={t('title')}
        intro={t('intro')}
        actions={<CreateButton onCreate={() => onSearch({ ...search, create: true })} />}
      />
      <KeyFilters search={search} onSearch={onSearch} operator={operator} />
      <KeyList filter={filter} search={search} onSearch={onSearch} onDelete={setDoomed} />
      <KeyDrawer
        id={key ?? null}
        editing={edit === true}
        operator={operator}
        onEdit={(editing) => onSearch({ ...search, edit: editing ? true : undefined })}
        onCopy={({ id }) => onSearch({ ...asked, create: true, from: id })}
        onDelete={setDoomed}
        onClose={() => onSearch(asked)}
      />
      <CreateKeyDialog
        opened={create === true}
        operator={operator}
        owner={filter.owner ?? ''}
        from={from}
        onClose={() => onSearch({ ...search, create: undefined, from: undefined })}
      />
      <DeleteKeyDialog
        target={doomed}
        onClose={() => setDoomed(null)}
        onDeleted={() => {
          setDoomed(null);
          onSearch(asked);
        }}
      />
    </>
  );
}

function CreateButton({ onCreate }: { onCreate: () => void }): ReactNode {
  const { t } = useTranslation('keys');
  return (
    <Button leftSection={<Icon name="plus" size={16} />} onClick={onCreate}>
      {t('create')}
    </Button>
  );
}

function KeyList(props: PageProps & { filter: KeysFilter; onDelete: (key: Key) => void }): ReactNode {
  const { t } = useTranslation('keys');
  const { filter, search, onSearch, onDelete } = props;
  const keys = useInfiniteQuery(keysQuery(filter));
  const isNarrow = filter.search !== undefined || filter.state !== undefined || filter.owner !== undefined;
  return (
    <QueryView query={keys}>
      {({ pages }) => {
        const rows = pages.flatMap((page) => page.keys);
        if (rows.length === 0 && !keys.hasNextPage) {
          return isNarrow ? (
            <NoMatch
              icon="keys"
              title={t('noMatch.title')}
              text={t('noMatch.text')}
              clearLabel={t('clearFilters')}
              onClear={() => onSearch(filter.scope ? { scope: filter.scope } : {})}
            />
          ) : (
            <EmptyState
              icon="keys"
              title={t('empty.title')}
              text={t('empty.text')}
              action={<CreateButton onCreate={() => onSearch({ ...search, create: true })} />}
            />
          );
        }
        return (
          <Stack gap="md">
            {rows.length === 0 ? (
              <Text c="dimmed" fz="sm" ta="center">
                {t('noneSoFar')}
              </Text>
            ) : (
              <KeyTable
                keys={rows}
                withOwner={filter.scope === 'all' || filter.owner !== undefined}
                onOpen={({ id }) => onSearch({ ...search, key: id })}
                onDelete={onDelete}
              />
            )}
            <LoadMore query={keys} />
          </Stack>
        );
      }}
    </QueryView>
  );
}
