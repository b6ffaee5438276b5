import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { EmptyState } from './empty-state.tsx';
import type { IconName } from './icon-shapes.ts';

/** Nothing fits what was asked for, and the way back to all. */
export function NoMatch(props: {
  icon: IconName;
  title: string;
  text: string;
  clearLabel: string;
  onClear: () => void;
}): ReactNode {
  return (
    <EmptyState
      icon={props.icon}
      title={props.title}
      text={props.text}
      action={
        <Button variant="default" onClick={props.onClear}>
          {props.clearLabel}
        </Button>
      }
    />
  );
}
