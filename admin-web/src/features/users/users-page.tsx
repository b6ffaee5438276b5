import { Button, Group, SegmentedControl, Select, Stack } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { NoMatch } from '../../components/no-match.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { usersQuery } from './api/users.ts';
import { CreateUserDialog } from './create-user-dialog.tsx';
import { UserDrawer } from './user-drawer.tsx';
import { UserTable } from './user-table.tsx';
import { ROLES, STATES, type UsersSearch } from './users-search.ts';

interface PageProps {
  search: UsersSearch;
  onSearch: (search: UsersSearch) => void;
}

/** Everybody who may log in. The address carries the filters and the user that is open. */
export function UsersPage({ search, onSearch }: PageProps): ReactNode {
  const { t } = useTranslation('users');
  const { user, create, ...filter } = search;
  const users = useInfiniteQuery(usersQuery(filter));
  const createButton = (
    <Button leftSection={<Icon name="plus" size={16} />} onClick={() => onSearch({ ...search, create: true })}>
      {t('create')}
    </Button>
  );
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} actions={createButton} />
      <Filters search={search} onSearch={onSearch} />
      <QueryView query={users}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.users);
          if (rows.length === 0) {
            return (
              <NoMatch
                icon="users"
                title={t('noMatch.title')}
                text={t('noMatch.text')}
                clearLabel={t('clearFilters')}
                onClear={() => onSearch({})}
              />
            );
          }
          return (
            <Stack gap="md">
              <UserTable users={rows} onOpen={({ id }) => onSearch({ ...search, user: id })} />
              <LoadMore query={users} />
            </Stack>
          );
        }}
      </QueryView>
      <CreateUserDialog opened={create === true} onClose={() => onSearch({ ...search, create: undefined })} />
      <UserDrawer id={user ?? null} onClose={() => onSearch({ ...search, user: undefined })} />
    </>
  );
}

function Filters({ search, onSearch }: PageProps): ReactNode {
  const { t } = useTranslation(['users', 'common']);
  return (
    <Group mb="md" gap="sm">
      <SearchField
        label={t('search')}
        value={search.search ?? ''}
        onSearch={(text) => onSearch({ ...search, search: text === '' ? undefined : text })}
      />
      <Select
        aria-label={t('role')}
        placeholder={t('allRoles')}
        data={ROLES.map((role) => ({ value: role, label: t(`common:role.${role}`) }))}
        value={search.role ?? null}
        onChange={(role) => onSearch({ ...search, role: ROLES.find((known) => known === role) })}
        clearable
        clearButtonProps={{ 'aria-label': t('clearFilters') }}
        style={{ flex: '0 1 200px' }}
      />
      <SegmentedControl
        aria-label={t('state')}
        value={search.state ?? 'all'}
        onChange={(state) => onSearch({ ...search, state: STATES.find((known) => known === state) })}
        data={[
          { value: 'all', label: t('states.all') },
          ...STATES.map((state) => ({ value: state, label: t(`states.${state}`) })),
        ]}
      />
    </Group>
  );
}
