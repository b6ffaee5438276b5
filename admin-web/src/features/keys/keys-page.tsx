import { Button, Stack } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state.tsx';
import { Icon } from '../../components/icon.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { keysQuery } from './api/list-keys.ts';
import type { Key } from './api/list-keys.ts';
import { CreateKeyDialog } from './create-key-dialog.tsx';
import { DeleteKeyDialog } from './delete-key-dialog.tsx';
import { KeyTable } from './key-table.tsx';

/** The caller's keys. `creating` (from the address) opens the dialog that makes one. */
export function KeysPage(props: { creating: boolean; onCreating: (creating: boolean) => void }): ReactNode {
  const { t } = useTranslation('keys');
  const keys = useInfiniteQuery(keysQuery);
  const [doomed, setDoomed] = useState<Key | null>(null);
  const createButton = (
    <Button leftSection={<Icon name="plus" size={16} />} onClick={() => props.onCreating(true)}>
      {t('create')}
    </Button>
  );
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} actions={createButton} />
      <QueryView query={keys}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.keys);
          if (rows.length === 0) {
            return <EmptyState icon="keys" title={t('empty.title')} text={t('empty.text')} action={createButton} />;
          }
          return (
            <Stack gap="md">
              <KeyTable keys={rows} onDelete={setDoomed} />
              <LoadMore query={keys} />
            </Stack>
          );
        }}
      </QueryView>
      <CreateKeyDialog opened={props.creating} onClose={() => props.onCreating(false)} />
      <DeleteKeyDialog target={doomed} onClose={() => setDoomed(null)} />
    </>
  );
}
