import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../components/page-header.tsx';
import { usageScope, useSession } from '../../lib/api/session.ts';
import { ChartsTab } from './charts/charts-tab.tsx';
import { LimitsTab } from './limits-tab.tsx';
import { LogsTab } from './logs/logs-tab.tsx';
import { RequestSearch } from './logs/request-search.tsx';
import { StoryDrawer } from './story/story-drawer.tsx';
import { tabOf, USAGE_TABS, type UsageSearch } from './usage-search.ts';

/** What was used: over time, request by request, and what is left. Any request's story opens over it by its id. */
export function UsagePage(props: { search: UsageSearch; onSearch: (search: UsageSearch) => void }): ReactNode {
  const { t } = useTranslation('usage');
  const { search, onSearch } = props;
  const { data: session } = useSession();
  const scope = usageScope(session);
  const tab = tabOf(search);
  const choose = (chosen: string | null): void => {
    const known = USAGE_TABS.find((name) => name === chosen);
    onSearch({ ...search, request: undefined, tab: known });
  };
  const part = { search, onSearch, scope };
  return (
    <>
      <PageHeader
        title={t('title')}
        intro={t(`intro.${scope}`)}
        actions={<RequestSearch onFind={(request) => onSearch({ ...search, tab, request })} />}
      />
      <Tabs value={tab} onChange={choose} keepMounted={false}>
        <Tabs.List mb="md">
          {USAGE_TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tabs.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="charts">
          <ChartsTab {...part} />
        </Tabs.Panel>
        <Tabs.Panel value="logs">
          <LogsTab {...part} />
        </Tabs.Panel>
        <Tabs.Panel value="limits">
          <LimitsTab />
        </Tabs.Panel>
      </Tabs>
      <StoryDrawer
        requestId={search.request ?? null}
        onFilter={(filter) => onSearch({ tab: 'logs', ...filter })}
        onClose={() => onSearch({ ...search, tab, request: undefined })}
      />
    </>
  );
}
