import { Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeBlock } from '../../components/code-block.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import type { Snippet } from './snippets/snippet.ts';

/** Something to paste, under what it is and where it goes. */
export function SnippetView({ snippet }: { snippet: Snippet }): ReactNode {
  const { t } = useTranslation('connect');
  const { title, text, into } = snippet;
  if (into === 'fields') {
    return (
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Stack gap={0} miw={0}>
          <Text fz="sm" c="dimmed">
            {title === 'Model' ? t('model') : title}
          </Text>
          <Text fz="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
            {text}
          </Text>
        </Stack>
        <CopyButton value={text} />
      </Group>
    );
  }
  return (
    <Stack gap={6}>
      <Text fz="sm" fw={600}>
        {into === 'terminal' ? t('inTerminal', { title }) : t('inFile', { title })}
      </Text>
      <CodeBlock label={title} text={text} />
    </Stack>
  );
}
