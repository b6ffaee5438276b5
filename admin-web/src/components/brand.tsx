import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** The mark and the name. */
export function Brand({ size = 28 }: { size?: number }): ReactNode {
  return (
    <Group gap={10} wrap="nowrap">
      <img src="/favicon.svg" width={size} height={size} alt="" />
      <Text component="span" fw={700} fz={size * 0.68} lh={1} lts={-0.3}>
        Sluice
      </Text>
    </Group>
  );
}
