import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { GatewayError } from '../errors/gateway-error.ts';
import type { EncodeError, PlainRequest, PlainResponse, Sink } from './exchange.ts';
import { refuseConnect, refuseMalformed } from './malformed-request.ts';
import { createNodeSink } from './node-sink.ts';
import { originForm } from './request-target.ts';
import { createTurns, type Ends } from './turns.ts';

export interface NodeServerOptions {
  handle(request: PlainRequest, sink: Sink): Promise<void>;
  maxBodyBytes: number;
  /** Says what the server refuses by itself, request ids included. */
  encodeError: EncodeError;
  /** Name of the trusted header with the client's address; the socket's address where it is absent. */
  clientAddressHeader?: string;
  timeouts?: Partial<NodeServerTimeouts>;
}

/** How long a client may take to send what it has begun; milliseconds. */
interface NodeServerTimeouts {
  headersMs: number;
  /** Head and body together. */
  requestMs: number;
  /** How often connections are looked at. */
  checkMs: number;
}

const TIMEOUTS: NodeServerTimeouts = { headersMs: 20_000, requestMs: 120_000, checkMs: 5_000 };

const EMPTY = Buffer.alloc(0);
/** Longer than a CDN keeps its connections to an origin, so that the CDN is the one who closes. */
const KEEP_ALIVE_MS = 75_000;
/** More than a CDN lets through, request line included. */
const MOST_HEAD_BYTES = 32 * 1024;
/** How many times the largest body a refused one may be long and is still read to its end, so that the answer is met. */
const HEARD_OUT_TIMES = 4;

/** The plain Node adapter: HTTP/1.1 requests to `handle`, one at a time per connection, not yet listening. */
export function createNodeServer(options: NodeServerOptions): Server {
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MOST_HEAD_BYTES,
    // Node refuses a request without a host in no words at all; `receive` finds some.
    requireHostHeader: false,
    headersTimeout: timeouts.headersMs,
    requestTimeout: timeouts.requestMs,
    connectionsCheckingInterval: timeouts.checkMs,
    noDelay: true,
  });
  // Node would drop what is beyond its number of headers without a word; their bytes are limited.
  server.maxHeadersCount = 0;
  const turns = createTurns();
  const take = (ends: Ends, work: () => void): void =>
    turns.take(ends, work, () => refuse(options, ends, tooManyAhead(), true));
  server.on('request', (request, response) => {
    take({ request, response }, () => receive(options, request, response));
  });
  server.on('checkContinue', (request, response) => {
    take({ request, response }, () => {
      // A body that would be refused is not asked for.
      if (declaredBytes(request) <= options.maxBodyBytes) response.writeContinue();
      receive(options, request, response);
    });
  });
  server.on('checkExpectation', (request, response) => {
    take({ request, response }, () => refuse(options, { request, response }, unknownExpectation(), true));
  });
  server.on('connect', (_request, socket) => refuseConnect(options.encodeError, socket as Socket));
  server.on('clientError', (error, socket) => refuseMalformed(options.encodeError, error, socket as Socket));
  return server;
}

function tooManyAhead(): GatewayError {
  const message = 'Too many requests were sent ahead on one connection. Wait for answers, or open more connections.';
  return new GatewayError('rate_limit_exceeded', { message, retryAfterSeconds: 1 });
}

function unknownExpectation(): GatewayError {
  return new GatewayError('expectation_failed', { message: 'The expect header may only say 100-continue.' });
}

function declaredBytes(request: IncomingMessage): number {
  return Number(request.headers['content-length'] ?? 0);
}

function receive(options: NodeServerOptions, request: IncomingMessage, response: ServerResponse): void {
  const { headers } = request;
  const fault = faultOf(request);
  if (fault !== null) {
    refuse(options, { request, response }, fault, true);
    return;
  }
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    run(options, request, response, EMPTY);
    return;
  }
  const { maxBodyBytes } = options;
  const declared = declaredBytes(request);
  if (declared > maxBodyBytes) {
    refuse(options, { request, response }, bodyTooLarge(maxBodyBytes), declared > maxBodyBytes * HEARD_OUT_TIMES);
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
    else if (bytes > maxBodyBytes * HEARD_OUT_TIMES)
      refuse(options, { request, response }, bodyTooLarge(maxBodyBytes), true);
    else chunks.length = 0;
  });
  request.on('end', () => {
    // Heard out before the refusal: a caller that still sends meets a closed connection before it meets the answer.
    if (bytes > maxBodyBytes) refuse(options, { request, response }, bodyTooLarge(maxBodyBytes), true);
    else run(options, request, response, chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
  });
  // A client that leaves while it is still sending has asked for nothing.
  request.on('error', () => undefined);
}

/** What Node lets pass and RFC 9112 does not (§3.2, §6.1). */
function faultOf({ headers, httpVersionMinor }: IncomingMessage): GatewayError | null {
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    return new GatewayError('bad_request', { message: 'Of transfer codings only chunked is known.' });
  }
  if (headers.host !== undefined || httpVersionMinor === 0) return null;
  return new GatewayError('bad_request', { message: 'The request has no host header.' });
}

function bodyTooLarge(maxBodyBytes: number): GatewayError {
  return new GatewayError('body_too_large', { message: `The request body is larger than ${maxBodyBytes} bytes.` });
}

function run(options: NodeServerOptions, request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const plain = toPlainRequest(options, request, body);
  const sink = createNodeSink(response);
  options.handle(plain, sink).catch((cause: unknown) => {
    if (response.headersSent) response.destroy();
    else send(response, options.encodeError(plain, unexpectedFailure(cause)));
  });
}

function unexpectedFailure(cause: unknown): GatewayError {
  return new GatewayError('internal_error', { message: 'Something went wrong on our side.', cause });
}

function toPlainRequest(options: NodeServerOptions, request: IncomingMessage, body: Buffer): PlainRequest {
  const target = originForm(request.url ?? '/');
  const mark = target.indexOf('?');
  // Node joins repeated headers itself; only set-cookie, which no request carries, is an array.
  const headers = request.headers as Record<string, string>;
  const trusted = options.clientAddressHeader === undefined ? undefined : headers[options.clientAddressHeader];
  return {
    method: request.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    headers,
    body,
    clientAddress: trusted ?? request.socket.remoteAddress ?? '',
  };
}

/** @param last the connection is of no use any more: what is left of the body is not worth reading */
function refuse(options: NodeServerOptions, { request, response }: Ends, error: GatewayError, last: boolean): void {
  if (response.headersSent) return;
  const path = originForm(request.url ?? '/').split('?', 1)[0] as string;
  const refusal = options.encodeError({ path, headers: request.headers as Record<string, string> }, error);
  send(response, last ? { ...refusal, headers: { ...refusal.headers, connection: 'close' } } : refusal);
  request.resume();
}

function send(response: ServerResponse, answer: PlainResponse): void {
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
  response.end(body);
}
