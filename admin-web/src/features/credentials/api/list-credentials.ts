import { credentialPage } from '@sluice/contract/credential-records';
import type { credentialView } from '@sluice/contract/credentials';
import { infiniteQueryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { callBareApi } from '../../../lib/api-client.ts';
import type { CredentialsFilter } from '../credentials-search.ts';

export type Credential = z.output<typeof credentialView>;

/** Under it stands every list of credentials, whatever its filter, and each one by itself. */
export const CREDENTIALS = ['credentials'] as const;

/** The server looks for nothing shorter. */
export const SHORTEST_SEARCH = 2;

/** Little is read for each page, so a narrow filter may meet pages with nothing on them. */
const MOST_EMPTY_PAGES = 5;

/**
 * What is presented to upstreams, one page after another, newest first; without the secrets: those are sealed on
 * arrival and cannot be read here. Pages without a match are passed over, so many of them at a time.
 */
export function credentialsQuery({ search = '', ...others }: CredentialsFilter) {
  const filter = search.length < SHORTEST_SEARCH ? others : { ...others, search };
  return infiniteQueryOptions({
    queryKey: [...CREDENTIALS, 'list', filter],
    queryFn: async ({ pageParam, signal }) => {
      let page = await readPage(filter, pageParam, signal);
      for (let empty = 1; page.data.length === 0 && empty < MOST_EMPTY_PAGES; empty += 1) {
        if (page.pagination.next_cursor === null) break;
        page = await readPage(filter, page.pagination.next_cursor, signal);
      }
      return page;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.pagination.next_cursor,
  });
}

function readPage(filter: CredentialsFilter, cursor: string | null, signal: AbortSignal) {
  return callBareApi({
    path: '/api/admin/credentials',
    query: { limit: 50, cursor: cursor ?? undefined, ...filter },
    schema: credentialPage,
    signal,
  });
}
