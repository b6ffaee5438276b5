import { loginAnswer } from '@sluice/contract/session';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callBareApi } from '../../../lib/api-client.ts';
import { rememberFreshKey } from '../../../lib/fresh-key.ts';

export interface LoginInput {
  username: string;
  password: string;
}

/** Logs in; the answer's cookie is the session, its tokens are for scripts and are not kept here. */
export function useLogin(onLoggedIn: () => void) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (input: LoginInput) =>
      callBareApi({ method: 'POST', path: '/api/auth/login', body: input, schema: loginAnswer }),
    onSuccess: () => {
      // Somebody else's session may have ended in this tab without a logout.
      rememberFreshKey(null);
      queryClient.clear();
      onLoggedIn();
    },
  });
}
