import { ActionIcon, Button, Menu, Tabs } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { CREDENTIAL_TABS, placeOf, type CredentialsProps } from './credentials-search.ts';
import { ClientIdsTab } from './list/client-ids-tab.tsx';
import { ImportDialog } from './list/import-dialog.tsx';
import { ListTab } from './list/list-tab.tsx';
import { LowTab } from './list/low-tab.tsx';
import { ProxiesTab } from './list/proxies-tab.tsx';
import { RefreshAllDialog } from './list/refresh-all-dialog.tsx';
import { AddCredential } from './one/add-credential.tsx';
import { CredentialDrawer } from './one/credential-drawer.tsx';

/** What the gateway presents to its upstreams: each one, many at once, and the lists that they are spread over. */
export function CredentialsPage(props: CredentialsProps): ReactNode {
  const { t } = useTranslation('credentials');
  const { search, onSearch } = props;
  const choose = (chosen: string | null): void => {
    const known = CREDENTIAL_TABS.find((name) => name === chosen);
    onSearch(known === undefined || known === 'list' ? {} : { tab: known });
  };
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} actions={<Actions {...props} />} />
      <Tabs value={search.tab ?? 'list'} onChange={choose} keepMounted={false}>
        <Tabs.List mb="md">
          {CREDENTIAL_TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tabs.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="list">
          <ListTab {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="low">
          <LowTab {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="proxies">
          <ProxiesTab />
        </Tabs.Panel>
        <Tabs.Panel value="client-ids">
          <ClientIdsTab {...props} />
        </Tabs.Panel>
      </Tabs>
      <Dialogs {...props} />
    </>
  );
}

function Dialogs({ search, onSearch }: CredentialsProps): ReactNode {
  const closeDialog = (): void => onSearch({ ...search, dialog: undefined });
  const { add, part } = search;
  return (
    <>
      <CredentialDrawer
        open={placeOf(search.open)}
        onClose={() => onSearch({ ...search, open: undefined, part: undefined })}
        part={part}
        onPart={(next) => onSearch({ ...search, part: next })}
      />
      <AddCredential
        opened={add !== undefined}
        onClose={() => onSearch({ ...search, add: undefined })}
        kind={add === true ? undefined : add}
        onOpen={({ upstream, id }) => onSearch({ ...search, add: undefined, open: `${upstream}/${id}` })}
      />
      <ImportDialog opened={search.dialog === 'import'} onClose={closeDialog} />
      <RefreshAllDialog opened={search.dialog === 'refresh-all'} onClose={closeDialog} />
    </>
  );
}

function Actions({ search, onSearch }: CredentialsProps): ReactNode {
  const { t } = useTranslation('credentials');
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={t('more')}>
            <Icon name="more" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<Icon name="upload" size={16} />}
            onClick={() => onSearch({ ...search, dialog: 'import' })}
          >
            {t('import.menu')}
          </Menu.Item>
          <Menu.Item
            leftSection={<Icon name="docs" size={16} />}
            renderRoot={(props) => <Link to="." search={(before) => ({ ...before, import: true })} {...props} />}
          >
            {t('importDocument')}
          </Menu.Item>
          <Menu.Item
            leftSection={<Icon name="refresh" size={16} />}
            onClick={() => onSearch({ ...search, dialog: 'refresh-all' })}
          >
            {t('refreshAll.menu')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Button leftSection={<Icon name="plus" size={16} />} onClick={() => onSearch({ ...search, add: true })}>
        {t('add')}
      </Button>
    </>
  );
}
