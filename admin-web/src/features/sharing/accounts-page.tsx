import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state.tsx';
import { Icon } from '../../components/icon.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { AccountDrawer } from './account-drawer.tsx';
import { AccountTable } from './account-table.tsx';
import { AddKeyDialog } from './add-key-dialog.tsx';
import { accountsQuery } from './api/accounts.ts';
import { placesQuery, type Places } from './api/places.ts';
import { PreferenceCard } from './preference-card.tsx';
import type { AccountsSearch } from './sharing-search.ts';
import { SignInDialog } from './sign-in-dialog.tsx';

/** The caller's own credentials at upstreams: to keep, or to share. The address carries what is open. */
export function AccountsPage(props: { search: AccountsSearch; onSearch: (search: AccountsSearch) => void }): ReactNode {
  const { search, onSearch } = props;
  const { t } = useTranslation('sharing');
  const accounts = useQuery(accountsQuery);
  const { data: places } = useQuery(placesQuery);
  const close = (): void => onSearch({});
  const addButtons = places?.may_bring ? <AddButtons places={places} onAdd={(add) => onSearch({ add })} /> : null;
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} actions={addButtons} />
      <Stack gap="lg">
        <OwnersWord />
        {places && !places.may_bring ? (
          <Alert color="yellow" variant="light" icon={<Icon name="alert" />} title={t('mayNotBring')}>
            {places.reason}
          </Alert>
        ) : null}
        <QueryView query={accounts}>
          {(rows) =>
            rows.length === 0 ? (
              <EmptyState icon="sharing" title={t('none.title')} text={t('none.text')} action={addButtons} />
            ) : (
              <AccountTable accounts={rows} onOpen={({ id }) => onSearch({ account: id })} />
            )
          }
        </QueryView>
        <PreferenceCard />
      </Stack>
      <AddKeyDialog opened={search.add === 'key'} places={places} onClose={close} />
      <SignInDialog target={search.add === 'sign-in' ? 'new' : null} places={places} onClose={close} />
      <AccountDrawer
        account={accounts.data?.find(({ id }) => id === search.account) ?? null}
        places={places}
        onClose={close}
      />
    </>
  );
}

/** What sharing is, and whose business its permission is. */
function OwnersWord(): ReactNode {
  const { t } = useTranslation('sharing');
  return (
    <Alert variant="light" icon={<Icon name="sharing" />} title={t('word.title')}>
      <Stack gap={4}>
        <Text fz="sm">{t('word.how')}</Text>
        <Text fz="sm">{t('word.policy')}</Text>
      </Stack>
    </Alert>
  );
}

function AddButtons(props: { places: Places; onAdd: (way: 'key' | 'sign-in') => void }): ReactNode {
  const { t } = useTranslation('sharing');
  const canSignIn = props.places.upstreams.some((place) => place.sign_in);
  return (
    <Group gap="sm">
      {canSignIn ? (
        <Button variant="default" onClick={() => props.onAdd('sign-in')}>
          {t('signIn')}
        </Button>
      ) : null}
      <Button leftSection={<Icon name="plus" size={16} />} onClick={() => props.onAdd('key')}>
        {t('addKey')}
      </Button>
    </Group>
  );
}
