import { Box, Code } from '@mantine/core';
import type { ReactNode } from 'react';
import { CopyButton } from './copy-button.tsx';

/** Text to be copied as it is. The block scrolls by itself, also by keyboard, so that the page never does sideways. */
export function CodeBlock({ text, label, wrap = false }: { text: string; label: string; wrap?: boolean }): ReactNode {
  return (
    <Box pos="relative">
      <Code
        block
        tabIndex={0}
        role="group"
        aria-label={label}
        p="md"
        pt={48}
        fz={13}
        style={wrap ? { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' } : { overflowX: 'auto' }}
      >
        {text}
      </Code>
      <Box pos="absolute" top={8} right={8}>
        <CopyButton value={text} />
      </Box>
    </Box>
  );
}
