import { confirmation, successOf } from '@sluice/contract/envelopes';
import {
  adminLoginAnswer,
  adminLoginInput,
  adminSessionAnswer,
  changePasswordInput,
  loginAnswer,
  loginInput,
  logoutInput,
  meAnswer,
  refreshAnswer,
  refreshInput,
  sessionView,
} from '@sluice/contract/session';
import { z } from 'zod';
import { changePassword, endSession, listSessions, logOutEverywhere } from '../resources/own-sessions.ts';
import { logIn, logInToConsole, logOut, refreshTokens, showMe, showSession } from '../resources/session.ts';
import { publicRoute, route, type AdminRoute } from '../route.ts';

/** A name, a password, a token: there is nothing to gain from reading more of a stranger. */
const maxBodyBytes = 16 * 1024;
/** What users do to their own security stands in the audit log too. */
const OWN = { of: 'everybody' } as const;

// prettier-ignore
export function sessionRoutes(): AdminRoute[] {
  const tag = 'Session';
  return [
    publicRoute({ method: 'POST', path: '/api/auth/login', tag, summary: 'Sign in: access token, refresh token, cookie',
      maxBodyBytes, audit: { of: 'noted' }, body: loginInput, answer: loginAnswer, run: logIn }),
    publicRoute({ method: 'POST', path: '/api/auth/refresh', tag, summary: 'A new pair for a refresh token',
      maxBodyBytes, body: refreshInput, answer: refreshAnswer, run: refreshTokens }),
    publicRoute({ method: 'POST', path: '/api/auth/logout', tag, summary: 'End the session of the token or the cookie',
      maxBodyBytes, body: logoutInput, answer: confirmation, run: logOut }),
    route({ method: 'POST', path: '/api/auth/logout-all', tag, summary: 'End all your sessions, this one too',
      access: 'profile:read', audit: OWN, answer: confirmation, run: logOutEverywhere }),
    route({ method: 'GET', path: '/api/auth/sessions', tag, summary: 'Your sessions, the newest first',
      access: 'profile:read', answer: successOf(z.array(sessionView)), run: listSessions }),
    route({ method: 'DELETE', path: '/api/auth/sessions/{id}', tag, summary: 'End one of your sessions',
      access: 'profile:read', audit: OWN, answer: confirmation, run: endSession }),
    route({ method: 'POST', path: '/api/auth/change-password', tag, summary: 'A new password; ends all other sessions',
      access: 'profile:write', audit: OWN, maxBodyBytes, body: changePasswordInput, answer: confirmation,
      run: changePassword }),
    route({ method: 'GET', path: '/api/auth/me', tag, summary: 'Who is calling', access: 'profile:read',
      answer: meAnswer, run: showMe }),
    publicRoute({ method: 'POST', path: '/api/v1/admin/login', tag, summary: 'Sign an administrator in by cookie',
      maxBodyBytes, audit: { of: 'noted' }, body: adminLoginInput, answer: adminLoginAnswer, run: logInToConsole }),
    route({ method: 'GET', path: '/api/v1/admin/session', tag, summary: 'Whether the session stands',
      access: 'profile:read', answer: adminSessionAnswer, run: showSession }),
    publicRoute({ method: 'POST', path: '/api/v1/admin/logout', tag, summary: 'End the session of the cookie',
      maxBodyBytes, body: logoutInput, answer: confirmation, run: logOut }),
  ];
}
