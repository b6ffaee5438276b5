import { Anchor, Card, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Facts } from '../../components/facts.tsx';
import { may, useSession } from '../../lib/api/session.ts';
import { formatBytes } from '../../lib/format.ts';
import { useFormat } from '../../lib/use-format.ts';
import { lowQuotasQuery, mediaTotalsQuery, storageQuery } from './api/storage.ts';

/** What is kept where, and which credentials run out. */
export function StorageCard(): ReactNode {
  const { t, i18n } = useTranslation('system');
  const format = useFormat();
  const { data: session } = useSession();
  const storage = useQuery({ ...storageQuery, enabled: may(session, 'settings:manage') });
  const media = useQuery({ ...mediaTotalsQuery, enabled: may(session, 'media:manage') });
  const low = useQuery({ ...lowQuotasQuery, enabled: may(session, 'credentials:manage') });
  const size = ({ count, bytes }: { count: number; bytes: number }): string =>
    t('storage.files', { count, text: format.count(count), size: formatBytes(bytes, i18n.language) });
  return (
    <Card withBorder padding="lg">
      <Stack gap="md">
        <Title order={2} fz={16}>
          {t('storage.title')}
        </Title>
        <Facts
          rows={[
            ...(storage.data
              ? [{ label: t('storage.tables'), value: STORES[storage.data.type] ?? storage.data.type }]
              : []),
            ...(media.data
              ? [
                  { label: t('storage.images'), value: size(media.data.local_image) },
                  { label: t('storage.videos'), value: size(media.data.local_video) },
                  { label: t('storage.uploads'), value: size(media.data.local_upload) },
                ]
              : []),
          ]}
        />
        {low.data ? (
          <Text fz="sm">
            {low.data.length === 0 ? (
              <Text span c="dimmed" inherit>
                {t('low.none')}
              </Text>
            ) : (
              <Anchor fz="sm" renderRoot={(root) => <Link to="/credentials" search={{ tab: 'low' }} {...root} />}>
                {t('low.some', { count: low.data.length })}
              </Anchor>
            )}
          </Text>
        ) : null}
      </Stack>
    </Card>
  );
}

const STORES: Readonly<Record<string, string>> = { dynamodb: 'DynamoDB' };
