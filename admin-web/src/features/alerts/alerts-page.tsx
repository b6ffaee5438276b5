import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../components/page-header.tsx';
import { AlertList } from './alert-list.tsx';
import { ALERT_TABS, type AlertsProps } from './alerts-search.ts';
import { DeliveriesTab } from './deliveries-tab.tsx';
import { RulesTab } from './rules-tab.tsx';
import { WebhooksTab } from './webhooks-tab.tsx';

/** What needs somebody now, what did before, and who is told by which rules. */
export function AlertsPage(props: AlertsProps): ReactNode {
  const { t } = useTranslation('alerts');
  const tab = props.search.tab ?? 'active';
  const choose = (chosen: string | null): void => {
    const known = ALERT_TABS.find((name) => name === chosen);
    props.onSearch(known === undefined || known === 'active' ? {} : { tab: known });
  };
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} />
      <Tabs value={tab} onChange={choose} keepMounted={false}>
        <Tabs.List mb="md">
          {ALERT_TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tabs.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="active">
          <AlertList type="active" />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <AlertList type="history" />
        </Tabs.Panel>
        <Tabs.Panel value="rules">
          <RulesTab {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="webhooks">
          <WebhooksTab {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="deliveries">
          <DeliveriesTab />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
