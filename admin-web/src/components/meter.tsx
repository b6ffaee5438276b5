import { Group, Progress, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** A share of something as a bar, and in words beside it and below. */
export function Meter(props: {
  label: ReactNode;
  /** What the bar is of, for screen readers. */
  name: string;
  /** Of one; what is beyond is drawn as all of it. */
  share: number;
  /** The figure in words: what is left, or used. */
  said: string;
  note?: string;
  isWarning: boolean;
}): ReactNode {
  const { label, name, share, said, note, isWarning } = props;
  return (
    <Stack gap={6}>
      <Group justify="space-between" align="baseline" gap="sm">
        <Text fz="sm" fw={500} component="div" miw={0} style={{ overflowWrap: 'anywhere' }}>
          {label}
        </Text>
        <Text fz="sm" style={{ fontVariantNumeric: 'tabular-nums' }}>
          {said}
        </Text>
      </Group>
      <Progress
        value={Math.min(1, Math.max(0, share)) * 100}
        color={isWarning ? 'orange.7' : 'water.6'}
        aria-label={`${name}: ${said}`}
      />
      {note ? (
        <Text fz="xs" c="dimmed">
          {note}
        </Text>
      ) : null}
    </Stack>
  );
}
