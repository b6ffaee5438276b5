import { Badge } from '@mantine/core';
import type { ReactNode } from 'react';

const COLORS: Record<string, string> = { GET: 'water', POST: 'green', PUT: 'orange', PATCH: 'orange', DELETE: 'red' };

export function MethodBadge({ method }: { method: string }): ReactNode {
  return (
    <Badge variant="light" color={COLORS[method] ?? 'gray'} radius="sm" ff="monospace" miw={66}>
      {method}
    </Badge>
  );
}
