import { createdKeyView, type createKeyInput } from '@sluice/contract/keys';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../lib/api-client.ts';
import { dashboardQuery } from '../../../lib/api/dashboard.ts';
import { rememberFreshKey } from '../../../lib/fresh-key.ts';

/** Makes a key and keeps its secret in this tab's memory, so that the first request can be sent with it. */
export function useMakeKey() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (input: z.input<typeof createKeyInput>) =>
      callApi({ method: 'POST', path: '/api/keys', body: input, schema: createdKeyView }),
    onSuccess: ({ key }) => {
      rememberFreshKey(key);
      return Promise.all([
        queryClient.invalidateQueries({ queryKey: ['keys'] }),
        queryClient.invalidateQueries({ queryKey: dashboardQuery.queryKey }),
      ]);
    },
  });
}
