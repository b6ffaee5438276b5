import { credentialTest, credentialTestReport } from '@sluice/contract/credential-tests';
import { successOf } from '@sluice/contract/envelopes';
import { hedgingQuery, hedgingReport } from '@sluice/contract/hedging';
import { testCredential } from '../resources/credential-tests.ts';
import { readHedging } from '../resources/hedging.ts';
import { route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function credentialTestRoutes(): AdminRoute[] {
  return [
    route({ tag: 'Upstreams', access: 'credentials:manage', method: 'POST',
      path: '/api/admin/credentials/{upstream}/{id}/test',
      summary: 'Call the upstream under a credential; a success reactivates it', body: credentialTest,
      answer: successOf(credentialTestReport), run: testCredential }),
    route({ tag: 'Upstreams', access: 'upstreams:manage', method: 'GET', path: '/api/admin/hedging',
      summary: 'What second calls cost', query: hedgingQuery, answer: successOf(hedgingReport), run: readHedging }),
  ];
}
