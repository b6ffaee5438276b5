import { Badge, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { nameOf, type ListedConversation } from './api/list-conversations.ts';

/** Kept conversations by how their last question begins; others' by their id. */
export function ConversationTable(props: {
  conversations: readonly ListedConversation[];
  onOpen: (conversation: ListedConversation) => void;
}): ReactNode {
  const { t } = useTranslation('conversations');
  const format = useFormat();
  return (
    <ResourceTable
      caption={t('title')}
      rows={props.conversations}
      rowKey={nameOf}
      onOpen={props.onOpen}
      columns={[
        {
          key: 'what',
          header: t('what'),
          render: ({ title, id }) => (
            <Text component="span" fz="sm" inherit lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
              {title === null ? id : title === '' ? t('untitled') : title}
            </Text>
          ),
        },
        {
          key: 'kind',
          header: t('kind'),
          render: ({ kind }) => (
            <Badge variant="light" color={kind === 'session' ? 'water' : 'gray'}>
              {t(`one.${kind}`)}
            </Badge>
          ),
        },
        { key: 'model', header: t('model'), render: ({ model }) => model ?? t('unknownModel') },
        { key: 'turns', header: t('turns'), align: 'end', render: ({ turns }) => format.count(turns) },
        { key: 'size', header: t('size'), align: 'end', nowrap: true, render: (row) => format.bytes(row.size_bytes) },
        { key: 'begun', header: t('begun'), nowrap: true, render: (row) => format.shortDateTime(row.created_at) },
        { key: 'expires', header: t('expires'), nowrap: true, render: (row) => format.age(row.expires_at) },
      ]}
    />
  );
}
