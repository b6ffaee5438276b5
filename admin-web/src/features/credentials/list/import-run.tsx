import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../../../components/copy-button.tsx';
import { saveText } from '../../../lib/save-text.ts';
import { batchWork, type PlaceResult } from '../api/batch-credentials.ts';
import type { ImportResult } from '../api/import-credentials.ts';
import { CREDENTIALS } from '../api/list-credentials.ts';
import { hintOf } from './import-lines.ts';
import { countsOf, rowsOf } from './place-results.ts';
import { ResultList } from './result-list.tsx';
import { RunProgress } from './run-progress.tsx';
import { useLongWork, type LongRun } from './use-long-work.ts';

interface RunProps {
  run: LongRun<ImportResult>;
  upstream: string;
  repeated: number;
  /** Back to the form with these lines. */
  onAgain: (lines: readonly string[]) => void;
  onClose: () => void;
}

/** The import as it goes on: what became of each line, those that failed to be tried again, and the way to switch on. */
export function ImportRun({ run, upstream, repeated, onAgain, onClose }: RunProps): ReactNode {
  const { t } = useTranslation(['credentials', 'common']);
  const created = run.results.filter(({ outcome }) => outcome === 'created');
  const failed = run.results.filter(({ outcome }) => outcome === 'failed').map(({ line }) => line.secret);
  const isRunning = run.state === 'running' || run.state === 'stopping';
  return (
    <Stack gap="md">
      <RunProgress run={run} done={created.length} failed={run.results.length - created.length} />
      {repeated > 0 ? (
        <Text fz="sm" c="dimmed">
          {t('import.repeated', { count: repeated })}
        </Text>
      ) : null}
      <ResultList
        rows={run.results.map(({ line, outcome, message }) => ({
          key: String(line.number),
          title: t('import.line', { number: line.number }),
          place: hintOf(line.secret),
          success: outcome === 'created',
          outcome: t(`import.outcomes.${outcome}`),
          message,
        }))}
      />
      {failed.length > 0 && !isRunning ? <FailedLines failed={failed} onAgain={onAgain} /> : null}
      {created.length > 0 && !isRunning ? <EnableCreated created={created} upstream={upstream} /> : null}
      <Group justify="flex-end">
        <Button variant={isRunning ? 'default' : 'filled'} disabled={isRunning} onClick={onClose}>
          {t('common:close')}
        </Button>
      </Group>
    </Stack>
  );
}

function FailedLines({ failed, onAgain }: { failed: readonly string[]; onAgain: RunProps['onAgain'] }): ReactNode {
  const { t } = useTranslation('credentials');
  const text = failed.join('\n');
  return (
    <Alert color="orange" variant="light" title={t('import.failed.title', { count: failed.length })}>
      <Stack gap="sm">
        <Text fz="sm">{t('import.failed.text')}</Text>
        <Group gap="sm">
          <Button size="xs" onClick={() => onAgain(failed)}>
            {t('import.failed.again')}
          </Button>
          <CopyButton value={text} />
          <Button size="xs" variant="default" onClick={() => saveText({ name: 'failed-lines.txt', text })}>
            {t('import.failed.save')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

/** What was imported is disabled, so that nothing is used by mistake. */
function EnableCreated({ created, upstream }: { created: readonly ImportResult[]; upstream: string }): ReactNode {
  const { t } = useTranslation('credentials');
  const queryClient = useQueryClient();
  const enabling = useLongWork<PlaceResult>(() => void queryClient.invalidateQueries({ queryKey: CREDENTIALS }));
  const places = created.flatMap(({ id }) => (id === null ? [] : [{ upstream, id, name: id }]));
  const counts = countsOf(enabling.results);
  const words = { done: t('bulk.enable.done'), failed: t('run.failedOne') };
  return (
    <Alert color="green" variant="light" title={t('import.created.title', { count: created.length })}>
      <Stack gap="sm" align="stretch">
        <Text fz="sm">{t('import.created.text')}</Text>
        {enabling.state === 'idle' ? (
          <Group>
            <Button size="xs" onClick={() => enabling.start(batchWork('enable', places, { listOnly: true }))}>
              {t('import.created.enable')}
            </Button>
          </Group>
        ) : (
          <RunProgress run={enabling} {...counts} />
        )}
        {counts.failed > 0 ? <ResultList rows={rowsOf(enabling.results, words).filter((row) => !row.success)} /> : null}
      </Stack>
    </Alert>
  );
}
