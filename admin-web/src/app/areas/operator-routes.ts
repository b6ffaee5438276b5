import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { readAlertsSearch } from '../../features/alerts/alerts-search.ts';
import { readAuditSearch } from '../../features/audit/audit-search.ts';
import { readCredentialsSearch } from '../../features/credentials/credentials-search.ts';
import { readSystemSearch } from '../../features/health/system-search.ts';
import { readMediaSearch } from '../../features/media/media-search.ts';
import { readMachineSecretsSearch } from '../../features/machine-secrets/machine-secrets-search.ts';
import { readModelsSearch } from '../../features/models/models-search.ts';
import { readPlansSearch } from '../../features/plans/plans-search.ts';
import { readUsersSearch } from '../../features/users/users-search.ts';
import { operatorsOnly, permittedOnly, shellRoute } from '../shell-route.ts';

const modelsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/models',
  beforeLoad: operatorsOnly,
  validateSearch: readModelsSearch,
  component: lazyRouteComponent(() => import('../routes/models-route.tsx'), 'ModelsRoute'),
});

const credentialsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/credentials',
  beforeLoad: operatorsOnly,
  validateSearch: readCredentialsSearch,
  component: lazyRouteComponent(() => import('../routes/credentials-route.tsx'), 'CredentialsRoute'),
});

const mediaRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/media',
  beforeLoad: operatorsOnly,
  validateSearch: readMediaSearch,
  component: lazyRouteComponent(() => import('../routes/media-route.tsx'), 'MediaRoute'),
});

const usersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/users',
  beforeLoad: operatorsOnly,
  validateSearch: readUsersSearch,
  component: lazyRouteComponent(() => import('../routes/users-route.tsx'), 'UsersRoute'),
});

const plansRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/plans',
  beforeLoad: operatorsOnly,
  validateSearch: readPlansSearch,
  component: lazyRouteComponent(() => import('../routes/plans-route.tsx'), 'PlansRoute'),
});

const auditRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/audit',
  beforeLoad: permittedOnly('audit:read'),
  validateSearch: readAuditSearch,
  component: lazyRouteComponent(() => import('../routes/audit-route.tsx'), 'AuditRoute'),
});

const alertsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/alerts',
  beforeLoad: permittedOnly('alerts:manage'),
  validateSearch: readAlertsSearch,
  component: lazyRouteComponent(() => import('../routes/alerts-route.tsx'), 'AlertsRoute'),
});

const machineSecretsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/machine-secrets',
  beforeLoad: permittedOnly('machine-secrets:manage'),
  validateSearch: readMachineSecretsSearch,
  component: lazyRouteComponent(() => import('../routes/machine-secrets-route.tsx'), 'MachineSecretsRoute'),
});

const transferRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/import-export',
  beforeLoad: permittedOnly('configuration:export'),
  component: lazyRouteComponent(() => import('../../features/import/transfer-page.tsx'), 'TransferPage'),
});

const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/settings',
  beforeLoad: permittedOnly('settings:manage'),
  component: lazyRouteComponent(() => import('../../features/settings/settings-page.tsx'), 'SettingsPage'),
});

const systemRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/system',
  beforeLoad: operatorsOnly,
  validateSearch: readSystemSearch,
  component: lazyRouteComponent(() => import('../routes/system-route.tsx'), 'SystemRoute'),
});

/** Pages of those who run the gateway. */
export const operatorRoutes = [
  modelsRoute,
  mediaRoute,
  credentialsRoute,
  usersRoute,
  plansRoute,
  alertsRoute,
  auditRoute,
  systemRoute,
  machineSecretsRoute,
  transferRoute,
  settingsRoute,
] as const;
