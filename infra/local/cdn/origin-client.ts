import {
  Agent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '../start-error.ts';
import { headersFromOrigin } from './forwarding.ts';

export interface OriginRequest {
  /** The process to ask; asked again when the first one has just died. */
  pick(): Promise<{ port: number }>;
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  /** Streamed to the origin once it is connected. */
  readonly body: IncomingMessage | undefined;
  readonly readTimeoutMs: number;
  /** When it closes early the origin's connection is closed. */
  readonly viewer: ServerResponse;
}

export type OriginAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Without those of the origin's own connection. */
      readonly headers: OutgoingHttpHeaders;
      /** Streams the answer to the viewer as it arrives; a cut answer cuts the viewer's connection. */
      relay(response: ServerResponse, decorate: (headers: OutgoingHttpHeaders) => OutgoingHttpHeaders): void;
      drop(): void;
    }
  | { readonly kind: 'failed'; readonly status: number; readonly reason: string };

/** How often a process that cannot be reached is replaced by the next one, and the pause in between. */
const CONNECT_ATTEMPTS = 3;
const CONNECT_PAUSE_MS = 100;
/** How long a request waits for a crashed process to come back. */
const RESTART_WAIT_MS = 10_000;

/** Speaks HTTP to origins on this machine, with kept connections. */
export function createOriginClient() {
  const agent = new Agent({ keepAlive: true, keepAliveMsecs: 30_000, maxFreeSockets: 256 });
  return {
    close: () => agent.destroy(),
    async ask(request: OriginRequest): Promise<OriginAnswer> {
      for (let attempt = 1; ; attempt += 1) {
        const endpoint = await Promise.race([request.pick(), delay(RESTART_WAIT_MS, undefined, { ref: false })]).catch(
          () => undefined,
        );
        if (endpoint === undefined) return { kind: 'failed', status: 503, reason: 'The origin is not running.' };
        const answer = await send(agent, request, endpoint.port);
        if (answer !== 'unreachable') return answer;
        if (attempt === CONNECT_ATTEMPTS)
          return { kind: 'failed', status: 502, reason: 'The origin cannot be reached.' };
        await delay(CONNECT_PAUSE_MS);
      }
    },
  };
}

/** `unreachable` means that the request may be sent elsewhere. */
function send(agent: Agent, request: OriginRequest, port: number): Promise<OriginAnswer | 'unreachable'> {
  const { promise, resolve } = Promise.withResolvers<OriginAnswer | 'unreachable'>();
  const { viewer, body } = request;
  const outgoing = httpRequest({
    agent,
    host: '127.0.0.1',
    port,
    method: request.method,
    path: request.path,
    headers: request.headers,
    setHost: request.headers['host'] === undefined,
    timeout: request.readTimeoutMs,
  });
  const leave = (): void => {
    if (!viewer.writableFinished) outgoing.destroy();
  };
  viewer.once('close', leave);
  outgoing.once('close', () => viewer.off('close', leave));
  outgoing.once('response', (answer) => resolve(createAnswer(outgoing, answer)));
  outgoing.on('timeout', () => {
    // A viewer that reads slowly holds the answer back; that is not the origin's silence.
    if (viewer.writableNeedDrain) return;
    resolve({ kind: 'failed', status: 504, reason: 'The origin did not answer in time.' });
    outgoing.destroy(new Error('The origin was silent for too long'));
  });
  outgoing.once('error', (error) => {
    resolve(
      !viewer.destroyed && mayAskAgain(outgoing, error)
        ? 'unreachable'
        : { kind: 'failed', status: 502, reason: 'The origin closed the connection.' },
    );
  });
  startBody(outgoing, body);
  return promise;
}

/**
 * Nothing was sent, or the connection broke before the answer to a request that may be repeated. A process that has
 * just been killed resets new connections too: those that its kernel accepted and it never saw. CloudFront repeats
 * GET and HEAD and nothing else:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
 */
function mayAskAgain(outgoing: ClientRequest, error: Error): boolean {
  if (errorCode(error) === 'ECONNREFUSED') return true;
  const isSafe = outgoing.method === 'GET' || outgoing.method === 'HEAD';
  return isSafe && errorCode(error) === 'ECONNRESET';
}

/** The body is read only when there is a connection to send it over, so that an attempt elsewhere still has it all. */
function startBody(outgoing: ClientRequest, body: IncomingMessage | undefined): void {
  if (body === undefined) {
    outgoing.end();
    return;
  }
  const start = (): void => {
    body.pipe(outgoing);
    body.once('error', () => outgoing.destroy());
    outgoing.once('close', () => {
      body.unpipe(outgoing);
      body.resume();
    });
  };
  outgoing.once('socket', (socket) => (socket.connecting ? socket.once('connect', start) : start()));
}

function createAnswer(outgoing: ClientRequest, answer: IncomingMessage): OriginAnswer {
  return {
    kind: 'answered',
    status: answer.statusCode ?? 502,
    headers: headersFromOrigin(answer),
    drop: () => answer.resume(),
    relay: (response, decorate) => {
      if (response.destroyed) {
        outgoing.destroy();
        return;
      }
      response.writeHead(answer.statusCode ?? 502, decorate(headersFromOrigin(answer)));
      response.flushHeaders();
      pipeline(answer, response, (error) => {
        if (error) outgoing.destroy();
      });
    },
  };
}
