import type { AdminRoute } from './route.ts';
import { alertRoutes } from './routes/alerts.ts';
import { asideTokenRoutes } from './routes/aside-tokens.ts';
import { auditRoutes } from './routes/audit.ts';
import { catalogRoutes } from './routes/catalog.ts';
import { conversationRoutes } from './routes/conversations.ts';
import { credentialRecordRoutes } from './routes/credential-records.ts';
import { credentialRefreshRoutes } from './routes/credential-refreshes.ts';
import { keyDialectRoutes } from './routes/key-dialects.ts';
import { keyRoutes } from './routes/keys.ts';
import { ledgerRoutes } from './routes/ledger-accounts.ts';
import { machineSecretRoutes } from './routes/machine-secrets.ts';
import { mediaRoutes } from './routes/media.ts';
import { monitoringRoutes } from './routes/monitoring.ts';
import { operationRoutes } from './routes/operations.ts';
import { planRoutes } from './routes/plans.ts';
import { pluginRoutes } from './routes/plugin-api.ts';
import { priceRoutes } from './routes/prices.ts';
import { profileRoutes } from './routes/profile.ts';
import { redemptionCodeRoutes } from './routes/redemption-codes.ts';
import { registrationRoutes } from './routes/registration.ts';
import { credentialTestRoutes } from './routes/credential-tests.ts';
import { healthRoutes } from './routes/service.ts';
import { sessionRoutes } from './routes/session.ts';
import { settingsRoutes } from './routes/settings.ts';
import { signInRoutes } from './routes/sign-ins.ts';
import { statsRoutes } from './routes/stats.ts';
import { upstreamRoutes } from './routes/upstreams.ts';
import { usageRoutes } from './routes/usage.ts';
import { userRoutes } from './routes/users.ts';

/** Every path of the control plane, who may call it, what goes in and what comes out. One file of rows per area. */
export const ROUTES: readonly AdminRoute[] = [
  ...healthRoutes(() => ROUTES),
  ...sessionRoutes(),
  ...registrationRoutes(),
  ...profileRoutes(),
  ...userRoutes(),
  ...keyRoutes(),
  ...keyDialectRoutes(),
  ...usageRoutes(),
  ...statsRoutes(),
  ...ledgerRoutes(),
  ...planRoutes(),
  ...redemptionCodeRoutes(),
  ...pluginRoutes(),
  ...signInRoutes(),
  ...asideTokenRoutes(),
  ...upstreamRoutes(),
  ...credentialRecordRoutes(),
  ...credentialTestRoutes(),
  ...credentialRefreshRoutes(),
  ...machineSecretRoutes(),
  ...catalogRoutes(),
  ...priceRoutes(),
  ...settingsRoutes(),
  ...auditRoutes(),
  ...mediaRoutes(),
  ...conversationRoutes(),
  ...monitoringRoutes(),
  ...alertRoutes(),
  ...operationRoutes(),
];
