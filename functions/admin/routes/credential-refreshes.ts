import {
  batchRefreshAnswer,
  batchRefreshInput,
  refreshAllAnswer,
  refreshAllInput,
  revealedTokens,
  revealInput,
} from '@sluice/contract/credential-refreshes';
import { refreshAll, refreshBatch } from '../resources/credential-refreshes.ts';
import { revealTokens } from '../resources/token-reveal.ts';
import { route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function credentialRefreshRoutes(): AdminRoute[] {
  const common = { tag: 'Upstreams', access: 'credentials:manage', method: 'POST' } as const;
  return [
    route({ ...common, path: '/api/admin/credentials/batch-refresh', summary: 'Refresh some OAuth credentials now',
      body: batchRefreshInput, answer: batchRefreshAnswer, run: refreshBatch }),
    route({ ...common, path: '/api/admin/credentials/refresh-all',
      summary: 'Refresh all enabled OAuth credentials, page by page', body: refreshAllInput,
      answer: refreshAllAnswer, run: refreshAll }),
    route({ ...common, access: 'credentials:reveal', path: '/api/admin/credentials/{upstream}/{id}/reveal-tokens',
      summary: 'The tokens of an OAuth credential, where the setting tokenReveal allows it', body: revealInput,
      answer: revealedTokens, run: revealTokens }),
  ];
}
