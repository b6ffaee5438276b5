import {
  credentialChange,
  credentialDetails,
  credentialEntry,
  credentialHistory,
  credentialHistoryQuery,
  credentialView,
  refreshReport,
  refreshRequest,
} from '@sluice/contract/credentials';
import { confirmation, successOf } from '@sluice/contract/envelopes';
import { upstreamFields, upstreamView } from '@sluice/contract/upstreams';
import { z } from 'zod';
import {
  changeCredential,
  createCredential,
  deleteCredential,
  listCredentialHistory,
  readCredential,
  refreshCredential,
  showCredential,
} from '../resources/credentials.ts';
import { deleteUpstream, listUpstreams, putUpstream, readUpstream } from '../resources/upstreams.ts';
import { route, type AdminRoute } from '../route.ts';
import { warned } from './warned.ts';

// prettier-ignore
export function upstreamRoutes(): AdminRoute[] {
  const tag = 'Upstreams';
  const upstreams = { tag, access: 'upstreams:manage' } as const;
  const credentials = { tag, access: 'credentials:manage' } as const;
  return [
    route({ ...upstreams, method: 'GET', path: '/api/admin/upstreams', summary: 'All upstreams',
      answer: successOf(z.array(upstreamView)), run: listUpstreams }),
    route({ ...upstreams, method: 'PUT', path: '/api/admin/upstreams/{name}', summary: 'Make or change an upstream',
      audit: { of: 'everybody', before: readUpstream }, body: upstreamFields,
      answer: successOf(upstreamView).extend(warned), run: putUpstream }),
    route({ ...upstreams, method: 'DELETE', path: '/api/admin/upstreams/{name}', summary: 'Delete an unused upstream',
      audit: { of: 'everybody', before: readUpstream }, answer: confirmation, run: deleteUpstream }),
    route({ ...credentials, method: 'POST', path: '/api/admin/credentials', summary: 'A new credential',
      body: credentialEntry, answer: successOf(credentialView).extend(warned), status: 201, run: createCredential }),
    route({ ...credentials, method: 'GET', path: '/api/admin/credentials/{upstream}/{id}', summary: 'One credential',
      answer: successOf(credentialDetails), run: showCredential }),
    route({ ...credentials, method: 'PATCH', path: '/api/admin/credentials/{upstream}/{id}',
      summary: 'Change a credential or replace its secret', body: credentialChange,
      audit: { of: 'everybody', before: readCredential },
      answer: successOf(credentialView).extend(warned), run: changeCredential }),
    route({ ...credentials, method: 'GET', path: '/api/admin/credentials/{upstream}/{id}/history',
      summary: 'What happened to a credential, and why', query: credentialHistoryQuery,
      answer: credentialHistory, run: listCredentialHistory }),
    route({ ...credentials, method: 'POST', path: '/api/admin/credentials/{upstream}/{id}/refresh',
      summary: 'Refresh an OAuth credential now', body: refreshRequest, answer: successOf(refreshReport),
      run: refreshCredential }),
    route({ ...credentials, method: 'DELETE', path: '/api/admin/credentials/{upstream}/{id}',
      summary: 'Delete a credential', audit: { of: 'everybody', before: readCredential }, answer: confirmation,
      run: deleteCredential }),
  ];
}
