import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { Icon } from '../../components/icon.tsx';

/** Shows what is seldom needed, or folds it away. */
export function FoldButton(props: { isOpen: boolean; onToggle: () => void; text: string }): ReactNode {
  return (
    <Group>
      <Button
        variant="subtle"
        size="compact-sm"
        aria-expanded={props.isOpen}
        rightSection={<Icon name={props.isOpen ? 'up' : 'down'} size={14} />}
        onClick={props.onToggle}
      >
        {props.text}
      </Button>
    </Group>
  );
}
