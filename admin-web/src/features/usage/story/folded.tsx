import { Button, Collapse, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';

/** What few need to see: behind its title. */
export function Folded({ title, children }: { title: string; children: ReactNode }): ReactNode {
  const [opened, { toggle }] = useDisclosure(false);
  return (
    <Stack gap="sm">
      <Button variant="default" size="xs" aria-expanded={opened} onClick={toggle} style={{ alignSelf: 'flex-start' }}>
        {title}
      </Button>
      <Collapse expanded={opened}>{opened ? children : null}</Collapse>
    </Stack>
  );
}
