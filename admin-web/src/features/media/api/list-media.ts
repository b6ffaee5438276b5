import { mediaListAnswer } from '@sluice/contract/media';
import { infiniteQueryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { callBareApi } from '../../../lib/api-client.ts';
import type { MediaType } from '../media-search.ts';

export type Medium = z.output<typeof mediaListAnswer>['items'][number];

/** Under it stands all that is asked about media. */
export const MEDIA = ['media'] as const;

const AT_ONCE = 48;

/** Media of one type, newest first, one page after another. */
export function mediaQuery(type: MediaType) {
  return infiniteQueryOptions({
    queryKey: [...MEDIA, 'list', type],
    queryFn: ({ pageParam, signal }) =>
      callBareApi({
        path: '/api/v1/admin/cache/list',
        query: { type, page_size: AT_ONCE, cursor: pageParam ?? undefined },
        schema: mediaListAnswer,
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}
