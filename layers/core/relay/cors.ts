/** Cross-origin rules of the data plane: closed, unless the settings name origins (https://fetch.spec.whatwg.org/#http-cors-protocol). */

const EXPOSED_HEADERS = [
  'x-request-id, x-sluice-request-id, x-sluice-build, x-sluice-warnings, server-timing, retry-after, retry-after-ms',
  'x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests',
  'x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens',
].join(', ');

/** Headers for a request with this `origin`; without the allowing one where it is not among the allowed. */
export function corsHeaders(allowedOrigins: readonly string[], origin: string): Record<string, string> {
  if (!allowedOrigins.includes('*') && !allowedOrigins.includes(origin)) return { vary: 'origin' };
  // Keys travel in a header that the page sets itself, never in cookies, so credentials are not allowed along.
  return {
    vary: 'origin',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED_HEADERS,
  };
}

/** SDKs send headers of their own making, so those that the browser asks for are allowed by name. */
export function preflightHeaders(
  methods: readonly string[],
  requestHeaders: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': requestHeaders['access-control-request-headers'] ?? 'authorization, content-type',
    'access-control-max-age': '600',
  };
}
