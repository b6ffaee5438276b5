import { credentialBatchReport } from '@sluice/contract/credential-records';
import { batchRefreshAnswer } from '@sluice/contract/credential-refreshes';
import { credentialTestReport } from '@sluice/contract/credential-tests';
import { ApiError, callApi } from '../../../lib/api-client.ts';
import { inParts, type LongWork } from '../list/long-work.ts';
import type { Credential } from './list-credentials.ts';

export type Place = Pick<Credential, 'upstream' | 'id' | 'name'>;

/** What became of one of many. */
export interface PlaceResult extends Place {
  success: boolean;
  /** In the server's words. */
  message: string;
}

export const BATCH_ACTIONS = ['enable', 'disable', 'refresh', 'test', 'delete'] as const;
export type BatchAction = (typeof BATCH_ACTIONS)[number];

/** Below what one call takes, so that there is progress to be seen. */
const PART = { switch: 50, refresh: 20, test: 4 } as const;
const PATH = '/api/admin/credentials';

/** One action on many credentials. `listOnly` is of tests: the list of models is asked for, which costs nothing. */
export function batchWork(
  action: BatchAction,
  places: readonly Place[],
  { listOnly }: { listOnly: boolean },
): LongWork<PlaceResult> {
  if (action === 'refresh') return inParts(places, PART.refresh, refreshPart);
  if (action === 'test') {
    return inParts(places, PART.test, (part, signal) =>
      Promise.all(part.map((place) => testPlace(place, listOnly, signal))),
    );
  }
  return inParts(places, PART.switch, (part, signal) => switchPart(action, part, signal));
}

async function switchPart(
  action: 'enable' | 'disable' | 'delete',
  part: readonly Place[],
  signal: AbortSignal,
): Promise<PlaceResult[]> {
  const { results } = await callApi({
    method: 'POST',
    path: `${PATH}/batch-${action}`,
    body: { items: part.map(({ upstream, id }) => ({ upstream, id })) },
    schema: credentialBatchReport.shape.data,
    signal,
  });
  return named(results, part);
}

async function refreshPart(part: readonly Place[], signal: AbortSignal): Promise<PlaceResult[]> {
  const { results } = await callApi({
    method: 'POST',
    path: `${PATH}/batch-refresh`,
    body: { items: part.map(({ upstream, id }) => ({ upstream, id })) },
    schema: batchRefreshAnswer.shape.data,
    signal,
  });
  return named(results, part);
}

/** Who is not there any more is named as it was when it was chosen. */
function named(
  results: readonly { upstream: string; id: string; name: string | null; success: boolean; message: string }[],
  part: readonly Place[],
): PlaceResult[] {
  return results.map(({ upstream, id, name, success, message }) => {
    const asked = part.find((place) => place.id === id && place.upstream === upstream);
    return { upstream, id, name: name ?? asked?.name ?? id, success, message };
  });
}

/** A test that the server refuses is a result of this one; that nobody answers is none. */
async function testPlace(place: Place, listOnly: boolean, signal: AbortSignal): Promise<PlaceResult> {
  const { upstream, id } = place;
  try {
    const { outcome, text } = await callApi({
      method: 'POST',
      path: `${PATH}/${encodeURIComponent(upstream)}/${encodeURIComponent(id)}/test`,
      body: { listOnly },
      schema: credentialTestReport,
      signal,
    });
    return { ...place, success: outcome === 'passed', message: text };
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0 || error.status === 401) throw error;
    return { ...place, success: false, message: error.message };
  }
}
