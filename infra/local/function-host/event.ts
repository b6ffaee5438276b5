import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** A synchronous invocation's payload limit (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html). */
export const MAX_EVENT_BYTES = 6 * 1024 * 1024;

/** JSON escapes grow one byte to at most six, so smaller bodies cannot pass the limit and are not measured. */
const ALWAYS_FITS_BYTES = Math.floor(MAX_EVENT_BYTES / 6) - 64 * 1024;

const TEXT_TYPE = /^(?:text\/|application\/(?:json|xml|javascript)\b|[^;]*\+(?:json|xml)\b)/i;

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads (payload format 2.0) */
export interface FunctionUrlEvent {
  readonly version: '2.0';
  readonly routeKey: '$default';
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  readonly headers: Record<string, string>;
  readonly queryStringParameters?: Record<string, string>;
  readonly requestContext: Record<string, unknown>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

export interface EventInput {
  readonly method: string;
  /** Path and query as on the request line. */
  readonly target: string;
  /** Every value of every header, names in lower case. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
  readonly sourceIp: string;
  readonly domainName: string;
  readonly body: Buffer;
}

/** The event that a function URL hands to its function. */
export function createFunctionUrlEvent(input: EventInput): FunctionUrlEvent {
  const mark = input.target.indexOf('?');
  const rawPath = mark === -1 ? input.target : input.target.slice(0, mark);
  const rawQueryString = mark === -1 ? '' : input.target.slice(mark + 1);
  const headers = eventHeaders(input);
  const cookies = input.headers['cookie']?.flatMap((value) => value.split(/;\s*/)).filter((cookie) => cookie !== '');
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(cookies && { cookies }),
    headers,
    ...(rawQueryString !== '' && { queryStringParameters: queryParameters(rawQueryString) }),
    requestContext: requestContext(input, rawPath),
    ...encodeBody(input.body, input.headers),
  };
}

/** Whether the event passes Lambda's limit, which counts the encoded event and not the body. */
export function fitsEventLimit(event: FunctionUrlEvent): boolean {
  if ((event.body?.length ?? 0) < ALWAYS_FITS_BYTES) return true;
  return Buffer.byteLength(JSON.stringify(event)) <= MAX_EVENT_BYTES;
}

/** Cookies have their own place; the rest is about the connection. */
const LEFT_OUT = new Set(['connection', 'cookie', 'keep-alive', 'transfer-encoding']);

function eventHeaders(input: EventInput): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(input.headers)) {
    if (value !== undefined && !LEFT_OUT.has(name)) headers[name] = value.join(',');
  }
  const forwardedFor = headers['x-forwarded-for'];
  headers['host'] = input.domainName;
  headers['x-forwarded-for'] = forwardedFor === undefined ? input.sourceIp : `${forwardedFor}, ${input.sourceIp}`;
  headers['x-forwarded-proto'] ??= 'http';
  headers['x-amzn-trace-id'] =
    `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomUUID().replaceAll('-', '').slice(0, 24)}`;
  return headers;
}

function requestContext(input: EventInput, rawPath: string): Record<string, unknown> {
  const now = new Date();
  const [urlId = ''] = input.domainName.split('.');
  return {
    accountId: 'anonymous',
    apiId: urlId,
    domainName: input.domainName,
    domainPrefix: urlId,
    http: {
      method: input.method,
      path: decodePath(rawPath),
      protocol: 'HTTP/1.1',
      sourceIp: input.sourceIp,
      userAgent: input.headers['user-agent']?.[0] ?? '',
    },
    requestId: randomUUID(),
    routeKey: '$default',
    stage: '$default',
    time: clfTime(now),
    timeEpoch: now.getTime(),
  };
}

function queryParameters(rawQueryString: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const former = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    parameters[name] = former === undefined ? value : `${former},${value}`;
  }
  return parameters;
}

/** Text goes as it is; anything else, compressed text and form bodies included, goes as base64. */
function encodeBody(body: Buffer, headers: EventInput['headers']): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const isText = TEXT_TYPE.test(headers['content-type']?.[0] ?? '') && headers['content-encoding'] === undefined;
  return isText
    ? { body: body.toString('utf8'), isBase64Encoded: false }
    : { body: body.toString('base64'), isBase64Encoded: true };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** `12/Mar/2020:19:03:58 +0000` */
function clfTime(instant: Date): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) (\S+)/.exec(instant.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}

/** Reads a request's body; undefined when it is larger than any event may be. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_EVENT_BYTES) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_EVENT_BYTES) return undefined;
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}
