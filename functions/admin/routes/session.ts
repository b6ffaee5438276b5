import { confirmation } from '@sluice/contract/envelopes';
import {
  adminLoginAnswer,
  adminLoginInput,
  adminSessionAnswer,
  loginAnswer,
  loginInput,
  meAnswer,
} from '@sluice/contract/session';
import { logIn, logInToConsole, logOut, showMe, showSession } from '../resources/session.ts';
import { publicRoute, route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function sessionRoutes(): AdminRoute[] {
  const tag = 'Session';
  return [
    publicRoute({ method: 'POST', path: '/api/auth/login', tag, summary: 'Sign in: access token and cookie',
      body: loginInput, answer: loginAnswer, run: logIn }),
    publicRoute({ method: 'POST', path: '/api/auth/logout', tag, summary: 'End the cookie session',
      answer: confirmation, run: logOut }),
    route({ method: 'GET', path: '/api/auth/me', tag, summary: 'Who is calling', access: 'profile:read',
      answer: meAnswer, run: showMe }),
    publicRoute({ method: 'POST', path: '/api/v1/admin/login', tag, summary: 'Sign an administrator in by cookie',
      body: adminLoginInput, answer: adminLoginAnswer, run: logInToConsole }),
    route({ method: 'GET', path: '/api/v1/admin/session', tag, summary: 'Whether the session stands',
      access: 'profile:read', answer: adminSessionAnswer, run: showSession }),
    publicRoute({ method: 'POST', path: '/api/v1/admin/logout', tag, summary: 'End the cookie session',
      answer: confirmation, run: logOut }),
  ];
}
