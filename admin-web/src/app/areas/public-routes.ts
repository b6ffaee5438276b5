import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { isLocalPath } from '../local-path.ts';
import { rootRoute } from '../root-route.ts';

/** Where to go on afterwards. */
const redirectSearch = (search: Record<string, unknown>): { redirect?: string } =>
  isLocalPath(search['redirect']) ? { redirect: search['redirect'] } : {};

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: redirectSearch,
  component: lazyRouteComponent(() => import('../routes/login-route.tsx'), 'LoginRoute'),
});

/** Tokens of links are text, even one that reads like a number. */
const linkSearch = (search: Record<string, unknown>): { token: string } => ({ token: String(search['token'] ?? '') });

const verifyEmailRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/verify-email',
  validateSearch: linkSearch,
  component: lazyRouteComponent(() => import('../routes/link-routes.tsx'), 'VerifyEmailRoute'),
});

const resetPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/reset-password',
  validateSearch: linkSearch,
  component: lazyRouteComponent(() => import('../routes/link-routes.tsx'), 'ResetPasswordRoute'),
});

const registerRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/register',
  component: lazyRouteComponent(() => import('../routes/register-routes.tsx'), 'RegisterRoute'),
});

const forgotPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/forgot-password',
  component: lazyRouteComponent(() => import('../routes/register-routes.tsx'), 'ForgotPasswordRoute'),
});

const firstPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/change-password',
  validateSearch: redirectSearch,
  component: lazyRouteComponent(() => import('../routes/first-password-route.tsx'), 'FirstPasswordRoute'),
});

/** Pages without the menu: for those who are not logged in, or not quite. */
export const publicRoutes = [
  loginRoute,
  registerRoute,
  forgotPasswordRoute,
  verifyEmailRoute,
  resetPasswordRoute,
  firstPasswordRoute,
] as const;
