import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { useFormat } from '../../../lib/use-format.ts';
import type { ReassignReport } from '../api/member-lists.ts';
import type { LongRun } from './use-long-work.ts';

/** How far credentials are brought to a list: how many were looked at, and how many got another member. */
export function Reassignment(props: {
  run: LongRun<ReassignReport>;
  /** What saving the list did of it already. */
  first: ReassignReport | null;
  /** What is done to whom, asked before it is done by hand. */
  text: string;
  onStart: () => void;
}): ReactNode {
  const { t } = useTranslation('credentials');
  const format = useFormat();
  const { run, first } = props;
  const [asking, setAsking] = useState(false);
  const reports = first === null ? run.results : [first, ...run.results];
  const lookedAt = reports.reduce((sum, report) => sum + report.looked_at, 0);
  const changed = reports.reduce((sum, report) => sum + report.changed, 0);
  const isRunning = run.state === 'running' || run.state === 'stopping';
  const isDone = run.state === 'done' || (run.state === 'idle' && first?.done === true);
  return (
    <Stack gap="sm">
      {isRunning ? <Progress value={100} animated aria-label={t('lists.reassigning')} /> : null}
      {run.state === 'failed' ? <ErrorState error={run.error} onRetry={run.goOn} /> : null}
      <Group justify="space-between" gap="sm">
        <Text fz="sm" c="dimmed" role="status" aria-live="polite" style={{ flex: '1 1 240px' }}>
          {reports.length === 0 && !isRunning
            ? t('lists.reassignHint')
            : `${t(isDone ? 'lists.reassigned' : 'lists.reassigning')} ${t('lists.reassignCounts', {
                lookedAt: format.count(lookedAt),
                changed: format.count(changed),
              })}`}
        </Text>
        <ReassignButton run={run} onStart={() => setAsking(true)} />
      </Group>
      <ConfirmDialog
        opened={asking}
        title={t('lists.reassignTitle')}
        text={props.text}
        confirmLabel={t('lists.reassign')}
        pending={false}
        error={null}
        onConfirm={() => {
          setAsking(false);
          props.onStart();
        }}
        onClose={() => setAsking(false)}
      />
    </Stack>
  );
}

function ReassignButton({ run, onStart }: { run: LongRun<ReassignReport>; onStart: () => void }): ReactNode {
  const { t } = useTranslation('credentials');
  if (run.state === 'running' || run.state === 'stopping') {
    return (
      <Button variant="default" size="xs" loading={run.state === 'stopping'} onClick={run.stop}>
        {t('run.stop')}
      </Button>
    );
  }
  const isStopped = run.state === 'stopped';
  return (
    <Button variant="default" size="xs" onClick={isStopped ? run.goOn : onStart}>
      {t(isStopped ? 'run.goOn' : 'lists.reassign')}
    </Button>
  );
}
