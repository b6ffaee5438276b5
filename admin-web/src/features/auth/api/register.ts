import { confirmation } from '@sluice/contract/envelopes';
import { registerAnswer, type registerInput } from '@sluice/contract/registration';
import { useMutation } from '@tanstack/react-query';
import type { z } from 'zod';
import { callBareApi } from '../../../lib/api-client.ts';

/** Makes the caller an account; a link is mailed. Nobody is logged in by it. */
export function useRegister() {
  return useMutation({
    mutationFn: (input: z.input<typeof registerInput>) =>
      callBareApi({ method: 'POST', path: '/api/auth/register', body: input, schema: registerAnswer }),
  });
}

/** Asks for a link by mail. The answer is the same whether anybody has the address. */
export function useForgotPassword() {
  return useMutation({
    mutationFn: (email: string) =>
      callBareApi({ method: 'POST', path: '/api/auth/forgot-password', body: { email }, schema: confirmation }),
  });
}
