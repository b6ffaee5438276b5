import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { operatorsOnly, shellRoute } from '../shell-route.ts';

const modelsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/models',
  beforeLoad: operatorsOnly,
  component: lazyRouteComponent(() => import('../../features/models/models-page.tsx'), 'ModelsPage'),
});

const credentialsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/credentials',
  beforeLoad: operatorsOnly,
  component: lazyRouteComponent(() => import('../../features/credentials/credentials-page.tsx'), 'CredentialsPage'),
});

/** Pages of those who run the gateway. */
export const operatorRoutes = [modelsRoute, credentialsRoute] as const;
