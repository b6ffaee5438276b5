import { Button, Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { HedgingTab } from './hedging-tab.tsx';
import { MODEL_TABS, type ModelsProps } from './models-search.ts';
import { ModelsTab } from './models-tab.tsx';
import { PricesTab } from './prices-tab.tsx';
import { UpstreamsTab } from './upstreams-tab.tsx';

/** The names that clients ask for, what they cost, who serves them, and what second calls to those cost. */
export function ModelsPage(props: ModelsProps): ReactNode {
  const { t } = useTranslation('models');
  const tab = props.search.tab ?? 'models';
  const choose = (chosen: string | null): void => {
    const known = MODEL_TABS.find((name) => name === chosen);
    props.onSearch(known === undefined || known === 'models' ? {} : { tab: known });
  };
  const create = (): void => props.onSearch({ ...props.search, create: true });
  const isMade = tab === 'models' || tab === 'upstreams';
  return (
    <>
      <PageHeader
        title={t('title')}
        intro={t('intro')}
        actions={
          isMade ? (
            <Button leftSection={<Icon name="plus" size={16} />} onClick={create}>
              {t(tab === 'models' ? 'createModel' : 'createUpstream')}
            </Button>
          ) : null
        }
      />
      <Tabs value={tab} onChange={choose} keepMounted={false}>
        <Tabs.List mb="md">
          {MODEL_TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tabs.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="models">
          <ModelsTab {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="prices">
          <PricesTab onSearch={props.onSearch} />
        </Tabs.Panel>
        <Tabs.Panel value="upstreams">
          <UpstreamsTab {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="hedging">
          <HedgingTab {...props} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
