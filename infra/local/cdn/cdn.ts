import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { signAs } from '../bucket-client.ts';
import type { Behavior, Distribution, Origin } from './distribution.ts';
import { headersForOrigin, readViewerRequest } from './forwarding.ts';
import { createOriginClient, type OriginAnswer } from './origin-client.ts';
import { cdnHeaders, createCdnRequestId, refuse, refuseUnread } from './own-answers.ts';
import type { ResponseHeadersPolicy } from './response-headers.ts';
import {
  addValue,
  formatQuery,
  isViewerResponse,
  valuesOf,
  type EventValue,
  type ViewerEvent,
  type ViewerFunction,
  type ViewerRequest,
  type ViewerResponse,
} from './viewer-function.ts';

/** Where an origin of the template is on this machine. */
export type OriginTarget =
  { readonly kind: 'function'; pick(): Promise<{ port: number }> } | { readonly kind: 'bucket'; readonly url: string };

export interface CdnOptions {
  /** What it signs its reads of buckets with, where an origin access control says so. */
  readonly accessKeyId: string;
  readonly distribution: Distribution;
  readonly functions: ReadonlyMap<string, ViewerFunction>;
  readonly responseHeaders: ReadonlyMap<string, ResponseHeadersPolicy>;
  /** By domain name of the origin. */
  readonly targets: ReadonlyMap<string, OriginTarget>;
}

/** Of a request's head and of an address: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html */
const MAX_HEADER_BYTES = 20_480;
const MAX_URL_CHARACTERS = 8_192;
const BUCKET_REQUEST_HEADERS = [
  'range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
];

/** The distribution as a plain HTTP server on one machine: behaviours, viewer-request functions, origins. */
export function createCdn(options: CdnOptions): Server {
  const client = createOriginClient();
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 60_000, requestTimeout: 0 },
    (request, response) => {
      const requestId = createCdnRequestId();
      serve(options, client, { request, response, requestId }).catch((error: unknown) => {
        process.stderr.write(`cdn: ${request.method} ${request.url?.split('?')[0]}: ${String(error)}\n`);
        if (response.headersSent) response.destroy();
        else refuse(response, { status: 502, reason: 'The request could not be satisfied.', requestId });
      });
    },
  );
  server.on('clientError', (error, socket) => refuseUnread(error, socket as Socket));
  server.on('close', () => client.close());
  return server;
}

type OriginClient = ReturnType<typeof createOriginClient>;

async function serve(
  options: CdnOptions,
  client: OriginClient,
  { request, response, requestId }: { request: IncomingMessage; response: ServerResponse; requestId: string },
): Promise<void> {
  if ((request.url ?? '').length > MAX_URL_CHARACTERS) {
    return refuse(response, { status: 413, reason: 'The address is too long.', requestId });
  }
  const viewerIp = plainAddress(request.socket.remoteAddress);
  const viewer = readViewerRequest(request);
  const behavior = options.distribution.behaviors.find((candidate) => candidate.matches(viewer.uri));
  if (behavior === undefined) return refuse(response, { status: 404, reason: 'No behaviour matches.', requestId });
  if (!behavior.allowedMethods.has(viewer.method)) {
    const reason =
      'This distribution is not configured to allow the HTTP request method that was used for this request.';
    return refuse(response, { status: 403, reason, requestId });
  }
  const decorate: Decorate = (headers) => {
    const policy = options.responseHeaders.get(behavior.responseHeadersPolicyId ?? '');
    policy?.({ method: viewer.method, headers: request.headers }, headers);
    return headers;
  };
  const forwarded = await runFunction(options, behavior, { request: viewer, viewerIp, requestId });
  if (isViewerResponse(forwarded)) {
    const ids = cdnHeaders(requestId, 'FunctionGenerated');
    return sendGenerated(request, response, forwarded, (headers) => decorate(Object.assign(headers, ids)));
  }
  const origin = options.distribution.origins.get(behavior.originId);
  const target = origin && options.targets.get(origin.domainName);
  if (origin === undefined || target === undefined) throw new Error(`the origin ${behavior.originId} is not known`);
  const answer =
    target.kind === 'function'
      ? await askFunction(client, {
          request,
          forwarded,
          origin,
          pick: target.pick,
          behavior,
          viewerIp,
          requestId,
          response,
        })
      : await askBucket(client, { options, forwarded, origin, target, response });
  if (answer.kind === 'failed') return refuse(response, { ...answer, requestId }, decorate);
  const changed = await runResponseFunction(options, behavior, { request: forwarded, viewerIp, requestId }, answer);
  answer.relay(response, (headers) => decorate(Object.assign(changed ?? headers, cdnHeaders(requestId, 'Miss'))));
}

/**
 * The headers that a viewer-response function makes of the origin's; null where none runs. It is not asked about
 * answers of 400 and more:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
 */
async function runResponseFunction(
  options: CdnOptions,
  behavior: Behavior,
  event: ViewerEvent,
  answer: OriginAnswer & { kind: 'answered' },
): Promise<OutgoingHttpHeaders | null> {
  const viewerFunction = options.functions.get(behavior.viewerResponseFunctionArn ?? '');
  if (viewerFunction === undefined || answer.status >= 400) return null;
  const headers: Record<string, EventValue> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    for (const one of [value].flat()) if (one !== undefined) addValue(headers, name, String(one));
  }
  const result = await viewerFunction.run({ ...event, response: { statusCode: answer.status, headers } });
  return Object.fromEntries(
    Object.entries((result as ViewerResponse).headers ?? {}).map(([name, entry]) => {
      const values = valuesOf(entry);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}

async function runFunction(
  options: CdnOptions,
  behavior: Behavior,
  event: { request: ViewerRequest; viewerIp: string; requestId: string },
): Promise<ViewerRequest | ViewerResponse> {
  const viewerFunction = options.functions.get(behavior.viewerRequestFunctionArn ?? '');
  if (viewerFunction === undefined) return event.request;
  try {
    return await viewerFunction.run(event);
  } catch (error) {
    process.stderr.write(`cdn: the viewer-request function failed: ${String(error)}\n`);
    return { statusCode: 503, statusDescription: 'Service Unavailable', body: 'The CloudFront function failed.' };
  }
}

interface FunctionCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly forwarded: ViewerRequest;
  readonly origin: Origin;
  readonly behavior: Behavior;
  readonly viewerIp: string;
  readonly requestId: string;
  pick(): Promise<{ port: number }>;
}

function askFunction(client: OriginClient, call: FunctionCall): Promise<OriginAnswer> {
  const { request, forwarded, origin, viewerIp, requestId } = call;
  const isFull = call.behavior.forwarding === 'all-but-host';
  const query = isFull ? formatQuery(forwarded.querystring) : '';
  const viewer = isFull ? forwarded : { ...forwarded, headers: {}, cookies: {} };
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  return client.ask({
    pick: call.pick,
    method: forwarded.method,
    path: `${origin.path}${forwarded.uri}${query === '' ? '' : `?${query}`}`,
    headers: headersForOrigin(viewer, origin, viewerIp, requestId),
    body: hasBody ? request : undefined,
    readTimeoutMs: origin.readTimeoutMs,
    viewer: call.response,
  });
}

interface BucketCall {
  readonly options: CdnOptions;
  readonly forwarded: ViewerRequest;
  readonly origin: Origin;
  readonly target: OriginTarget & { kind: 'bucket' };
  readonly response: ServerResponse;
}

function askBucket(client: OriginClient, call: BucketCall): Promise<OriginAnswer> {
  const { forwarded, origin, target } = call;
  const uri = forwarded.uri === '/' ? `/${call.options.distribution.defaultRootObject}` : forwarded.uri;
  // Joined as text: S3 takes `..` in a key as it stands, where a URL would lead out of the bucket.
  const url = new URL(target.url);
  const headers: OutgoingHttpHeaders = {};
  for (const name of BUCKET_REQUEST_HEADERS) {
    const entry = forwarded.headers[name];
    if (entry !== undefined) headers[name] = valuesOf(entry);
  }
  if (origin.isSigned) headers['authorization'] = signAs(call.options.accessKeyId);
  return client.ask({
    pick: () => Promise.resolve({ port: Number(url.port) }),
    method: forwarded.method,
    path: `${url.pathname}${origin.path}${uri}`,
    headers,
    body: undefined,
    readTimeoutMs: origin.readTimeoutMs,
    viewer: call.response,
  });
}

function sendGenerated(
  request: IncomingMessage,
  response: ServerResponse,
  generated: ViewerResponse,
  decorate: Decorate,
): void {
  const headers: OutgoingHttpHeaders = {};
  for (const [name, entry] of Object.entries(generated.headers ?? {})) headers[name.toLowerCase()] = valuesOf(entry);
  const cookies = Object.entries(generated.cookies ?? {}).map(([name, { value, attributes }]) =>
    [`${name}=${value}`, ...(attributes === undefined ? [] : [attributes])].join('; '),
  );
  if (cookies.length > 0) headers['set-cookie'] = cookies;
  const { body = '' } = generated;
  const bytes =
    typeof body === 'string'
      ? Buffer.from(body)
      : Buffer.from(body.data, body.encoding === 'base64' ? 'base64' : 'utf8');
  if (generated.statusCode !== 204) headers['content-length'] = bytes.length;
  response.writeHead(generated.statusCode, decorate(headers));
  response.end(bytes);
  request.resume();
}

type Decorate = (headers: OutgoingHttpHeaders) => OutgoingHttpHeaders;

function plainAddress(address: string | undefined): string {
  return address?.replace(/^::ffff:/, '') ?? '127.0.0.1';
}
