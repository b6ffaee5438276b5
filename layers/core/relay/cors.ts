/** Cross-origin rules of the data plane: closed, unless the settings name origins (https://fetch.spec.whatwg.org/#http-cors-protocol). */

const EXPOSED_HEADERS = [
  'x-request-id, x-sluice-request-id, x-sluice-build, x-sluice-warnings, server-timing, retry-after, retry-after-ms',
  'x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests',
  'x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens',
].join(', ');

/** A scheme, a host, perhaps a port, or `null`: what is echoed into a header. */
const FIT_ORIGIN = /^[\x21-\x7e]{1,256}$/;
/** A list of header names. */
const FIT_NAMES = /^[\w!#$%&'*+.^`|~, -]{1,2048}$/;

/** Headers for a request with this `origin`; without the allowing one where it is not among the allowed. */
export function corsHeaders(allowedOrigins: readonly string[], origin: string): Record<string, string> {
  const isAllowed = allowedOrigins.includes('*') ? FIT_ORIGIN.test(origin) : allowedOrigins.includes(origin);
  if (!isAllowed) return { vary: 'origin' };
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
  const asked = requestHeaders['access-control-request-headers'] ?? '';
  return {
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': FIT_NAMES.test(asked) ? asked : 'authorization, content-type',
    'access-control-max-age': '600',
  };
}
