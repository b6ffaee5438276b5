import { successOf } from '@sluice/contract/envelopes';
import { priceListImport, priceListReport, priceVersions } from '@sluice/contract/prices';
import { importPriceList, listPriceVersions } from '../resources/prices.ts';
import { route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function priceRoutes(): AdminRoute[] {
  const prices = { tag: 'Prices', access: 'models:manage' } as const;
  return [
    route({ ...prices, method: 'GET', path: '/api/admin/models/{name+}/prices', summary: "A model's prices by version",
      answer: successOf(priceVersions), run: listPriceVersions }),
    route({ ...prices, method: 'POST', path: '/api/admin/prices/import', summary: 'Prices from a public list',
      maxBodyBytes: 16 * 1024 * 1024, body: priceListImport, answer: successOf(priceListReport), run: importPriceList }),
  ];
}
