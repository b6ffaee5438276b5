import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { readUsageSearch } from '../../features/usage/usage-search.ts';
import { shellRoute } from '../shell-route.ts';

const overviewRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  validateSearch: (search): { period?: '7d' | '30d' | 'all' } =>
    search['period'] === '7d' || search['period'] === '30d' || search['period'] === 'all'
      ? { period: search['period'] }
      : {},
  component: lazyRouteComponent(() => import('../routes/overview-route.tsx'), 'OverviewRoute'),
});

const keysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/keys',
  validateSearch: (search): { create?: true } => (search['create'] === true ? { create: true } : {}),
  component: lazyRouteComponent(() => import('../routes/keys-route.tsx'), 'KeysRoute'),
});

const usageRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/usage',
  validateSearch: readUsageSearch,
  component: lazyRouteComponent(() => import('../routes/usage-route.tsx'), 'UsageRoute'),
});

const planRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/plan',
  component: lazyRouteComponent(() => import('../../features/plan/plan-page.tsx'), 'PlanPage'),
});

const accountRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/account',
  component: lazyRouteComponent(() => import('../routes/account-route.tsx'), 'AccountRoute'),
});

const playgroundRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/playground',
  // A router reads `?model=4` as a number.
  validateSearch: ({ model }): { model?: string } =>
    typeof model === 'string' || typeof model === 'number' ? { model: String(model) } : {},
  component: lazyRouteComponent(() => import('../routes/playground-route.tsx'), 'PlaygroundRoute'),
});

const startRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/start',
  component: lazyRouteComponent(() => import('../../features/guide/guide-page.tsx'), 'GuidePage'),
});

/** Pages that everybody has. */
export const userRoutes = [
  overviewRoute,
  startRoute,
  playgroundRoute,
  keysRoute,
  usageRoute,
  planRoute,
  accountRoute,
] as const;
