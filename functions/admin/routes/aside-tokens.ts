import { adoptedAnswer, asideTokensAnswer } from '@sluice/contract/aside-tokens';
import { adoptAsideTokens, listAsideTokens } from '../resources/aside-tokens.ts';
import { route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function asideTokenRoutes(): AdminRoute[] {
  const common = { tag: 'Credentials', access: 'credentials:manage' } as const;
  const path = '/api/admin/credentials/{upstream}/{id}/tokens-aside';
  return [
    route({ ...common, method: 'GET', path, summary: 'Tokens that could not be saved in their place',
      answer: asideTokensAnswer, run: listAsideTokens }),
    route({ ...common, method: 'POST', path: `${path}/{attempt}/adopt`,
      summary: 'Have such tokens take the place of what stands there', answer: adoptedAnswer, run: adoptAsideTokens }),
  ];
}
