import { keyView } from '@sluice/contract/keys';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';
import { KEYS } from './list-keys.ts';

/** One key, with how far its limits are used. */
export function keyQuery(id: string) {
  return queryOptions({
    queryKey: [...KEYS, 'one', id],
    queryFn: ({ signal }) => callApi({ path: `/api/keys/${encodeURIComponent(id)}`, schema: keyView, signal }),
  });
}
