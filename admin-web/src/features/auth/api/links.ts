import { confirmation } from '@sluice/contract/envelopes';
import { verifyEmailAnswer } from '@sluice/contract/registration';
import { useMutation } from '@tanstack/react-query';
import { callBareApi } from '../../../lib/api-client.ts';

/** Confirms the e-mail address that a link was sent to. */
export function useVerifyEmail(token: string) {
  return useMutation({
    mutationFn: () =>
      callBareApi({ method: 'POST', path: '/api/auth/verify-email', body: { token }, schema: verifyEmailAnswer }),
  });
}

/** Sets the password of whoever got the link. */
export function useResetPassword(token: string) {
  return useMutation({
    mutationFn: (password: string) =>
      callBareApi({
        method: 'POST',
        path: '/api/auth/reset-password',
        body: { token, password },
        schema: confirmation,
      }),
  });
}
