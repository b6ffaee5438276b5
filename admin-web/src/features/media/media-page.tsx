import { Alert, Button, Group, Stack, Tabs, Text } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state.tsx';
import { DeleteDialog } from '../../components/delete-dialog.tsx';
import { Icon } from '../../components/icon.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { useDeleteMedium } from './api/delete-medium.ts';
import { mediaQuery, type Medium } from './api/list-media.ts';
import { mediaTotalsQuery } from './api/media-totals.ts';
import { ClearDialog } from './clear-dialog.tsx';
import { Lightbox } from './lightbox.tsx';
import { MediaGrid } from './media-grid.tsx';
import { MEDIA_TYPES, type MediaPageProps, type MediaType } from './media-search.ts';
import { UploadTable } from './upload-table.tsx';

/** What is kept of images, videos and uploads until midnight. The address carries the type and what is open large. */
export function MediaPage({ search, onSearch }: MediaPageProps): ReactNode {
  const { t } = useTranslation('media');
  const format = useFormat();
  const totals = useQuery(mediaTotalsQuery);
  const chosen: MediaType = search.type ?? 'image';
  const choose = (name: string | null): void => onSearch(name === 'video' || name === 'upload' ? { type: name } : {});
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} />
      <Tabs value={chosen} onChange={choose} keepMounted={false}>
        <Tabs.List mb="md">
          {MEDIA_TYPES.map((type) => (
            <Tabs.Tab key={type} value={type}>
              {totals.data
                ? t('tab', { type: t(`types.${type}`), text: format.count(totals.data[type].count) })
                : t(`types.${type}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {MEDIA_TYPES.map((type) => (
          <Tabs.Panel key={type} value={type}>
            <Gallery type={type} search={search} onSearch={onSearch} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}

function Gallery({ type, search, onSearch }: MediaPageProps & { type: MediaType }): ReactNode {
  const { t } = useTranslation('media');
  const media = useInfiniteQuery(mediaQuery(type));
  const deletion = useDeleteMedium(type);
  const [leaving, setLeaving] = useState<Medium | null>(null);
  const open = (medium: Medium | null): void => onSearch({ ...search, open: medium?.name });
  return (
    <QueryView query={media} skeleton={[40, 220, 220]}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        if (items.length === 0) {
          return <EmptyState icon="image" title={t(`none.${type}.title`)} text={t(`none.${type}.text`)} />;
        }
        return (
          <Stack gap="md">
            <Summary type={type} />
            {type === 'upload' ? (
              <UploadTable uploads={items} onDelete={setLeaving} />
            ) : (
              <MediaGrid media={items} onOpen={open} onDelete={setLeaving} />
            )}
            <LoadMore query={media} />
            {type === 'upload' ? null : (
              <Lightbox media={items} name={search.open ?? null} onShow={open} onDelete={setLeaving} />
            )}
            <DeleteDialog
              target={leaving}
              title={t(`delete.${type}`)}
              text={() => t(`delete.${type}Text`)}
              confirmLabel={t('delete.button')}
              deletion={deletion}
              idOf={({ name }) => name}
              onDeleted={() => open(null)}
              onClose={() => setLeaving(null)}
            />
          </Stack>
        );
      }}
    </QueryView>
  );
}

function Summary({ type }: { type: MediaType }): ReactNode {
  const { t } = useTranslation('media');
  const format = useFormat();
  const { data } = useQuery(mediaTotalsQuery);
  const [clearing, setClearing] = useState(false);
  const total = data?.[type];
  return (
    <Group justify="space-between" gap="sm">
      <Text fz="sm" c="dimmed">
        {total
          ? t(`summary.${type}`, {
              count: total.count,
              text: format.count(total.count),
              size: format.bytes(total.bytes),
            })
          : ' '}
      </Text>
      <Button
        variant="light"
        color="red"
        leftSection={<Icon name="trash" size={16} />}
        onClick={() => setClearing(true)}
      >
        {t(`clear.${type}`)}
      </Button>
      <ClearDialog type={type} total={total} opened={clearing} onClose={() => setClearing(false)} />
      {type === 'upload' ? (
        <Alert variant="light" color="gray" w="100%">
          {t('uploadsHint')}
        </Alert>
      ) : null}
    </Group>
  );
}
