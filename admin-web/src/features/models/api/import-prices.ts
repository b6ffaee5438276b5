import { priceListReport, type priceListImport } from '@sluice/contract/prices';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../lib/api-client.ts';
import { modelsQuery } from '../../../lib/api/models.ts';
import { PRICE_VERSIONS } from './price-versions.ts';

export type PriceListReport = z.output<typeof priceListReport>;
type PriceListInput = Omit<z.input<typeof priceListImport>, 'dryRun'>;

function sendList(list: PriceListInput, dryRun: boolean): Promise<PriceListReport> {
  return callApi({
    method: 'POST',
    path: '/api/admin/prices/import',
    body: { ...list, dryRun },
    schema: priceListReport,
  });
}

/** What a list would change, beside the models as they stand. Nothing is written. */
export function useCheckPrices() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (list: PriceListInput) => {
      const [models, report] = await Promise.all([
        queryClient.fetchQuery({ ...modelsQuery, staleTime: 0 }),
        sendList(list, true),
      ]);
      return { report, before: new Map(models.map((model) => [model.name, model.price])) };
    },
  });
}

/** Writes what the list changes. */
export function useApplyPrices() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (list: PriceListInput) => sendList(list, false),
    onSuccess: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: modelsQuery.queryKey }),
        queryClient.invalidateQueries({ queryKey: PRICE_VERSIONS }),
      ]),
  });
}
