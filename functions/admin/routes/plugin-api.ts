import { confirmation } from '@sluice/contract/envelopes';
import {
  accountAnswer,
  accountNameInput,
  accountQuotasAnswer,
  accountsAnswer,
  accountStatusInput,
  accountTypeInput,
  consumptionAnswer,
  consumptionQuery,
  createAccountInput,
  lowQuotasAnswer,
  lowQuotasQuery,
  modelQuotaAnswer,
  placesAnswer,
  preferenceAnswer,
  preferenceInput,
  sharedPoolAnswer,
  userQuotasAnswer,
} from '@sluice/contract/plugin-api';
import {
  createAccount,
  deleteAccount,
  listAccounts,
  listPlaces,
  nameAccount,
  readOwned,
  shareAccount,
  showAccount,
  switchAccount,
} from '../resources/plugin-accounts.ts';
import {
  listConsumption,
  listLowQuotas,
  listUserQuotas,
  setPreference,
  showAccountQuotas,
  showPreference,
  showSharedPool,
  switchModel,
} from '../resources/plugin-quotas.ts';
import { route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function pluginRoutes(): AdminRoute[] {
  const common = { tag: 'Shared accounts', access: 'sharing:own' } as const;
  const path = '/api/plugin-api';
  const one = `${path}/accounts/{id}`;
  const audit = { of: 'everybody', before: readOwned } as const;
  return [
    route({ ...common, method: 'GET', path: `${path}/upstreams`, summary: 'Where you may bring accounts of your own',
      answer: placesAnswer, run: listPlaces }),
    route({ ...common, method: 'GET', path: `${path}/accounts`, summary: 'Your own accounts at upstreams',
      answer: accountsAnswer, run: listAccounts }),
    route({ ...common, method: 'POST', path: `${path}/accounts`, summary: 'Bring an account of your own',
      audit: { of: 'everybody' }, body: createAccountInput, answer: accountAnswer, status: 201, run: createAccount }),
    route({ ...common, method: 'GET', path: one, summary: 'One account', answer: accountAnswer, run: showAccount }),
    route({ ...common, method: 'DELETE', path: one, summary: 'Take an account away, and its quota with it', audit,
      answer: confirmation, run: deleteAccount }),
    route({ ...common, method: 'PUT', path: `${one}/status`, summary: 'Switch an account on or off', audit,
      body: accountStatusInput, answer: accountAnswer, run: switchAccount }),
    route({ ...common, method: 'PUT', path: `${one}/name`, summary: 'Rename an account', audit,
      body: accountNameInput, answer: accountAnswer, run: nameAccount }),
    route({ ...common, method: 'PUT', path: `${one}/type`, summary: 'Share an account, or keep it to yourself', audit,
      body: accountTypeInput, answer: accountAnswer, run: shareAccount }),
    route({ ...common, method: 'GET', path: `${one}/quotas`, summary: 'What remains of an account, by model',
      answer: accountQuotasAnswer, run: showAccountQuotas }),
    route({ ...common, method: 'PUT', path: `${one}/quotas/{model+}/status`, audit,
      summary: 'Use an account for a model, or not', body: accountStatusInput, answer: modelQuotaAnswer, run: switchModel }),
    route({ ...common, method: 'GET', path: `${path}/quotas/user`, summary: 'Your quota of the shared pool',
      answer: userQuotasAnswer, run: listUserQuotas }),
    route({ ...common, method: 'GET', path: `${path}/quotas/shared-pool`, summary: 'The shared pool, by model',
      answer: sharedPoolAnswer, run: showSharedPool }),
    route({ ...common, method: 'GET', path: `${path}/quotas/consumption`, summary: 'What your calls have consumed',
      query: consumptionQuery, answer: consumptionAnswer, run: listConsumption }),
    route({ ...common, method: 'GET', path: `${path}/preference`, summary: 'Which accounts are asked first',
      answer: preferenceAnswer, run: showPreference }),
    route({ ...common, method: 'PUT', path: `${path}/preference`, summary: 'Say which accounts are asked first',
      body: preferenceInput, answer: preferenceAnswer, run: setPreference }),
    route({ method: 'GET', path: '/api/quotas/low', tag: 'Shared accounts', access: 'credentials:manage',
      summary: 'Credentials of which little remains', query: lowQuotasQuery, answer: lowQuotasAnswer, run: listLowQuotas }),
  ];
}
