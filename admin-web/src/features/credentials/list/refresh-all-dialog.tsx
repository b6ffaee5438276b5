import { Button, Group, Select, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../../components/dialog.tsx';
import { upstreamsQuery } from '../../../lib/api/upstreams.ts';
import type { PlaceResult } from '../api/batch-credentials.ts';
import { CREDENTIALS } from '../api/list-credentials.ts';
import { refreshAllWork } from '../api/refresh-all.ts';
import { countsOf, rowsOf } from './place-results.ts';
import { ResultList } from './result-list.tsx';
import { RunProgress } from './run-progress.tsx';
import { useLongWork } from './use-long-work.ts';

/** Gets new tokens for every OAuth credential that is enabled. */
export function RefreshAllDialog({ opened, onClose }: { opened: boolean; onClose: () => void }): ReactNode {
  const { t } = useTranslation('credentials');
  return (
    <Dialog opened={opened} onClose={onClose} title={t('refreshAll.title')} size="lg" closeOnClickOutside={false}>
      <RefreshAllRun onClose={onClose} />
    </Dialog>
  );
}

function RefreshAllRun({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useTranslation(['credentials', 'common']);
  const queryClient = useQueryClient();
  const run = useLongWork<PlaceResult>(() => void queryClient.invalidateQueries({ queryKey: CREDENTIALS }));
  const upstreams = useQuery(upstreamsQuery);
  const withOAuth = (upstreams.data ?? []).filter(({ oauth }) => oauth !== null).map(({ name }) => name);
  const [upstream, setUpstream] = useState<string | null>(null);
  const isRunning = run.state === 'running' || run.state === 'stopping';
  if (run.state === 'idle') {
    return (
      <Stack gap="lg">
        <Text fz="sm">{t('refreshAll.text')}</Text>
        <Select
          label={t('upstream')}
          placeholder={t('allUpstreams')}
          data={withOAuth}
          value={upstream}
          onChange={setUpstream}
          clearable
          clearButtonProps={{ 'aria-label': t('clearFilter', { name: t('upstream') }) }}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('common:cancel')}
          </Button>
          <Button onClick={() => run.start(refreshAllWork(upstream))}>{t('refreshAll.start')}</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <Stack gap="md">
      <RunProgress run={run} {...countsOf(run.results)} />
      {run.state === 'done' && run.results.length === 0 ? (
        <Text fz="sm" c="dimmed">
          {t('refreshAll.none')}
        </Text>
      ) : null}
      <ResultList rows={rowsOf(run.results, { done: t('bulk.refresh.done'), failed: t('run.failedOne') })} />
      <Group justify="flex-end">
        <Button variant={isRunning ? 'default' : 'filled'} disabled={isRunning} onClick={onClose}>
          {t('common:close')}
        </Button>
      </Group>
    </Stack>
  );
}
