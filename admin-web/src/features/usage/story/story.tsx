import { Alert, Code, Group, List, Loader, Stack, Text } from '@mantine/core';
import type { UsageStory } from '@sluice/contract/usage-story';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeBlock } from '../../../components/code-block.tsx';
import { Icon } from '../../../components/icon.tsx';
import { useFormat } from '../../../lib/use-format.ts';
import type { UsageSearch } from '../usage-search.ts';
import { Attempts } from './attempts.tsx';
import { Cost } from './cost.tsx';
import { ErrorCard } from './error-card.tsx';
import { Folded } from './folded.tsx';
import { StoryHead } from './story-head.tsx';
import { Timing } from './timing.tsx';
import { Who } from './who.tsx';

/** From what the client asked to what it was charged, in the order in which somebody who looks for a fault reads. */
export function Story(props: { story: UsageStory; onFilter: (filter: Partial<UsageSearch>) => void }): ReactNode {
  const { t } = useTranslation('usage');
  const { story, onFilter } = props;
  const { row } = story;
  return (
    <Stack gap="xl" pb="xl">
      <StoryHead story={story} />
      {row === null ? (
        <UnderWay story={story} />
      ) : (
        <>
          <ErrorCard story={story} row={row} />
          {row.warnings.length > 0 ? <Warnings warnings={row.warnings} /> : null}
          <Timing row={row} />
          {row.attempts.length > 0 ? <Attempts row={row} onFilter={onFilter} /> : null}
          <Cost story={story} row={row} />
        </>
      )}
      <Who story={story} onFilter={onFilter} />
      <Folded title={t('story.record')}>
        <CodeBlock label={t('story.record')} text={JSON.stringify(story, null, 2)} />
      </Folded>
    </Stack>
  );
}

function UnderWay({ story }: { story: UsageStory }): ReactNode {
  const { t } = useTranslation('usage');
  const format = useFormat();
  return (
    <Alert color="blue" variant="light" title={t('story.open.title')}>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <Loader size="xs" mt={4} />
        <Stack gap={4}>
          <Text fz="sm">{t('story.open.text')}</Text>
          {story.held === null ? null : (
            <Text fz="sm">
              {t('story.open.held', {
                cost: format.money(story.held.micros),
                tokens: format.count(story.held.tokens),
              })}
            </Text>
          )}
        </Stack>
      </Group>
    </Alert>
  );
}

/** What the conversion between two wire formats had to leave out or change. */
function Warnings({ warnings }: { warnings: readonly string[] }): ReactNode {
  const { t } = useTranslation('usage');
  return (
    <Alert
      color="yellow"
      variant="light"
      icon={<Icon name="alert" />}
      title={t('story.warnings', { count: warnings.length })}
    >
      <List fz="sm" spacing={4}>
        {warnings.map((warning) => (
          <List.Item key={warning} style={{ overflowWrap: 'anywhere' }}>
            <Warning text={warning} />
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

const WARNINGS = [
  'dropped',
  'vendor-only',
  'clamped',
  'approximated',
  'foreign-reasoning',
  'forged-carrier',
  'repaired',
  'estimated',
] as const;

/** `dropped:logit_bias`: a field, and what became of it. */
function Warning({ text }: { text: string }): ReactNode {
  const { t } = useTranslation('usage');
  const code = WARNINGS.find((one) => text.startsWith(`${one}:`));
  if (code === undefined) return text;
  return (
    <>
      <Code>{text.slice(code.length + 1)}</Code> {t(`warningTexts.${code}`)}
    </>
  );
}
