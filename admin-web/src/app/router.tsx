import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  notFound,
  redirect,
} from '@tanstack/react-router';
import { ApiError } from '../lib/api-client.ts';
import { isOperator, sessionQuery } from '../lib/api/session.ts';
import { readUsageSearch } from '../features/usage/usage-search.ts';
import { FailedPage, MissingPage, WaitingPage } from './state-pages.tsx';
import { isLocalPath } from './local-path.ts';

const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({ notFoundComponent: MissingPage });

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: (search): { redirect?: string } =>
    isLocalPath(search['redirect']) ? { redirect: search['redirect'] } : {},
  component: lazyRouteComponent(() => import('./routes/login-route.tsx'), 'LoginRoute'),
});

/** Tokens of links are text, even one that reads like a number. */
const linkSearch = (search: Record<string, unknown>): { token: string } => ({ token: String(search['token'] ?? '') });

const verifyEmailRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/verify-email',
  validateSearch: linkSearch,
  component: lazyRouteComponent(() => import('./routes/link-routes.tsx'), 'VerifyEmailRoute'),
});

const resetPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/reset-password',
  validateSearch: linkSearch,
  component: lazyRouteComponent(() => import('./routes/link-routes.tsx'), 'ResetPasswordRoute'),
});

/** Everything behind the login. Whoever is not logged in is led there and comes back afterwards. */
const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  validateSearch: (search): { import?: true } => (search['import'] === true ? { import: true } : {}),
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.ensureQueryData(sessionQuery);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      throw redirect({ to: '/login', search: location.href === '/' ? {} : { redirect: location.href } });
    }
  },
  component: lazyRouteComponent(() => import('./shell.tsx'), 'Shell'),
});

/** What someone may not see looks like what is not there. */
async function operatorsOnly({ context }: { context: { queryClient: QueryClient } }): Promise<void> {
  if (!isOperator(await context.queryClient.ensureQueryData(sessionQuery))) throw notFound();
}

const overviewRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  validateSearch: (search): { period?: '7d' | '30d' | 'all' } =>
    search['period'] === '7d' || search['period'] === '30d' || search['period'] === 'all'
      ? { period: search['period'] }
      : {},
  component: lazyRouteComponent(() => import('./routes/overview-route.tsx'), 'OverviewRoute'),
});

const keysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/keys',
  validateSearch: (search): { create?: true } => (search['create'] === true ? { create: true } : {}),
  component: lazyRouteComponent(() => import('./routes/keys-route.tsx'), 'KeysRoute'),
});

const usageRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/usage',
  validateSearch: readUsageSearch,
  component: lazyRouteComponent(() => import('./routes/usage-route.tsx'), 'UsageRoute'),
});

const modelsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/models',
  beforeLoad: operatorsOnly,
  component: lazyRouteComponent(() => import('../features/models/models-page.tsx'), 'ModelsPage'),
});

const credentialsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/credentials',
  beforeLoad: operatorsOnly,
  component: lazyRouteComponent(() => import('../features/credentials/credentials-page.tsx'), 'CredentialsPage'),
});

const routeTree = rootRoute.addChildren([
  loginRoute,
  verifyEmailRoute,
  resetPasswordRoute,
  shellRoute.addChildren([overviewRoute, keysRoute, usageRoute, modelsRoute, credentialsRoute]),
]);

/** The console's addresses. Table state lives in them, so that a page can be sent to a colleague. */
export function createConsoleRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    scrollRestoration: true,
    defaultErrorComponent: FailedPage,
    defaultPendingComponent: WaitingPage,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
