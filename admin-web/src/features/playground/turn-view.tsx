import { Anchor, Box, Card, Code, Group, Image, Loader, Spoiler, Stack, Text, Typography } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import Markdown from 'react-markdown';
import { formatDuration } from '../../lib/format.ts';
import { useFormat } from '../../lib/use-format.ts';
import type { Question, Reply, Turn } from './turns.ts';

/** One turn of the conversation. */
export function TurnView({ turn, isGrowing }: { turn: Turn; isGrowing: boolean }): ReactNode {
  return turn.role === 'user' ? <QuestionView turn={turn} /> : <ReplyView turn={turn} isGrowing={isGrowing} />;
}

function QuestionView({ turn }: { turn: Question }): ReactNode {
  const { t } = useTranslation('playground');
  return (
    <Card withBorder padding="md" bg="var(--mantine-color-water-light)" style={{ alignSelf: 'flex-end' }} maw="85%">
      <Stack gap="sm">
        <Text fz="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {turn.text}
        </Text>
        {turn.images.map((url, index) => (
          <Image key={url} src={url} alt={t('attached', { number: index + 1 })} maw={240} radius="sm" />
        ))}
      </Stack>
    </Card>
  );
}

const SHOWN_THOUGHTS_PX = 66;

function ReplyView({ turn, isGrowing }: { turn: Reply; isGrowing: boolean }): ReactNode {
  const { t } = useTranslation('playground');
  const isEmpty = turn.text === '' && turn.reasoning === '' && turn.tools.length === 0;
  return (
    <Card withBorder padding="md">
      <Stack gap="sm">
        {turn.reasoning === '' ? null : (
          <Box>
            <Text fz="xs" fw={600} c="dimmed">
              {t('thoughts')}
            </Text>
            <Spoiler maxHeight={SHOWN_THOUGHTS_PX} showLabel={t('more')} hideLabel={t('less')}>
              <Text fz="sm" c="dimmed" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                {turn.reasoning}
              </Text>
            </Spoiler>
          </Box>
        )}
        {turn.text === '' ? null : (
          <Typography fz="sm" style={{ overflowWrap: 'anywhere' }}>
            <Markdown>{turn.text}</Markdown>
          </Typography>
        )}
        {turn.tools.map((tool, index) => (
          <Stack key={index} gap={4}>
            <Text fz="xs" fw={600}>
              {t('toolCall', { name: tool.name })}
            </Text>
            <Code block>{tool.arguments}</Code>
          </Stack>
        ))}
        {isGrowing && isEmpty ? <Loader size="sm" type="dots" aria-label={t('answering')} /> : null}
        <ReplyFacts turn={turn} />
      </Stack>
    </Card>
  );
}

function ReplyFacts({ turn }: { turn: Reply }): ReactNode {
  const { t } = useTranslation('playground');
  const format = useFormat();
  const { firstMs, usage, endReason, requestId } = turn;
  const facts = [
    ...(firstMs === null ? [] : [t('first', { duration: formatDuration(firstMs) })]),
    ...(usage === null ? [] : [t('used', { input: format.count(usage.input), output: format.count(usage.output) })]),
    ...(endReason === null || endReason === 'stop' ? [] : [endReason]),
  ];
  if (facts.length === 0) return null;
  return (
    <Group gap="xs" justify="space-between">
      <Text fz="xs" c="dimmed">
        {facts.join(' · ')}
      </Text>
      {requestId === null ? null : (
        <Anchor fz="xs" renderRoot={(root) => <Link to="/usage" search={{ request: requestId }} {...root} />}>
          {t('inLog')}
        </Anchor>
      )}
    </Group>
  );
}
