import { healthAnswer } from '@sluice/contract/health';
import { queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { callHealth } from '../api-client.ts';

export type Health = z.output<typeof healthAnswer>;

/** How the gateway and what it depends on are; an unhealthy answer (status 503) is an answer too. */
export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: ({ signal }) => callHealth({ path: '/health', schema: healthAnswer, signal }),
  refetchInterval: 30_000,
});

/** What the gateway stands on, as far as the console has words for it (`system:parts`). */
export const HEALTH_PARTS = ['identity', 'vault', 'catalog', 'ledger', 'secrets', 'vaultKey'] as const;
