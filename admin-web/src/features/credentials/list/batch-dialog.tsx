import { Button, Group, Stack, Switch, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../../components/dialog.tsx';
import { batchWork, type BatchAction, type Place, type PlaceResult } from '../api/batch-credentials.ts';
import { CREDENTIALS } from '../api/list-credentials.ts';
import { countsOf, rowsOf } from './place-results.ts';
import { ResultList } from './result-list.tsx';
import { RunProgress } from './run-progress.tsx';
import { useLongWork } from './use-long-work.ts';

interface Task {
  action: BatchAction;
  places: readonly Place[];
}

/** Asks, then does one thing to all that were chosen, and tells of each what became of it. */
export function BatchDialog(props: {
  action: BatchAction | null;
  places: readonly Place[];
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation('credentials');
  const { action, places, onClose } = props;
  // Who was chosen when it began: the list changes under the work.
  const [task, setTask] = useState<Task | null>(null);
  const [opened, setOpened] = useState(false);
  if (action !== null && !opened) {
    setOpened(true);
    setTask({ action, places });
  }
  if (action === null && opened) setOpened(false);
  return (
    <Dialog
      opened={opened}
      onClose={onClose}
      title={task ? t(`bulk.${task.action}.title`, { count: task.places.length }) : ''}
      size="lg"
      closeOnClickOutside={false}
    >
      {task ? <BatchRun task={task} onClose={onClose} /> : null}
    </Dialog>
  );
}

function BatchRun({ task, onClose }: { task: Task; onClose: () => void }): ReactNode {
  const { t } = useTranslation(['credentials', 'common']);
  const { action, places } = task;
  const queryClient = useQueryClient();
  const run = useLongWork<PlaceResult>(() => void queryClient.invalidateQueries({ queryKey: CREDENTIALS }));
  const [listOnly, setListOnly] = useState(true);
  if (run.state === 'idle') {
    return (
      <Stack gap="lg">
        <Text fz="sm">{t(`bulk.${action}.text`)}</Text>
        <Names places={places} />
        {action === 'test' ? (
          <Switch
            label={t('bulk.test.listOnly')}
            description={t('bulk.test.listOnlyHint')}
            checked={listOnly}
            onChange={(event) => setListOnly(event.currentTarget.checked)}
          />
        ) : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('common:cancel')}
          </Button>
          <Button
            {...(action === 'delete' ? { color: 'red.9' } : {})}
            onClick={() => run.start(batchWork(action, places, { listOnly }))}
          >
            {t(`bulk.${action}.verb`)}
          </Button>
        </Group>
      </Stack>
    );
  }
  const isRunning = run.state === 'running' || run.state === 'stopping';
  return (
    <Stack gap="md">
      <RunProgress run={run} {...countsOf(run.results)} />
      <ResultList rows={rowsOf(run.results, { done: t(`bulk.${action}.done`), failed: t('run.failedOne') })} />
      <Group justify="flex-end">
        <Button variant={isRunning ? 'default' : 'filled'} disabled={isRunning} onClick={onClose}>
          {t('common:close')}
        </Button>
      </Group>
    </Stack>
  );
}

const NAMED = 5;

/** The first few of those that are meant, so that a slip is seen. */
function Names({ places }: { places: readonly Place[] }): ReactNode {
  const { t } = useTranslation('credentials');
  const shown = places.slice(0, NAMED).map(({ upstream, name }) => `${upstream} ${name}`);
  const others = places.length - shown.length;
  if (others > 0) shown.push(t('bulk.others', { count: others }));
  return (
    <Stack component="ul" gap={4} m={0} ps="lg">
      {shown.map((name, index) => (
        <Text key={index} component="li" fz="sm" style={{ overflowWrap: 'anywhere' }}>
          {name}
        </Text>
      ))}
    </Stack>
  );
}
