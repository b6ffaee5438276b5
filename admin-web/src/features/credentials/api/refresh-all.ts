import { refreshAllAnswer } from '@sluice/contract/credential-refreshes';
import { callApi } from '../../../lib/api-client.ts';
import { byCursor, type LongWork } from '../list/long-work.ts';
import type { PlaceResult } from './batch-credentials.ts';

const PART = 20;

/** Refreshes every OAuth credential that is enabled, of one upstream or of all. */
export function refreshAllWork(upstream: string | null): LongWork<PlaceResult> {
  return byCursor<string | null, PlaceResult>(null, async (cursor, signal) => {
    const { results, nextCursor } = await callApi({
      method: 'POST',
      path: '/api/admin/credentials/refresh-all',
      body: { limit: PART, ...(upstream === null ? {} : { upstream }), ...(cursor === null ? {} : { cursor }) },
      schema: refreshAllAnswer.shape.data,
      signal,
    });
    return { results: results.map((result) => ({ ...result, name: result.name ?? result.id })), next: nextCursor };
  });
}
