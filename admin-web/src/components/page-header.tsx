import { Group, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';

/** Title of a page, also of its tab, one line on what it is for, and its main actions. */
export function PageHeader({
  title,
  intro,
  actions,
}: {
  title: string;
  intro?: string;
  actions?: ReactNode;
}): ReactNode {
  useDocumentTitle(`${title} · Sluice`);
  return (
    <Group justify="space-between" align="flex-end" gap="md" mb="lg">
      <Stack gap={4} style={{ flex: '1 1 280px' }}>
        <Title order={1} fz={24}>
          {title}
        </Title>
        {intro ? (
          <Text c="dimmed" fz="sm">
            {intro}
          </Text>
        ) : null}
      </Stack>
      {actions ? <Group gap="sm">{actions}</Group> : null}
    </Group>
  );
}
