import { Badge, Stack, Text } from '@mantine/core';
import type { DeliveryView } from '@sluice/contract/alerts';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { deliveriesQuery } from './api/webhooks.ts';

const STATUS_COLORS = { pending: 'yellow', delivered: 'green', failed: 'red', skipped: 'gray' } as const;

/** Whom notices went to, and whether they arrived. */
export function DeliveriesTab(): ReactNode {
  const { t } = useTranslation('alerts');
  const format = useFormat();
  const deliveries = useInfiniteQuery(deliveriesQuery);
  return (
    <QueryView query={deliveries}>
      {({ pages }) => {
        const rows: DeliveryView[] = pages.flatMap((page) => [...page.pending, ...page.deliveries]);
        if (rows.length === 0) {
          return <EmptyState icon="alert" title={t('noDeliveries.title')} text={t('noDeliveries.text')} />;
        }
        return (
          <Stack gap="md">
            <ResourceTable
              caption={t('tabs.deliveries')}
              rows={rows}
              rowKey={(row) => row.id}
              columns={[
                {
                  key: 'kind',
                  header: t('notice'),
                  render: (row) => t(`kinds.${row.kind.slice('alert.'.length)}` as 'kinds.fired'),
                },
                {
                  key: 'to',
                  header: t('to'),
                  render: (row) => (
                    <Text fz="sm" style={{ overflowWrap: 'anywhere' }}>
                      {row.target.to ?? row.target.type}
                    </Text>
                  ),
                },
                {
                  key: 'status',
                  header: t('status'),
                  render: (row) => (
                    <Stack gap={2} align="flex-start">
                      <Badge variant="light" color={STATUS_COLORS[row.status]}>
                        {t(`deliveryStatuses.${row.status}`)}
                      </Badge>
                      {row.error ? (
                        <Text fz="xs" c="dimmed">
                          {row.error}
                        </Text>
                      ) : null}
                    </Stack>
                  ),
                },
                { key: 'attempts', header: t('attempts'), align: 'end', render: (row) => row.attempts },
                {
                  key: 'created',
                  header: t('time'),
                  nowrap: true,
                  render: (row) => format.shortDateTime(row.createdAt),
                },
              ]}
            />
            <LoadMore query={deliveries} />
          </Stack>
        );
      }}
    </QueryView>
  );
}
