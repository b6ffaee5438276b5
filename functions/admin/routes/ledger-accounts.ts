import { successOf } from '@sluice/contract/envelopes';
import { ledgerAccountView } from '@sluice/contract/ledger-accounts';
import { showLedgerAccount } from '../resources/ledger-accounts.ts';
import { route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function ledgerRoutes(): AdminRoute[] {
  return [
    route({ method: 'GET', path: '/api/admin/ledger-accounts/{id}', tag: 'Usage', access: 'usage:any',
      summary: 'Counters, open holds and limits in force of a user', answer: successOf(ledgerAccountView),
      run: showLedgerAccount }),
  ];
}
