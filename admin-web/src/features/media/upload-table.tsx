import { ActionIcon, Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useFormat } from '../../lib/use-format.ts';
import type { Medium } from './api/list-media.ts';

/** Uploads have no address: they are told, and deleted. */
export function UploadTable(props: { uploads: readonly Medium[]; onDelete: (medium: Medium) => void }): ReactNode {
  const { t } = useTranslation('media');
  const format = useFormat();
  return (
    <ResourceTable
      caption={t('types.upload')}
      rows={props.uploads}
      rowKey={({ name }) => name}
      actionsLabel={t('actions')}
      actions={(upload) => (
        <ActionIcon
          variant="subtle"
          color="red"
          aria-label={t('delete.named', { name: upload.name })}
          onClick={() => props.onDelete(upload)}
        >
          <Icon name="trash" />
        </ActionIcon>
      )}
      columns={[
        {
          key: 'name',
          header: t('name'),
          render: ({ name }) => (
            <Text ff="monospace" fz="xs" style={{ overflowWrap: 'anywhere' }}>
              {name}
            </Text>
          ),
        },
        { key: 'type', header: t('contentType'), render: (upload) => upload.content_type },
        {
          key: 'size',
          header: t('size'),
          align: 'end',
          nowrap: true,
          render: (upload) => format.bytes(upload.size_bytes),
        },
        { key: 'made', header: t('made'), nowrap: true, render: (upload) => format.shortDateTime(upload.mtime_ms) },
        { key: 'expires', header: t('expires'), nowrap: true, render: (upload) => format.age(upload.expires_at_ms) },
        {
          key: 'owner',
          header: t('owner'),
          render: ({ owner }) => (
            <Anchor fz="sm" renderRoot={(root) => <Link to="/users" search={{ user: owner }} {...root} />}>
              {owner}
            </Anchor>
          ),
        },
      ]}
    />
  );
}
