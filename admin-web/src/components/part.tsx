import { Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** A part of one thing's details under its title. */
export function Part(props: { title: string; hint?: string | undefined; children: ReactNode }): ReactNode {
  return (
    <Stack gap="sm" component="section" aria-label={props.title}>
      <Group justify="space-between" align="baseline" gap="xs">
        <Title order={3} fz={16}>
          {props.title}
        </Title>
        {props.hint ? (
          <Text fz="xs" c="dimmed">
            {props.hint}
          </Text>
        ) : null}
      </Group>
      {props.children}
    </Stack>
  );
}
