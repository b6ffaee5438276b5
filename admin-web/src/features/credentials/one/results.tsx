import { Alert, Group, Loader, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDuration } from '../../../lib/format.ts';
import type { RefreshReport } from './api/refresh-credential.ts';
import type { TestReport } from './api/test-credential.ts';

const TEST_COLORS = {
  passed: 'green',
  failed: 'red',
  unknown: 'yellow',
  'no-token': 'red',
  'not-found': 'red',
} as const satisfies Record<TestReport['outcome'], string>;

/** What one call under the credential showed: whether, how fast, and in the upstream's words why not. */
export function TestResult({ report }: { report: TestReport }): ReactNode {
  const { t } = useTranslation('credential');
  const facts = [
    report.upstreamStatus === 0 ? t('test.noStatus') : `HTTP ${report.upstreamStatus}`,
    formatDuration(report.durationMs),
    report.model === null ? t('test.byList') : t('test.byModel', { model: report.model }),
  ];
  return (
    <Alert color={TEST_COLORS[report.outcome]} variant="light" title={t(`test.outcomes.${report.outcome}.title`)}>
      <Stack gap={4}>
        <Text fz="sm">{t(`test.outcomes.${report.outcome}.text`)}</Text>
        <Text fz="sm" style={{ overflowWrap: 'anywhere' }}>
          {report.text}
        </Text>
        {report.reactivated ? <Text fz="sm">{t('test.reactivated')}</Text> : null}
        <Text fz="xs" c="dimmed">
          {facts.join(' · ')}
        </Text>
      </Stack>
    </Alert>
  );
}

const REFRESHED = ['refreshed', 'current', 'superseded'];
const WAITING = ['not-due', 'busy', 'backing-off'];

export function RefreshResult({ report }: { report: RefreshReport }): ReactNode {
  const { t } = useTranslation('credential');
  const { outcome, text } = report;
  const color = REFRESHED.includes(outcome) ? 'green' : WAITING.includes(outcome) ? 'yellow' : 'red';
  return (
    <Alert color={color} variant="light" title={t(`refresh.outcomes.${outcome}`)}>
      <Text fz="sm" style={{ overflowWrap: 'anywhere' }}>
        {text}
      </Text>
    </Alert>
  );
}

export function Working({ text }: { text: string }): ReactNode {
  return (
    <Group gap="sm" role="status">
      <Loader size="xs" />
      <Text fz="sm" c="dimmed">
        {text}
      </Text>
    </Group>
  );
}
