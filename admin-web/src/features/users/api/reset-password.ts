import { resetUserPasswordAnswer } from '@sluice/contract/user-administration';
import { useMutation } from '@tanstack/react-query';
import { callBareApi } from '../../../lib/api-client.ts';

/** Mails a link, or makes a password that is shown this once and has to be changed. */
export function useResetPassword(id: string) {
  return useMutation({
    mutationFn: (method: 'mail' | 'temporary') =>
      callBareApi({
        method: 'POST',
        path: `/api/admin/users/${encodeURIComponent(id)}/reset-password`,
        body: { method },
        schema: resetUserPasswordAnswer,
      }),
  });
}
