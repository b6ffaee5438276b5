/** Path and query of a request's target. A client that takes us for a proxy sends a whole URL (RFC 9112 §3.2.2). */
export function originForm(target: string): string {
  if (target.startsWith('/') || !URL.canParse(target)) return target;
  const url = new URL(target);
  return url.pathname + url.search;
}
