import { Badge } from '@mantine/core';
import type { ReactNode } from 'react';

/** The status the client was answered with. */
export function StatusBadge({ status, success }: { status: number; success: boolean }): ReactNode {
  return (
    <Badge variant="light" color={statusColor(status, success)} ff="monospace">
      {status}
    </Badge>
  );
}

/** Green: answered. Red: our side or the upstream failed. Orange: the caller's side (also 499: the client left). */
function statusColor(status: number, success: boolean): string {
  if (success) return 'green';
  return status >= 500 || status < 400 ? 'red' : 'orange';
}
