import { Card, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** One subject of a page in a card of its own: title, a line on it, what can be done, and the matter itself. */
export function Section(props: { title: string; hint?: string; actions?: ReactNode; children: ReactNode }): ReactNode {
  return (
    <Card withBorder padding="lg" component="section" aria-label={props.title}>
      <Stack gap="md">
        <Group justify="space-between" align="flex-start" gap="sm">
          <Stack gap={4} style={{ flex: '1 1 240px' }}>
            <Title order={2} fz={17}>
              {props.title}
            </Title>
            {props.hint ? (
              <Text fz="sm" c="dimmed">
                {props.hint}
              </Text>
            ) : null}
          </Stack>
          {props.actions}
        </Group>
        {props.children}
      </Stack>
    </Card>
  );
}
