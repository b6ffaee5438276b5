import { configurationDocument, importReport } from '@sluice/contract/configuration-document';
import {
  credentialChange,
  credentialChangeView,
  credentialEntry,
  credentialHistoryQuery,
  credentialView,
} from '@sluice/contract/credentials';
import { confirmation, successOf } from '@sluice/contract/envelopes';
import { healthAnswer } from '@sluice/contract/health';
import { changeKeyInput, createdKeyView, createKeyInput, keyPage, keyView } from '@sluice/contract/keys';
import { ledgerAccountView } from '@sluice/contract/ledger-accounts';
import { modelFields, modelView } from '@sluice/contract/models';
import { scheduleParameters, scheduleReport } from '@sluice/contract/schedules';
import {
  adminLoginAnswer,
  adminLoginInput,
  adminSessionAnswer,
  loginAnswer,
  loginInput,
  meAnswer,
} from '@sluice/contract/session';
import { settingsChange, settingsView } from '@sluice/contract/settings';
import { upstreamFields, upstreamView } from '@sluice/contract/upstreams';
import { usageLogs, usageLogsQuery, usageStats, usageStatsQuery } from '@sluice/contract/usage';
import { z } from 'zod';
import { changeSettings, exportDocument, importDocument, showSettings } from './resources/configuration.ts';
import {
  changeCredential,
  createCredential,
  credentialListQuery,
  deleteCredential,
  listCredentialHistory,
  listCredentials,
} from './resources/credentials.ts';
import { redirectToDocumentation, showDocumentation, showOpenApi } from './resources/documentation.ts';
import { showHealth } from './resources/health.ts';
import { changeKey, createKey, deleteKey, keyListQuery, listKeys, ownerQuery, showKey } from './resources/keys.ts';
import { showLedgerAccount } from './resources/ledger-accounts.ts';
import { deleteModel, listModels, putModel } from './resources/models.ts';
import { runSchedule } from './resources/schedules.ts';
import { logIn, logInToConsole, logOut, showMe, showSession } from './resources/session.ts';
import { deleteUpstream, listUpstreams, putUpstream } from './resources/upstreams.ts';
import { showUsageStats } from './resources/usage-stats.ts';
import { listUsageLogs } from './resources/usage.ts';
import { publicRoute, route, type AdminRoute } from './route.ts';

const warned = { warnings: z.array(z.string()) };

/** Every path of the control plane, who may call it, what goes in and what comes out. */
export const ROUTES: readonly AdminRoute[] = [
  ...healthRoutes(),
  ...sessionRoutes(),
  ...keyRoutes(),
  ...usageRoutes(),
  ...ledgerRoutes(),
  ...upstreamRoutes(),
  ...catalogRoutes(),
  ...operationRoutes(),
];

function healthRoutes(): AdminRoute[] {
  const tag = 'Service';
  const health = {
    method: 'GET',
    tag,
    summary: 'State of the service',
    answer: healthAnswer,
    run: showHealth,
  } as const;
  const text = { method: 'GET', tag, answer: null } as const;
  return [
    publicRoute({ ...health, path: '/health' }),
    publicRoute({ ...health, path: '/api/health' }),
    publicRoute({
      method: 'GET',
      path: '/api/openapi.json',
      tag,
      summary: 'This API as an OpenAPI 3.1 document',
      answer: z.looseObject({ openapi: z.string() }),
      run: (services) => showOpenApi(services, ROUTES),
    }),
    publicRoute({
      ...text,
      path: '/api/docs',
      summary: 'This API as a page',
      run: (services) => showDocumentation(services, ROUTES),
    }),
    publicRoute({
      ...text,
      path: '/api/redoc',
      summary: 'Leads to /api/docs',
      status: 302,
      run: redirectToDocumentation,
    }),
  ];
}

// prettier-ignore
function sessionRoutes(): AdminRoute[] {
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

// prettier-ignore
function keyRoutes(): AdminRoute[] {
  const tag = 'Keys';
  const access = 'keys:own';
  return [
    route({ method: 'GET', path: '/api/keys', tag, summary: 'Your keys; with ?owner= another user\'s', access,
      query: keyListQuery, answer: successOf(keyPage), run: listKeys }),
    route({ method: 'POST', path: '/api/keys', tag, summary: 'A new key, shown this once', access, query: ownerQuery,
      body: createKeyInput, answer: successOf(createdKeyView), status: 201, run: createKey }),
    route({ method: 'GET', path: '/api/keys/{id}', tag, summary: 'One key', access,
      answer: successOf(keyView), run: showKey }),
    route({ method: 'PATCH', path: '/api/keys/{id}', tag, summary: 'Rename, disable, limit a key', access,
      body: changeKeyInput, answer: successOf(keyView).extend(warned), run: changeKey }),
    route({ method: 'DELETE', path: '/api/keys/{id}', tag, summary: 'Delete a key', access,
      answer: confirmation, run: deleteKey }),
  ];
}

// prettier-ignore
function usageRoutes(): AdminRoute[] {
  const tag = 'Usage';
  const access = 'usage:own';
  return [
    route({ method: 'GET', path: '/api/usage/stats', tag, summary: 'Sums over a range', access,
      query: usageStatsQuery, answer: successOf(usageStats), run: showUsageStats }),
    route({ method: 'GET', path: '/api/usage/logs', tag, summary: 'Requests, newest first', access,
      query: usageLogsQuery, answer: successOf(usageLogs), run: listUsageLogs }),
  ];
}

// prettier-ignore
function ledgerRoutes(): AdminRoute[] {
  return [
    route({ method: 'GET', path: '/api/admin/ledger-accounts/{id}', tag: 'Usage', access: 'usage:any',
      summary: 'Counters, open holds and limits in force of a user', answer: successOf(ledgerAccountView),
      run: showLedgerAccount }),
  ];
}

// prettier-ignore
function upstreamRoutes(): AdminRoute[] {
  const tag = 'Upstreams';
  const upstreams = { tag, access: 'upstreams:manage' } as const;
  const credentials = { tag, access: 'credentials:manage' } as const;
  return [
    route({ ...upstreams, method: 'GET', path: '/api/admin/upstreams', summary: 'All upstreams',
      answer: successOf(z.array(upstreamView)), run: listUpstreams }),
    route({ ...upstreams, method: 'PUT', path: '/api/admin/upstreams/{name}', summary: 'Make or change an upstream',
      body: upstreamFields, answer: successOf(upstreamView).extend(warned), run: putUpstream }),
    route({ ...upstreams, method: 'DELETE', path: '/api/admin/upstreams/{name}', summary: 'Delete an unused upstream',
      answer: confirmation, run: deleteUpstream }),
    route({ ...credentials, method: 'GET', path: '/api/admin/credentials', summary: 'Credentials without secrets',
      query: credentialListQuery, answer: successOf(z.array(credentialView)), run: listCredentials }),
    route({ ...credentials, method: 'POST', path: '/api/admin/credentials', summary: 'A new credential',
      body: credentialEntry, answer: successOf(credentialView).extend(warned), status: 201, run: createCredential }),
    route({ ...credentials, method: 'PATCH', path: '/api/admin/credentials/{upstream}/{id}',
      summary: 'Change a credential or replace its secret', body: credentialChange,
      answer: successOf(credentialView).extend(warned), run: changeCredential }),
    route({ ...credentials, method: 'GET', path: '/api/admin/credentials/{upstream}/{id}/history',
      summary: 'When and why a credential rested', query: credentialHistoryQuery,
      answer: successOf(z.array(credentialChangeView)), run: listCredentialHistory }),
    route({ ...credentials, method: 'DELETE', path: '/api/admin/credentials/{upstream}/{id}',
      summary: 'Delete a credential', answer: confirmation, run: deleteCredential }),
  ];
}

// prettier-ignore
function catalogRoutes(): AdminRoute[] {
  const models = { tag: 'Models', access: 'models:manage' } as const;
  const settings = { tag: 'Settings', access: 'settings:manage' } as const;
  return [
    route({ ...models, method: 'GET', path: '/api/admin/models', summary: 'Public models, routes and prices',
      answer: successOf(z.array(modelView)), run: listModels }),
    route({ ...models, method: 'PUT', path: '/api/admin/models/{name+}', summary: 'Make or change a model',
      body: modelFields, answer: successOf(modelView).extend(warned), run: putModel }),
    route({ ...models, method: 'DELETE', path: '/api/admin/models/{name+}', summary: 'Delete a model',
      answer: confirmation, run: deleteModel }),
    route({ ...settings, method: 'GET', path: '/api/admin/settings', summary: 'Settings',
      answer: successOf(settingsView), run: showSettings }),
    route({ ...settings, method: 'PUT', path: '/api/admin/settings', summary: 'Change some settings',
      body: settingsChange, answer: successOf(settingsView), run: changeSettings }),
  ];
}

// prettier-ignore
function operationRoutes(): AdminRoute[] {
  const tag = 'Configuration';
  return [
    route({ method: 'POST', path: '/api/admin/import', tag, summary: 'Import a configuration document',
      access: 'configuration:import', body: configurationDocument, answer: successOf(importReport),
      run: importDocument }),
    route({ method: 'GET', path: '/api/admin/export', tag, summary: 'The configuration document, without secrets',
      access: 'configuration:export', answer: configurationDocument, run: exportDocument }),
    route({ method: 'POST', path: '/api/admin/schedules/{name}/run', tag: 'Schedules',
      summary: 'Run a schedule now and wait for its report', access: 'schedules:run', body: scheduleParameters,
      answer: successOf(scheduleReport), run: runSchedule }),
  ];
}
