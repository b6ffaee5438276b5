import { accountAnswer } from '@sluice/contract/plugin-api';
import { credentialView } from '@sluice/contract/credentials';
import { successOf } from '@sluice/contract/envelopes';
import {
  authorizeAccountAnswer,
  authorizeAccountInput,
  authorizeCredentialAnswer,
  authorizeCredentialInput,
  oauthPresetsAnswer,
  pastedInput,
} from '@sluice/contract/sign-ins';
import {
  authorizeAccount,
  authorizeCredential,
  finishAccount,
  finishCredential,
  listPresets,
} from '../resources/sign-ins.ts';
import { route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function signInRoutes(): AdminRoute[] {
  const own = { tag: 'Shared accounts', access: 'sharing:own' } as const;
  const operators = { tag: 'Upstreams', access: 'credentials:manage' } as const;
  const audit = { of: 'everybody' } as const;
  return [
    route({ ...own, method: 'POST', path: '/api/plugin-api/oauth/authorize', audit,
      summary: 'Where to sign in for an account of your own', body: authorizeAccountInput, answer: authorizeAccountAnswer,
      run: authorizeAccount }),
    route({ ...own, method: 'POST', path: '/api/plugin-api/oauth/callback', audit,
      summary: 'Paste what signing in ended with', body: pastedInput, answer: accountAnswer, run: finishAccount }),
    route({ ...operators, method: 'GET', path: '/api/admin/oauth/presets', summary: 'Known authorization servers',
      answer: oauthPresetsAnswer, run: listPresets }),
    route({ ...operators, method: 'POST', path: '/api/admin/oauth/authorize', audit,
      summary: 'Where to sign in for a credential', body: authorizeCredentialInput, answer: authorizeCredentialAnswer,
      run: authorizeCredential }),
    route({ ...operators, method: 'POST', path: '/api/admin/oauth/callback', audit,
      summary: 'Paste what signing in ended with', body: pastedInput, answer: successOf(credentialView),
      run: finishCredential }),
  ];
}
