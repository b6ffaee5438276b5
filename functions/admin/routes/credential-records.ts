import {
  clientIdListAnswer,
  clientIdListChanged,
  clientIdListInput,
  credentialBatch,
  credentialBatchReport,
  credentialImport,
  credentialImportReport,
  credentialListQuery,
  credentialPage,
  proxyListAnswer,
  proxyListChanged,
  proxyListInput,
  reassignInput,
  reassignReport,
} from '@sluice/contract/credential-records';
import { deleteCredentials, disableCredentials, enableCredentials } from '../resources/credential-batches.ts';
import { importCredentials } from '../resources/credential-imports.ts';
import { listCredentials } from '../resources/credential-list.ts';
import {
  goOnReassigning,
  listProxies,
  putClientIds,
  putProxies,
  readClientIdList,
  readProxyList,
  showClientIds,
} from '../resources/credential-lists.ts';
import { route, type AdminRoute } from '../route.ts';

const IMPORT_BYTES = 4 * 1024 * 1024;

// prettier-ignore
export function credentialRecordRoutes(): AdminRoute[] {
  const credentials = { tag: 'Credentials', access: 'credentials:manage' } as const;
  return [
    route({ ...credentials, method: 'GET', path: '/api/admin/credentials',
      summary: 'Credentials without secrets, a page at a time', query: credentialListQuery, answer: credentialPage,
      run: listCredentials }),
    route({ ...credentials, method: 'POST', path: '/api/admin/credentials/import',
      summary: 'Many new credentials, one a line; they arrive disabled', body: credentialImport,
      answer: credentialImportReport, maxBodyBytes: IMPORT_BYTES, run: importCredentials }),
    route({ ...credentials, method: 'POST', path: '/api/admin/credentials/batch-enable', summary: 'Enable many',
      body: credentialBatch, answer: credentialBatchReport, run: enableCredentials }),
    route({ ...credentials, method: 'POST', path: '/api/admin/credentials/batch-disable', summary: 'Disable many',
      body: credentialBatch, answer: credentialBatchReport, run: disableCredentials }),
    route({ ...credentials, method: 'POST', path: '/api/admin/credentials/batch-delete', summary: 'Delete many',
      body: credentialBatch, answer: credentialBatchReport, run: deleteCredentials }),
    route({ ...credentials, method: 'GET', path: '/api/admin/proxy-list',
      summary: 'Proxies that OAuth credentials are given at random', answer: proxyListAnswer, run: listProxies }),
    route({ ...credentials, method: 'PUT', path: '/api/admin/proxy-list',
      summary: 'Change that list; credentials without a member of it get one', body: proxyListInput,
      audit: { of: 'everybody', before: readProxyList }, answer: proxyListChanged, run: putProxies }),
    route({ ...credentials, method: 'GET', path: '/api/admin/upstreams/{name}/client-ids',
      summary: 'Client ids that its OAuth credentials are given at random', answer: clientIdListAnswer,
      run: showClientIds }),
    route({ ...credentials, method: 'PUT', path: '/api/admin/upstreams/{name}/client-ids',
      summary: 'Change that list; credentials without a member of it get one', body: clientIdListInput,
      audit: { of: 'everybody', before: readClientIdList }, answer: clientIdListChanged, run: putClientIds }),
    route({ ...credentials, method: 'POST', path: '/api/admin/credentials/reassign',
      summary: 'Go on giving credentials members of the lists', body: reassignInput, answer: reassignReport,
      run: goOnReassigning }),
  ];
}
