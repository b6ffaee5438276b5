import { hedgingReport } from '@sluice/contract/hedging';
import { queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../lib/api-client.ts';

export type HedgingReport = z.output<typeof hedgingReport>;

/** What second calls cost and won, day by day, newest first. */
export function hedgingReportQuery(days: number) {
  return queryOptions({
    queryKey: ['hedging', days],
    queryFn: ({ signal }) => callApi({ path: '/api/admin/hedging', query: { days }, schema: hedgingReport, signal }),
  });
}
