import { confirmation, successOf } from '@sluice/contract/envelopes';
import {
  codeFilter,
  codeListQuery,
  codePageAnswer,
  codeView,
  createCodesInput,
  createdCodesAnswer,
  redeemAnswer,
  redeemInput,
} from '@sluice/contract/redemption-codes';
import { addCodes, deleteCode, exportCodes, listCodes, redeem, showCode } from '../resources/redemption-codes.ts';
import { route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function redemptionCodeRoutes(): AdminRoute[] {
  const tag = 'Plans and codes';
  const access = 'codes:manage';
  const redemption = { method: 'POST', tag, summary: 'Redeem a code for a plan', access: 'codes:redeem',
    body: redeemInput, answer: redeemAnswer, run: redeem } as const;
  return [
    route({ ...redemption, path: '/api/user/redeem-code' }),
    route({ ...redemption, path: '/api/redeem-code' }),
    route({ method: 'GET', path: '/api/admin/redemption-codes', tag, summary: 'Codes, who used them, and how many',
      access, query: codeListQuery, answer: codePageAnswer, run: listCodes }),
    route({ method: 'POST', path: '/api/admin/redemption-codes', tag, summary: 'A new code, or a batch', access,
      body: createCodesInput, answer: createdCodesAnswer, status: 201, run: addCodes }),
    // Before the row of one code: no code is called so, they are in capitals.
    route({ method: 'GET', path: '/api/admin/redemption-codes/export', tag, summary: 'Codes as CSV', access,
      audit: { of: 'everybody' }, query: codeFilter, answer: null, run: exportCodes }),
    route({ method: 'GET', path: '/api/admin/redemption-codes/{id}', tag, summary: 'One code', access,
      answer: successOf(codeView), run: showCode }),
    route({ method: 'DELETE', path: '/api/admin/redemption-codes/{id}', tag,
      summary: 'Delete a code; a plan that came of it stays', access, answer: confirmation, run: deleteCode }),
  ];
}
