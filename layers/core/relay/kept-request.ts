import type { PlainRequest } from '@sluice/kit/http/exchange';
import type { KeptRequest } from '../media/job.ts';

/** What proves who asks is never kept; a job's caller is read anew by id when it runs. */
const PROOFS = new Set(['authorization', 'x-api-key', 'x-goog-api-key', 'api-key', 'cookie', 'proxy-authorization']);
const PROOF_PARAMETERS = ['key', 'apiKey', 'api_key'];
/** Of the connection, or of what the request was before it was kept. */
const LEFT_OUT = new Set(['connection', 'content-length', 'transfer-encoding', 'host', 'expect', 'idempotency-key']);

export function keepRequest(request: PlainRequest, change: { path: string; body: Buffer }): KeptRequest {
  const headers = Object.entries(request.headers).filter(([name]) => !PROOFS.has(name) && !LEFT_OUT.has(name));
  const parameters = new URLSearchParams(request.query);
  for (const name of PROOF_PARAMETERS) parameters.delete(name);
  return {
    method: request.method,
    path: change.path,
    query: parameters.toString(),
    headers: Object.fromEntries(headers),
    body: change.body,
    clientAddress: request.clientAddress,
  };
}
