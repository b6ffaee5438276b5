import type { PlainRequest, PlainResponse } from '@sluice/kit/http/exchange';
import type { RouteRow } from '@sluice/kit/http/router';

/** A path of the vault's function URL and what answers it. Errors thrown are told in the dialect of the path. */
export interface VaultRow extends RouteRow {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  run(request: PlainRequest): Promise<PlainResponse>;
}

/** Tokens travel in these answers, so nobody on the way keeps one. */
export function jsonAnswer(status: number, value: unknown): PlainResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    body: JSON.stringify(value),
  };
}
