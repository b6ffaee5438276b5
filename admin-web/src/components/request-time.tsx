import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useFormat } from '../lib/use-format.ts';

/** When a request was made; leads to its whole story. */
export function RequestTime({ requestId, at }: { requestId: string; at: string }): ReactNode {
  const format = useFormat();
  return (
    <Anchor
      fz="sm"
      title={format.dateTime(at)}
      renderRoot={(props) => <Link to="/usage" search={{ request: requestId }} {...props} />}
    >
      {format.shortDateTime(at)}
    </Anchor>
  );
}
