import { auditAnswer } from '@sluice/contract/audit';
import { infiniteQueryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../lib/api-client.ts';
import type { AuditSearch } from '../audit-search.ts';

export type AuditEntry = z.output<typeof auditAnswer>['data']['entries'][number];

/** What was done, newest first, one page after another. */
export function auditEntriesQuery({ actor, action, target, outcome }: AuditSearch) {
  return infiniteQueryOptions({
    queryKey: ['audit', actor ?? null, action ?? null, target ?? null, outcome ?? null],
    queryFn: ({ pageParam, signal }) =>
      callApi({
        path: '/api/admin/audit',
        query: { actor, action, target, outcome, limit: 50, cursor: pageParam ?? undefined },
        schema: auditAnswer.shape.data,
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}
