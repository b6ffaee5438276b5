import { confirmation } from '@sluice/contract/envelopes';
import {
  checkUsernameAnswer,
  checkUsernameQuery,
  forgotPasswordInput,
  nothing,
  registerAnswer,
  registerInput,
  resetPasswordInput,
  resetTokenAnswer,
  tokenInput,
  verifyEmailAnswer,
} from '@sluice/contract/registration';
import {
  checkResetToken,
  checkUsername,
  forgotPassword,
  register,
  resendVerification,
  resetPassword,
  verifyEmail,
} from '../resources/registration.ts';
import { publicRoute, route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function registrationRoutes(): AdminRoute[] {
  const open = { tag: 'Registration', maxBodyBytes: 16 * 1024 } as const;
  return [
    publicRoute({ ...open, method: 'POST', path: '/api/auth/register', summary: 'Make yourself an account',
      body: registerInput, answer: registerAnswer, status: 201, run: register }),
    publicRoute({ ...open, method: 'POST', path: '/api/auth/verify-email', summary: 'Confirm an e-mail address by link',
      audit: { of: 'noted' }, body: tokenInput, answer: verifyEmailAnswer, run: verifyEmail }),
    route({ ...open, method: 'POST', path: '/api/auth/resend-verification', summary: 'Another link for your address',
      access: 'profile:write', body: nothing, answer: confirmation, run: resendVerification }),
    publicRoute({ ...open, method: 'POST', path: '/api/auth/forgot-password', summary: 'Ask for a link by mail',
      body: forgotPasswordInput, answer: confirmation, run: forgotPassword }),
    publicRoute({ ...open, method: 'POST', path: '/api/auth/verify-reset-token', summary: 'Whose link it is',
      body: tokenInput, answer: resetTokenAnswer, run: checkResetToken }),
    publicRoute({ ...open, method: 'POST', path: '/api/auth/reset-password', summary: 'A new password by link',
      audit: { of: 'noted' }, body: resetPasswordInput, answer: confirmation, run: resetPassword }),
    publicRoute({ ...open, method: 'GET', path: '/api/auth/check-username', summary: 'Whether a user name is taken',
      query: checkUsernameQuery, answer: checkUsernameAnswer, run: checkUsername }),
  ];
}
