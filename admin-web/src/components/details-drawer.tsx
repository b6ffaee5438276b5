import { Drawer } from '@mantine/core';
import type { DrawerProps } from '@mantine/core';
import { useState } from 'react';
import type { ReactNode } from 'react';

/** Slides in from the side with what is open. The last one is kept, so that it does not empty while it slides out. */
export function DetailsDrawer<Open>(props: {
  /** Null: nothing. */
  open: Open | null;
  title: string | ((shown: Open) => string);
  closeLabel: string;
  size?: DrawerProps['size'];
  onClose: () => void;
  children: (shown: Open) => ReactNode;
}): ReactNode {
  const { open, title } = props;
  const [shown, setShown] = useState(open);
  if (open !== null && open !== shown) setShown(open);
  return (
    <Drawer
      opened={open !== null}
      onClose={props.onClose}
      position="right"
      size={props.size ?? 'lg'}
      title={typeof title === 'string' ? title : shown !== null && title(shown)}
      closeButtonProps={{ 'aria-label': props.closeLabel }}
    >
      {shown === null ? null : props.children(shown)}
    </Drawer>
  );
}
