import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../../components/error-state.tsx';
import { useFormat } from '../../../lib/use-format.ts';
import type { LongRun } from './use-long-work.ts';

type RunFacts = Pick<LongRun<unknown>, 'state' | 'total' | 'error' | 'stop' | 'goOn'>;

/** How far long work is, what came of it so far, and the way to stop it or to go on. */
export function RunProgress({ run, done, failed }: { run: RunFacts; done: number; failed: number }): ReactNode {
  const { t } = useTranslation('credentials');
  const format = useFormat();
  const { state, total } = run;
  const isRunning = state === 'running' || state === 'stopping';
  const seen = done + failed;
  // Without a known end the bar only shows that something moves.
  const percent = state === 'done' ? 100 : total === null ? 100 : Math.round((seen / Math.max(total, 1)) * 100);
  return (
    <Stack gap="sm">
      <Progress.Root size="lg">
        <Progress.Section
          value={percent}
          color={failed > 0 && state === 'done' ? 'orange' : undefined}
          animated={isRunning}
          aria-label={t('run.progress')}
        />
      </Progress.Root>
      <Group justify="space-between" gap="sm">
        <Text fz="sm" role="status" aria-live="polite">
          {total === null
            ? t('run.seen', { count: seen, shown: format.count(seen) })
            : t('run.seenOf', { seen: format.count(seen), total: format.count(total) })}
          {' · '}
          {t('run.done', { shown: format.count(done) })}
          {' · '}
          {t('run.failed', { shown: format.count(failed) })}
        </Text>
        {isRunning ? (
          <Button size="xs" variant="default" loading={state === 'stopping'} onClick={run.stop}>
            {t('run.stop')}
          </Button>
        ) : null}
        {state === 'stopped' ? (
          <Button size="xs" onClick={run.goOn}>
            {t('run.goOn')}
          </Button>
        ) : null}
      </Group>
      {state === 'failed' ? <ErrorState error={run.error} onRetry={run.goOn} /> : null}
    </Stack>
  );
}
