import { Anchor, Badge, Code, Group, Stack, Text, Timeline } from '@mantine/core';
import type { UsageLogRow } from '@sluice/contract/usage';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../components/icon.tsx';
import { formatDuration } from '../../../lib/format.ts';
import { StatusBadge } from '../status-badge.tsx';
import type { UsageSearch } from '../usage-search.ts';
import { Part } from '../../../components/part.tsx';
import { useErrorMeaning } from './use-error-meaning.ts';

interface AttemptsProps {
  row: UsageLogRow;
  onFilter: (filter: Partial<UsageSearch>) => void;
}

/** Who was asked, one after another: what each said, and why the next one was asked. */
export function Attempts({ row, onFilter }: AttemptsProps): ReactNode {
  const { t } = useTranslation('usage');
  const last = row.attempts.length - 1;
  return (
    <Part title={t('attempts')} hint={t('attemptsCount', { count: row.attempts.length })}>
      <Timeline bulletSize={22} lineWidth={2} active={last}>
        {row.attempts.map((attempt, index) => (
          <Timeline.Item
            key={index}
            color={attempt.error === null ? 'green.8' : 'red.8'}
            bullet={<Icon name={attempt.error === null ? 'check' : 'alert'} size={13} />}
            title={
              <Group gap="xs">
                <Text component="span" fz="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
                  {attempt.upstream}
                </Text>
                <AttemptStatus attempt={attempt} />
                <Text component="span" fz="xs" c="dimmed">
                  {formatDuration(attempt.duration_ms)}
                </Text>
              </Group>
            }
          >
            <Attempt attempt={attempt} row={row} isLast={index === last} onFilter={onFilter} />
          </Timeline.Item>
        ))}
      </Timeline>
    </Part>
  );
}

type AttemptView = UsageLogRow['attempts'][number];

function AttemptStatus({ attempt }: { attempt: AttemptView }): ReactNode {
  const { t } = useTranslation('usage');
  if (attempt.status === 0) {
    return (
      <Badge variant="light" color="red">
        {t('noAnswer')}
      </Badge>
    );
  }
  return <StatusBadge status={attempt.status} success={attempt.error === null} />;
}

interface AttemptProps extends AttemptsProps {
  attempt: AttemptView;
  isLast: boolean;
}

function Attempt({ attempt, row, isLast, onFilter }: AttemptProps): ReactNode {
  const { t } = useTranslation('usage');
  const meaning = useErrorMeaning();
  const credential = `${attempt.upstream}/${attempt.credential}`;
  return (
    <Stack gap={4} mt={4}>
      <Text fz="sm">
        {t('credential')}{' '}
        <Anchor component="button" type="button" fz="sm" underline="always" onClick={() => onFilter({ credential })}>
          {attempt.credential}
        </Anchor>
        {isLast && row.served_model ? (
          <>
            {' · '}
            {t('story.askedFor')} <Code>{row.served_model}</Code>
          </>
        ) : null}
      </Text>
      {attempt.error === null ? null : (
        <Text fz="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          <Code>{attempt.error}</Code> {meaning(attempt.error, attempt.status)}{' '}
          {t(isLast ? 'story.gaveUp' : 'story.wentOn')}
        </Text>
      )}
    </Stack>
  );
}
