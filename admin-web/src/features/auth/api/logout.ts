import { useMutation, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { callBareApi } from '../../../lib/api-client.ts';
import { rememberFreshKey } from '../../../lib/fresh-key.ts';

/** Ends the session and forgets everything that was loaded with it. */
export function useLogout(onLoggedOut: () => void) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => callBareApi({ method: 'POST', path: '/api/auth/logout', schema: z.unknown() }),
    onSuccess: () => {
      rememberFreshKey(null);
      queryClient.clear();
      onLoggedOut();
    },
  });
}
