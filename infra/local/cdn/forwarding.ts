import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Origin } from './distribution.ts';
import {
  addValue,
  formatCookies,
  parseCookies,
  parseQuery,
  valuesOf,
  type EventValue,
  type ViewerRequest,
} from './viewer-function.ts';

/** RFC 9110 §7.6.1, and `expect`, which the CDN answers by itself. */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The viewer's request in the shape that CloudFront functions and the forwarding below work on. */
export function readViewerRequest(request: IncomingMessage): ViewerRequest {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const headers: Record<string, EventValue> = {};
  const raw = request.rawHeaders;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]?.toLowerCase() ?? '';
    if (name !== 'cookie') addValue(headers, name, raw[index + 1] ?? '');
  }
  return {
    method: request.method ?? 'GET',
    uri: mark === -1 ? target : target.slice(0, mark),
    querystring: parseQuery(mark === -1 ? '' : target.slice(mark + 1)),
    headers,
    cookies: parseCookies(request.headers.cookie),
  };
}

/** Headers for a custom origin: everything that the viewer sent but Host, then what the CDN itself says. */
export function headersForOrigin(
  viewer: ViewerRequest,
  origin: Origin,
  viewerIp: string,
  requestId: string,
): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {};
  const connection = viewer.headers['connection'];
  const named = namedBy(connection === undefined ? [] : valuesOf(connection));
  for (const [name, entry] of Object.entries(viewer.headers)) {
    if (HOP_BY_HOP.has(name) || named.has(name)) continue;
    headers[name] = entry.multiValue === undefined ? entry.value : valuesOf(entry);
  }
  const cookies = formatCookies(viewer.cookies);
  if (cookies !== '') headers['cookie'] = cookies;
  const forwarded = viewer.headers['x-forwarded-for'];
  headers['x-forwarded-for'] = [...(forwarded === undefined ? [] : valuesOf(forwarded)), viewerIp].join(', ');
  headers['x-amz-cf-id'] = requestId;
  headers['via'] = '1.1 local.cloudfront.net (CloudFront)';
  headers['host'] = origin.domainName;
  return Object.assign(headers, origin.headers);
}

/** Headers that are called after the connection belong to it (RFC 9110 §7.6.1). */
function namedBy(connection: readonly string[]): ReadonlySet<string> {
  return new Set(connection.flatMap((value) => value.toLowerCase().split(',')).map((name) => name.trim()));
}

/** An origin's headers without those that concern its own connection. */
export function headersFromOrigin(answer: IncomingMessage): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {};
  const named = namedBy(answer.headersDistinct['connection'] ?? []);
  for (const [name, values] of Object.entries(answer.headersDistinct)) {
    if (values === undefined || HOP_BY_HOP.has(name) || named.has(name)) continue;
    headers[name] = values.length === 1 ? values[0] : values;
  }
  return headers;
}
