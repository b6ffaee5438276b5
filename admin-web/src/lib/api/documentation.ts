import { queryOptions } from '@tanstack/react-query';

/**
 * Whether `/api/docs` is switched on. Asked of the address that leads there, because its answer is empty and a
 * redirect need not be followed to be seen.
 */
export const documentationQuery = queryOptions({
  queryKey: ['documentation'],
  queryFn: async ({ signal }) => {
    const answer = await fetch('/api/redoc', { redirect: 'manual', signal });
    return answer.type === 'opaqueredirect';
  },
  staleTime: Infinity,
});
