/** What the address of the usage log says: filters and the request that is open. Unknown values are ignored. */
export interface UsageSearch {
  status?: 'success' | 'failed' | undefined;
  model?: string | undefined;
  request?: string | undefined;
}

export function readUsageSearch(search: Record<string, unknown>): UsageSearch {
  const { status, model, request } = search;
  return {
    ...(status === 'success' || status === 'failed' ? { status } : {}),
    // A router reads `?model=4` as a number.
    ...(isText(model) ? { model: String(model) } : {}),
    ...(isText(request) ? { request: String(request) } : {}),
  };
}

function isText(value: unknown): value is string | number {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}
