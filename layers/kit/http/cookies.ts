/** The value of a cookie in a `cookie` header (RFC 6265 §4.2); null when it is not there. The first of that name wins. */
export function readCookie(header: string | undefined, name: string): string | null {
  for (const pair of (header ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return null;
}

/**
 * A `set-cookie` value that scripts cannot read, that other sites' forms do not carry and that only goes over HTTPS
 * (browsers count loopback as such).
 * @param maxAgeSeconds 0 removes the cookie
 */
export function writeCookie(name: string, value: string, maxAgeSeconds: number): string {
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; Secure; SameSite=Lax`;
}
