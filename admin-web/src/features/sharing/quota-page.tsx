import { SimpleGrid, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../components/page-header.tsx';
import { ConsumptionLog } from './consumption-log.tsx';
import { OwnQuotas } from './own-quotas.tsx';
import { PoolTotals, SharedPoolTable } from './shared-pool.tsx';
import type { QuotaSearch } from './sharing-search.ts';

/** The shared pool, from the caller's side: what they may draw, what there is, what they drew. */
export function QuotaPage(props: { search: QuotaSearch; onSearch: (search: QuotaSearch) => void }): ReactNode {
  const { t } = useTranslation('sharing');
  return (
    <>
      <PageHeader title={t('quota.title')} intro={t('quota.intro')} />
      <Stack gap="lg">
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
          <OwnQuotas />
          <PoolTotals />
        </SimpleGrid>
        <SharedPoolTable />
        <ConsumptionLog {...props} />
      </Stack>
    </>
  );
}
