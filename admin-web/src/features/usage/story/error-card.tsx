import { Alert, Code, Group, Stack, Text } from '@mantine/core';
import type { UsageStory } from '@sluice/contract/usage-story';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../components/icon.tsx';
import { useErrorMeaning } from './use-error-meaning.ts';

type Row = NonNullable<UsageStory['row']>;

/** How the client was told, what it means, and whether asking again may help. */
export function ErrorCard({ story, row }: { story: UsageStory; row: Row }): ReactNode {
  const { t } = useTranslation('usage');
  const meaning = useErrorMeaning();
  const { error } = story;
  if (row.success && error === null) return null;
  const code = error?.code ?? row.error;
  return (
    <Alert color="red" variant="light" icon={<Icon name="alert" />} title={t('story.error.title')}>
      <Stack gap="xs">
        <Group gap={6}>
          <Code fz="sm">{`HTTP ${row.status}`}</Code>
          {code === null ? null : <Code fz="sm">{code}</Code>}
          {error === null ? null : <Code fz="sm">{error.type}</Code>}
        </Group>
        <Text fz="sm">{meaning(code, row.status)}</Text>
        {error === null ? null : (
          <Text fz="sm" c="dimmed">
            {t(error.retryable ? 'story.error.retryable' : 'story.error.final')}
          </Text>
        )}
        {row.status === 200 ? (
          <Text fz="sm" c="dimmed">
            {t('story.error.afterHead')}
          </Text>
        ) : null}
      </Stack>
    </Alert>
  );
}
