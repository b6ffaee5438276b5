import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../components/page-header.tsx';
import { CodesTab } from './codes-tab.tsx';
import { PlansTab } from './plans-tab.tsx';
import type { PlansProps } from './plans-search.ts';

/** What is sold or handed out: plans, and the codes that give them. */
export function PlansPage(props: PlansProps): ReactNode {
  const { t } = useTranslation('plans');
  const tab = props.search.tab ?? 'plans';
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} />
      <Tabs
        value={tab}
        onChange={(chosen) => props.onSearch(chosen === 'codes' ? { tab: 'codes' } : {})}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="plans">{t('plans')}</Tabs.Tab>
          <Tabs.Tab value="codes">{t('codes')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="plans">
          <PlansTab {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="codes">
          <CodesTab {...props} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
