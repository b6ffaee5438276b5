import { confirmation } from '@sluice/contract/envelopes';
import {
  codePageAnswer,
  createdCodesAnswer,
  type CodeView,
  type createCodesInput,
} from '@sluice/contract/redemption-codes';
import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callBareApi, queryString } from '../../../lib/api-client.ts';
import type { CodesFilter } from '../plans-search.ts';

export type Code = CodeView;

const CODES = ['redemption-codes'] as const;
const PATH = '/api/admin/redemption-codes';

function questionOf({ status, type, search }: CodesFilter) {
  return { status, plan_type: type, search };
}

/** Codes, newest first, one page after another. */
export function codesQuery(filter: CodesFilter) {
  return infiniteQueryOptions({
    queryKey: [...CODES, filter],
    queryFn: ({ pageParam, signal }) =>
      callBareApi({
        path: PATH,
        query: { ...questionOf(filter), limit: 50, cursor: pageParam ?? undefined },
        schema: codePageAnswer,
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.pagination.next_cursor,
  });
}

/** Where the same codes are as CSV, for the browser to save. */
export function codesFile(filter: CodesFilter): string {
  return `${PATH}/export${queryString(questionOf(filter))}`;
}

/** Makes codes. They can be read again in the list. */
export function useCreateCodes() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (input: z.input<typeof createCodesInput>): Promise<string[]> => {
      const made = await callBareApi({ method: 'POST', path: PATH, body: input, schema: createdCodesAnswer });
      return 'codes' in made ? made.codes : [made.code];
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: CODES }),
  });
}

export function useDeleteCode() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      callBareApi({ method: 'DELETE', path: `${PATH}/${encodeURIComponent(id)}`, schema: confirmation }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: CODES }),
  });
}
