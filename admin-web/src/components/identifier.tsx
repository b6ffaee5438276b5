import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { CopyButton } from './copy-button.tsx';

/** An id among facts, to be copied. */
export function Identifier({ id }: { id: string }): ReactNode {
  return (
    <Group gap="xs" justify="flex-end">
      <Text ff="monospace" fz="sm">
        {id}
      </Text>
      <CopyButton value={id} />
    </Group>
  );
}
