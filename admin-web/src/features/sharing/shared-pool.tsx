import { Badge, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Facts } from '../../components/facts.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { Section } from '../../components/section.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { sharedPoolQuery } from './api/pool.ts';
import { useQuotaFormat } from './use-quota-format.ts';

/** What the caller's calls have used of credentials of users, since there is a record of it. */
export function PoolTotals(): ReactNode {
  const { t } = useTranslation('sharing');
  const format = useFormat();
  const quota = useQuotaFormat();
  const pool = useQuery(sharedPoolQuery);
  const row = (requests: number, consumed: number): string =>
    t('quota.requestsAndQuota', { count: requests, requests: format.count(requests), quota: quota(consumed) });
  return (
    <Section title={t('quota.totals')} hint={t('quota.totalsHint')}>
      <QueryView query={pool} skeleton={[24, 24, 24]}>
        {({ user_consumption: used }) => (
          <Facts
            rows={[
              { label: t('quota.ofShared'), value: row(used.shared_requests, used.shared_quota_consumed) },
              { label: t('quota.ofOwn'), value: row(used.private_requests, used.private_quota_consumed) },
              {
                label: t('quota.inAll'),
                value: (
                  <Text fw={600} fz="sm">
                    {row(used.total_requests, used.total_quota_consumed)}
                  </Text>
                ),
              },
            ]}
          />
        )}
      </QueryView>
    </Section>
  );
}

/** What everybody's shared credentials have left together, by model. */
export function SharedPoolTable(): ReactNode {
  const { t } = useTranslation('sharing');
  const format = useFormat();
  const quota = useQuotaFormat();
  const pool = useQuery(sharedPoolQuery);
  return (
    <Section title={t('quota.pool')} hint={t('quota.poolHint')}>
      <QueryView query={pool}>
        {({ quotas }) =>
          quotas.length === 0 ? (
            <Text fz="sm" c="dimmed">
              {t('quota.poolEmpty')}
            </Text>
          ) : (
            <ResourceTable
              caption={t('quota.pool')}
              rows={quotas}
              rowKey={(row) => row.model_name}
              columns={[
                { key: 'model', header: t('quota.model'), render: (row) => row.model_name },
                {
                  key: 'state',
                  header: t('state'),
                  render: (row) => (
                    <Badge variant="light" color={row.status === 1 ? 'green' : 'orange'}>
                      {t(row.status === 1 ? 'quota.available' : 'usedUp')}
                    </Badge>
                  ),
                },
                {
                  key: 'accounts',
                  header: t('quota.accounts'),
                  align: 'end',
                  render: (row) => format.count(row.available_accounts),
                },
                { key: 'left', header: t('quota.left'), align: 'end', render: (row) => quota(row.total_quota) },
                {
                  key: 'reset',
                  header: t('quota.nextReset'),
                  nowrap: true,
                  render: (row) => (row.earliest_reset_time ? format.dateTime(row.earliest_reset_time) : '–'),
                },
              ]}
            />
          )
        }
      </QueryView>
    </Section>
  );
}
