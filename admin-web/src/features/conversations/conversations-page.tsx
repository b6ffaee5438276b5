import { Button, Group, SegmentedControl, Stack } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state.tsx';
import { Icon } from '../../components/icon.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { NoMatch } from '../../components/no-match.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { may, useSession } from '../../lib/api/session.ts';
import { conversationsQuery, nameOf } from './api/list-conversations.ts';
import { ownerQuery } from './api/owners.ts';
import { ConversationDrawer } from './conversation-drawer.tsx';
import { ConversationTable } from './conversation-table.tsx';
import { KINDS, type ConversationsProps } from './conversations-search.ts';
import { DeleteAllDialog } from './delete-all-dialog.tsx';
import { OwnerSelect } from './owner-select.tsx';

/** What is kept of conversations: one's own, and for administrators those of others. */
export function ConversationsPage(props: ConversationsProps): ReactNode {
  const { t } = useTranslation('conversations');
  const { search, onSearch } = props;
  const { kind, owner, open } = search;
  const { data: session } = useSession();
  const ofOthers = owner !== undefined && owner !== session?.id;
  const name = useQuery(ownerQuery(ofOthers ? owner : undefined));
  const conversations = useInfiniteQuery(conversationsQuery({ kind, owner }));
  const [deletingAll, setDeletingAll] = useState(false);
  const isEmpty = conversations.data?.pages[0]?.conversations.length === 0;
  const who = ofOthers ? (name.data ?? owner) : null;
  return (
    <>
      <PageHeader
        title={t('title')}
        intro={who === null ? t('intro') : t('introOf', { owner: who })}
        actions={
          isEmpty && kind === undefined ? null : (
            <Button
              variant="light"
              color="red"
              leftSection={<Icon name="trash" size={16} />}
              onClick={() => setDeletingAll(true)}
            >
              {t('deleteAll.button')}
            </Button>
          )
        }
      />
      <Filters {...props} choosesOwner={may(session, 'conversations:any')} />
      <QueryView query={conversations}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.conversations);
          if (rows.length === 0) return <Nothing {...props} ofOthers={ofOthers} />;
          return (
            <Stack gap="md">
              <ConversationTable conversations={rows} onOpen={(row) => onSearch({ ...search, open: nameOf(row) })} />
              <LoadMore query={conversations} />
            </Stack>
          );
        }}
      </QueryView>
      <ConversationDrawer
        name={open ?? null}
        owner={ofOthers ? owner : undefined}
        onClose={() => onSearch({ ...search, open: undefined })}
      />
      <DeleteAllDialog
        opened={deletingAll}
        owner={ofOthers ? owner : undefined}
        who={who}
        onClose={() => setDeletingAll(false)}
      />
    </>
  );
}

function Filters({ search, onSearch, choosesOwner }: ConversationsProps & { choosesOwner: boolean }): ReactNode {
  const { t } = useTranslation('conversations');
  return (
    <Group mb="md" gap="sm" justify="space-between">
      <SegmentedControl
        aria-label={t('kind')}
        value={search.kind ?? 'all'}
        onChange={(kind) => onSearch({ ...search, kind: KINDS.find((known) => known === kind), open: undefined })}
        data={[
          { value: 'all', label: t('kinds.all') },
          ...KINDS.map((kind) => ({ value: kind, label: t(`kinds.${kind}`) })),
        ]}
      />
      {choosesOwner ? (
        <OwnerSelect owner={search.owner} onOwner={(owner) => onSearch({ ...search, owner, open: undefined })} />
      ) : null}
    </Group>
  );
}

function Nothing({ search, onSearch, ofOthers }: ConversationsProps & { ofOthers: boolean }): ReactNode {
  const { t } = useTranslation('conversations');
  if (search.kind !== undefined) {
    return (
      <NoMatch
        icon="conversations"
        title={t('noMatch.title')}
        text={t('noMatch.text')}
        clearLabel={t('showAll')}
        onClear={() => onSearch({ ...search, kind: undefined })}
      />
    );
  }
  if (ofOthers) return <EmptyState icon="conversations" title={t('none.title')} text={t('none.others')} />;
  return (
    <EmptyState
      icon="conversations"
      title={t('none.title')}
      text={t('none.text')}
      action={
        <Button variant="default" renderRoot={(root) => <Link to="/playground" {...root} />}>
          {t('toPlayground')}
        </Button>
      }
    />
  );
}
