import { Card, Stack, Text, ThemeIcon } from '@mantine/core';
import type { ReactNode } from 'react';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-shapes.ts';

/** Nothing here yet, and what to do about it. */
export function EmptyState(props: { icon: IconName; title: string; text: string; action?: ReactNode }): ReactNode {
  return (
    <Card withBorder py={48} px="lg">
      <Stack align="center" gap="sm" maw={460} mx="auto">
        <ThemeIcon variant="light" size={52} radius="xl">
          <Icon name={props.icon} size={26} />
        </ThemeIcon>
        <Text fw={600} ta="center">
          {props.title}
        </Text>
        <Text c="dimmed" fz="sm" ta="center">
          {props.text}
        </Text>
        {props.action}
      </Stack>
    </Card>
  );
}
