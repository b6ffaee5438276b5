import { Button, Stack } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../../components/empty-state.tsx';
import { Icon } from '../../../components/icon.tsx';
import { ImportButton } from '../../../components/import-button.tsx';
import { LoadMore } from '../../../components/load-more.tsx';
import { NoMatch } from '../../../components/no-match.tsx';
import { QueryView } from '../../../components/query-view.tsx';
import type { BatchAction } from '../api/batch-credentials.ts';
import { credentialsQuery } from '../api/list-credentials.ts';
import { filterOf, isFiltered, type CredentialsProps } from '../credentials-search.ts';
import { BatchDialog } from './batch-dialog.tsx';
import { CredentialFilters } from './credential-filters.tsx';
import { CredentialTable, keyOf } from './credential-table.tsx';
import { SelectionBar } from './selection-bar.tsx';

/** Every credential, filtered; those that are chosen are handled together. */
export function ListTab(props: CredentialsProps): ReactNode {
  const { search, onSearch } = props;
  const credentials = useInfiniteQuery(credentialsQuery(filterOf(search)));
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [action, setAction] = useState<BatchAction | null>(null);
  return (
    <>
      <CredentialFilters {...props} />
      <QueryView query={credentials}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.data);
          // What a filter hides is not chosen any more.
          const chosen = rows.filter((row) => selected.has(keyOf(row)));
          return (
            <Stack gap="md">
              {chosen.length > 0 ? (
                <SelectionBar count={chosen.length} onAction={setAction} onClear={() => setSelected(new Set())} />
              ) : null}
              {rows.length === 0 ? (
                <NoRows {...props} goesOn={credentials.hasNextPage} />
              ) : (
                <CredentialTable
                  credentials={rows}
                  selected={new Set(chosen.map(keyOf))}
                  onSelect={setSelected}
                  onOpen={(credential) => onSearch({ ...search, open: keyOf(credential) })}
                />
              )}
              <LoadMore query={credentials} />
              <BatchDialog action={action} places={chosen} onClose={() => setAction(null)} />
            </Stack>
          );
        }}
      </QueryView>
    </>
  );
}

/** Nothing is there at all, nothing fits, or nothing fitted as far as was looked. */
function NoRows({ search, onSearch, goesOn }: CredentialsProps & { goesOn: boolean }): ReactNode {
  const { t } = useTranslation('credentials');
  if (!isFiltered(search)) {
    return (
      <EmptyState
        icon="credentials"
        title={t('empty.title')}
        text={t('empty.text')}
        action={
          <>
            <Button leftSection={<Icon name="plus" size={16} />} onClick={() => onSearch({ ...search, add: true })}>
              {t('add')}
            </Button>
            <ImportButton />
          </>
        }
      />
    );
  }
  return (
    <NoMatch
      icon="credentials"
      title={t(goesOn ? 'noneYet.title' : 'noMatch.title')}
      text={t(goesOn ? 'noneYet.text' : 'noMatch.text')}
      clearLabel={t('clearFilters')}
      onClear={() => onSearch({})}
    />
  );
}
