import { Box, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** Labelled values under one another, the way a receipt lists them. */
export function Facts({ rows }: { rows: readonly { label: string; value: ReactNode }[] }): ReactNode {
  return (
    <Stack component="dl" gap={8} m={0}>
      {rows.map(({ label, value }) => (
        <Group key={label} justify="space-between" align="flex-start" wrap="nowrap" gap="md">
          <Text component="dt" c="dimmed" fz="sm" style={{ flexShrink: 0 }}>
            {label}
          </Text>
          <Box component="dd" m={0} ta="end" fz="sm" miw={0} style={{ overflowWrap: 'anywhere' }}>
            {value}
          </Box>
        </Group>
      ))}
    </Stack>
  );
}
