import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerChat, sendJson } from './chat.ts';
import { SANDBOX_CREDENTIAL, SANDBOX_MODELS } from './demo-document.ts';
import { createRequestLog, type RequestLog } from './log.ts';
import { errorBody, faultOf, OpenAiError } from './openai-error.ts';

/** Moves the clocks of all processes; `now` is milliseconds since the epoch. Rejects when nobody took it up in time. */
export type ClockMove = (now: number) => Promise<void>;

export interface Sandbox {
  /** Without a trailing slash; the OpenAI base URL is `<url>/v1`. */
  url: string;
  port: number;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;
const MODELS_CREATED = 1_767_225_600;

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY_BYTES) throw new OpenAiError({ status: 413, message: 'Maximum content size limit exceeded.' });
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function checkBearer(request: IncomingMessage): void {
  const authorization = request.headers.authorization;
  if (authorization === undefined || !/^Bearer \S+$/.test(authorization)) {
    const message =
      "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth " +
      '(i.e. Authorization: Bearer YOUR_KEY).';
    throw new OpenAiError({ status: 401, message });
  }
  const secret = authorization.slice('Bearer '.length);
  if (secret.startsWith(SANDBOX_CREDENTIAL)) return;
  const shown = `${secret.slice(0, 3)}***${secret.slice(-4)}`;
  throw new OpenAiError({ status: 401, message: `Incorrect API key provided: ${shown}.`, code: 'invalid_api_key' });
}

function modelObject(id: string): object {
  return { id, object: 'model', created: MODELS_CREATED, owned_by: 'sluice-sandbox' };
}

function answerModels(path: string, response: ServerResponse): void {
  const name = decodeURIComponent(path.slice('/v1/models/'.length));
  if (name === '') {
    sendJson(response, 200, JSON.stringify({ object: 'list', data: SANDBOX_MODELS.map(modelObject) }));
    return;
  }
  if (!SANDBOX_MODELS.includes(name)) throw faultOf(404, name);
  sendJson(response, 200, JSON.stringify(modelObject(name)));
}

async function answerApi(
  request: IncomingMessage,
  path: string,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  checkBearer(request);
  const wanted = path === '/v1/chat/completions' ? 'POST' : path.startsWith('/v1/models') ? 'GET' : null;
  if (wanted === null) {
    throw new OpenAiError({ status: 404, message: `Invalid URL (${request.method} ${path})` });
  }
  if (request.method !== wanted) {
    throw new OpenAiError({ status: 405, message: `Not allowed to ${request.method} on ${path}.` });
  }
  if (wanted === 'GET') answerModels(path === '/v1/models' ? '/v1/models/' : path, response);
  else await answerChat(body, response);
}

async function moveClock(body: Buffer, response: ServerResponse, onClock: ClockMove): Promise<void> {
  let given: unknown;
  try {
    given = (JSON.parse(body.toString('utf8')) as { now?: unknown }).now;
  } catch {
    given = undefined;
  }
  const now = typeof given === 'string' ? Date.parse(given) : given;
  if (typeof now !== 'number' || !Number.isFinite(now)) {
    sendJson(response, 400, JSON.stringify({ error: 'now must be an ISO time or milliseconds since the epoch' }));
    return;
  }
  try {
    await onClock(now);
    sendJson(response, 200, JSON.stringify({ now: new Date(now).toISOString() }));
  } catch {
    sendJson(response, 504, JSON.stringify({ error: 'the processes did not take up the new time within 5 seconds' }));
  }
}

/** The sandbox's own paths, which no vendor has. */
async function answerControl(
  request: IncomingMessage,
  response: ServerResponse,
  log: RequestLog,
  onClock: ClockMove,
): Promise<void> {
  const call = `${request.method} ${request.url}`;
  const body = await readBody(request);
  if (call === 'GET /__log') {
    sendJson(response, 200, JSON.stringify({ requests: log.entries() }));
  } else if (call === 'DELETE /__log') {
    log.clear();
    sendJson(response, 200, JSON.stringify({ requests: [] }));
  } else if (call === 'POST /__clock') {
    await moveClock(body, response, onClock);
  } else {
    sendJson(response, 404, JSON.stringify({ error: `the sandbox has no ${call}` }));
  }
}

async function answerRequest(request: IncomingMessage, response: ServerResponse, log: RequestLog): Promise<void> {
  const saw = log.begin(request, response);
  response.setHeader('x-request-id', `req_${randomUUID().replaceAll('-', '')}`);
  response.setHeader('openai-version', '2020-10-01');
  try {
    const body = await readBody(request);
    saw(body);
    const path = new URL(request.url ?? '/', 'http://sandbox').pathname;
    await answerApi(request, path, body, response);
  } catch (error) {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const known = error instanceof OpenAiError ? error : faultOf(500, '');
    if (known !== error) console.error(error);
    sendJson(response, known.status, errorBody(known));
  }
}

/**
 * An upstream on this machine that speaks OpenAI's chat protocol deterministically, listening on 127.0.0.1.
 * Port 0 takes a free one.
 */
export async function createSandbox({ port, onClock }: { port: number; onClock: ClockMove }): Promise<Sandbox> {
  const log = createRequestLog();
  const server = createServer((request, response) => {
    const control = request.url?.startsWith('/__') === true;
    const answering = control ? answerControl(request, response, log, onClock) : answerRequest(request, response, log);
    answering.catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const taken = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
