import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { readConversationsSearch } from '../../features/conversations/conversations-search.ts';
import { readPlaygroundSearch } from '../../features/playground/playground-search.ts';
import { readAccountsSearch, readQuotaSearch } from '../../features/sharing/sharing-search.ts';
import { readReaderSearch } from '../../features/api-reader/reader-search.ts';
import { readConnectSearch } from '../../features/connect/connect-search.ts';
import { readKeysSearch } from '../../features/keys/keys-search.ts';
import { readUsageSearch } from '../../features/usage/usage-search.ts';
import { permittedOnly, shellRoute } from '../shell-route.ts';

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
  validateSearch: readKeysSearch,
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

const accountsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/accounts',
  beforeLoad: permittedOnly('sharing:own'),
  validateSearch: readAccountsSearch,
  component: lazyRouteComponent(() => import('../routes/accounts-route.tsx'), 'AccountsRoute'),
});

const quotaRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/quota',
  beforeLoad: permittedOnly('sharing:own'),
  validateSearch: readQuotaSearch,
  component: lazyRouteComponent(() => import('../routes/quota-route.tsx'), 'QuotaRoute'),
});

const accountRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/account',
  component: lazyRouteComponent(() => import('../routes/account-route.tsx'), 'AccountRoute'),
});

const playgroundRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/playground',
  validateSearch: readPlaygroundSearch,
  component: lazyRouteComponent(() => import('../routes/playground-route.tsx'), 'PlaygroundRoute'),
});

const startRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/start',
  component: lazyRouteComponent(() => import('../../features/guide/guide-page.tsx'), 'GuidePage'),
});

const conversationsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/conversations',
  validateSearch: readConversationsSearch,
  component: lazyRouteComponent(() => import('../routes/conversations-route.tsx'), 'ConversationsRoute'),
});

const connectRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/connect',
  validateSearch: readConnectSearch,
  component: lazyRouteComponent(() => import('../routes/connect-route.tsx'), 'ConnectRoute'),
});

const apiReaderRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/docs',
  validateSearch: readReaderSearch,
  component: lazyRouteComponent(() => import('../routes/api-reader-route.tsx'), 'ApiReaderRoute'),
});

/** Pages that everybody has. */
export const userRoutes = [
  overviewRoute,
  startRoute,
  playgroundRoute,
  conversationsRoute,
  keysRoute,
  connectRoute,
  apiReaderRoute,
  usageRoute,
  planRoute,
  accountsRoute,
  quotaRoute,
  accountRoute,
] as const;
