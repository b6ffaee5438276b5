import { Badge, Box, Card, Group, Image, Loader, Spoiler, Stack, Text } from '@mantine/core';
import type { ConversationPart, ConversationTurn } from '@sluice/contract/conversations';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { shownMedia } from '../lib/media-address.ts';
import { CodeBlock } from './code-block.tsx';
import { Markdown } from './markdown.tsx';

const WRAPPED = { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' } as const;

/** One turn of a conversation: whose it is, what was said, and what goes with it. */
export function TurnCard(props: {
  turn: ConversationTurn;
  /** An answer is on its way and nothing of it is here yet. */
  isAwaited?: boolean;
  footer?: ReactNode;
}): ReactNode {
  const { t } = useTranslation('turns');
  const { role, parts } = props.turn;
  const isQuestion = role === 'user';
  return (
    <Card
      component="article"
      aria-label={t(`roles.${role}`)}
      withBorder
      padding="md"
      {...(isQuestion ? { bg: 'var(--mantine-color-water-light)', maw: '88%', style: { alignSelf: 'flex-end' } } : {})}
    >
      <Stack gap="sm">
        {role === 'system' || role === 'tool' ? (
          <Text fz="xs" fw={600} c="dimmed">
            {t(`roles.${role}`)}
          </Text>
        ) : null}
        {parts.map((part, index) => (
          <PartView key={index} part={part} isWritten={role === 'assistant'} />
        ))}
        {props.isAwaited ? <Loader size="sm" type="dots" aria-label={t('answering')} /> : null}
        {props.footer}
      </Stack>
    </Card>
  );
}

/** @param props.isWritten by a model, in Markdown */
function PartView({ part, isWritten }: { part: ConversationPart; isWritten: boolean }): ReactNode {
  const { t } = useTranslation('turns');
  switch (part.type) {
    case 'text':
      return isWritten ? (
        <Markdown text={part.text} />
      ) : (
        <Text fz="sm" style={WRAPPED}>
          {part.text}
        </Text>
      );
    case 'reasoning':
      return <Thoughts text={part.text} />;
    case 'image':
      return <Picture url={part.url} />;
    case 'tool_call':
      return (
        <Stack gap={4}>
          <Text fz="xs" fw={600}>
            {t('toolCall', { name: part.name })}
          </Text>
          <CodeBlock text={readable(part.arguments)} label={t('arguments', { name: part.name })} wrap />
        </Stack>
      );
    case 'tool_result':
      return <CodeBlock text={readable(part.text)} label={t('toolResult')} wrap />;
    case 'other':
      return (
        <Group>
          <Badge variant="light" color="gray">
            {part.name}
          </Badge>
        </Group>
      );
  }
}

const SHOWN_THOUGHTS_PX = 66;

function Thoughts({ text }: { text: string }): ReactNode {
  const { t } = useTranslation('turns');
  return (
    <Box>
      <Text fz="xs" fw={600} c="dimmed" mb={4}>
        {t('thoughts')}
      </Text>
      <Spoiler maxHeight={SHOWN_THOUGHTS_PX} showLabel={t('more')} hideLabel={t('less')}>
        <Text fz="sm" c="dimmed" style={WRAPPED}>
          {text}
        </Text>
      </Spoiler>
    </Box>
  );
}

function Picture({ url }: { url: string }): ReactNode {
  const { t } = useTranslation('turns');
  const medium = shownMedia(url);
  if (medium?.kind === 'image') {
    return <Image src={medium.src} alt={t('image')} maw={320} w="auto" fit="contain" radius="sm" />;
  }
  return (
    <Text fz="sm" c="dimmed" style={WRAPPED}>
      {t('imageAt', { address: url.slice(0, LONGEST_ADDRESS) })}
    </Text>
  );
}

const LONGEST_ADDRESS = 300;

/** JSON with line breaks; anything else as it is. */
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
