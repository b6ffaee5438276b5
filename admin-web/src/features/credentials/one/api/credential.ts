import { credentialDetails } from '@sluice/contract/credentials';
import { queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../../lib/api-client.ts';
import { CREDENTIALS } from '../../api/list-credentials.ts';

export type CredentialDetails = z.output<typeof credentialDetails>;

/** By what one credential is known. */
export interface Place {
  upstream: string;
  id: string;
}

export function pathOf({ upstream, id }: Place): string {
  return `/api/admin/credentials/${encodeURIComponent(upstream)}/${encodeURIComponent(id)}`;
}

/** Under it stands all that is known of one credential. */
export function keyOf({ upstream, id }: Place) {
  return [...CREDENTIALS, 'one', upstream, id] as const;
}

/** One credential as it stands, and whose it is. */
export function credentialQuery(place: Place) {
  return queryOptions({
    queryKey: keyOf(place),
    queryFn: ({ signal }) => callApi({ path: pathOf(place), schema: credentialDetails, signal }),
  });
}
