const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/;
const HOST = /^[a-z0-9.-]+(?::\d{1,5})?$|^\[[0-9a-f:]+\](?::\d{1,5})?$/;

/**
 * Where the gateway is for whoever asks. The host is the CDN's word (`x-forwarded-host`, which it overwrites): what a
 * client calls itself never comes into an address. Everybody but this very machine is served over HTTPS.
 */
export function publicOriginOf(headers: Readonly<Record<string, string | undefined>>): string | null {
  const host = (headers['x-forwarded-host'] ?? '').toLowerCase();
  if (!HOST.test(host)) return null;
  return `${LOOPBACK.test(host) ? 'http' : 'https'}://${host}`;
}
