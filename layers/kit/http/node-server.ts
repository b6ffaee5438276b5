import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { GatewayError } from '../errors/gateway-error.ts';
import type { EncodeError, PlainRequest, PlainResponse, Sink } from './exchange.ts';

export interface NodeServerOptions {
  handle(request: PlainRequest, sink: Sink): Promise<void>;
  maxBodyBytes: number;
  /** Says what the server refuses by itself, request ids included. */
  encodeError: EncodeError;
  /** Name of the trusted header with the client's address; the socket's address where it is absent. */
  clientAddressHeader?: string;
}

const EMPTY = Buffer.alloc(0);
/** Longer than a CDN keeps its connections to an origin, so that the CDN is the one who closes. */
const KEEP_ALIVE_MS = 75_000;
const MOST_HEADER_BYTES = 64 * 1024;

/** The plain Node adapter: HTTP/1.1 requests to `handle`, one at a time per connection, not yet listening. */
export function createNodeServer(options: NodeServerOptions): Server {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, maxHeaderSize: MOST_HEADER_BYTES, noDelay: true });
  server.on('request', (request, response) => receive(options, request, response));
  server.on('checkContinue', (request, response) => {
    // A body that would be refused is not asked for.
    if (declaredBytes(request) <= options.maxBodyBytes) response.writeContinue();
    receive(options, request, response);
  });
  server.on('clientError', (error, socket) => refuseMalformed(options, error, socket as Socket));
  return server;
}

function declaredBytes(request: IncomingMessage): number {
  return Number(request.headers['content-length'] ?? 0);
}

function receive(options: NodeServerOptions, request: IncomingMessage, response: ServerResponse): void {
  const { headers } = request;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    run(options, request, response, EMPTY);
    return;
  }
  if (declaredBytes(request) > options.maxBodyBytes) {
    refuseBody(options, request, response);
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= options.maxBodyBytes) chunks.push(chunk);
  });
  request.on('end', () => {
    // Heard out before the refusal: a caller that still sends meets a closed connection before it meets the answer.
    if (bytes > options.maxBodyBytes) refuseBody(options, request, response);
    else run(options, request, response, chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
  });
  // A client that leaves while it is still sending has asked for nothing.
  request.on('error', () => undefined);
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

/** A client that takes us for a proxy sends a whole URL (RFC 9112 §3.2.2). */
function originForm(target: string): string {
  if (target.startsWith('/') || !URL.canParse(target)) return target;
  const url = new URL(target);
  return url.pathname + url.search;
}

function createNodeSink(response: ServerResponse): Sink {
  const leaving = new AbortController();
  let closed = false;
  let resume: (() => void) | null = null;
  const wake = (): void => {
    const waiter = resume;
    resume = null;
    waiter?.();
  };
  response.on('close', () => {
    closed = true;
    if (!response.writableFinished) leaving.abort();
    wake();
  });
  return {
    gone: leaving.signal,
    head(status, headers) {
      if (!closed) response.writeHead(status, headers);
    },
    write(bytes) {
      if (closed || response.write(bytes)) return undefined;
      return new Promise((resolve) => {
        resume = resolve;
        response.once('drain', wake);
      });
    },
    end() {
      if (!closed) response.end();
    },
    destroy() {
      response.destroy();
    },
  };
}

function refuseBody(options: NodeServerOptions, request: IncomingMessage, response: ServerResponse): void {
  const message = `The request body is larger than ${options.maxBodyBytes} bytes.`;
  const path = originForm(request.url ?? '/').split('?', 1)[0] as string;
  const headers = request.headers as Record<string, string>;
  const refusal = options.encodeError({ path, headers }, new GatewayError('body_too_large', { message }));
  // The rest of the body is not worth reading, so the connection is not worth keeping.
  send(response, { ...refusal, headers: { ...refusal.headers, connection: 'close' } });
  request.resume();
}

function send(response: ServerResponse, answer: PlainResponse): void {
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
  response.end(body);
}

/** What Node's parser refuses (bad syntax, headers too large) is said as JSON too; there is no path to read. */
function refuseMalformed(options: NodeServerOptions, error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const message = tooLarge ? 'The request headers are too large.' : 'This is not a valid HTTP/1.1 request.';
  const answer = options.encodeError({ path: '', headers: {} }, new GatewayError('bad_request', { message }));
  const status = tooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request';
  const body = Buffer.from(answer.body);
  const head = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  socket.end(Buffer.concat([Buffer.from(head), body]));
}
