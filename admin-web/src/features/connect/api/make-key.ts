import { createdKeyView } from '@sluice/contract/keys';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';
import { rememberFreshKey } from '../../../lib/fresh-key.ts';

/** Makes a key of this name without limits of its own; its secret stays in this tab's memory. */
export function useMakeKey() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      callApi({ method: 'POST', path: '/api/keys', body: { name }, schema: createdKeyView }),
    onSuccess: ({ key }) => {
      rememberFreshKey(key);
      return queryClient.invalidateQueries({ queryKey: ['keys'] });
    },
  });
}
