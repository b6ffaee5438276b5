import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerTurn, parseBody, sendJson } from './answer.ts';
import type { ChatRequest } from './chat-request.ts';
import { countPromptTokens } from './completion.ts';
import { ANTHROPIC_MESSAGES } from './dialects/anthropic-messages.ts';
import { readAnthropicRequest } from './dialects/anthropic-request.ts';
import type { Dialect } from './dialects/dialect.ts';
import { answerGeminiEmbeddings, answerOpenAiEmbeddings } from './dialects/embeddings.ts';
import { readGeminiRequest } from './dialects/gemini-request.ts';
import { answerGeminiPictures, drawsPictures } from './dialects/gemini-images.ts';
import { GEMINI } from './dialects/gemini.ts';
import { OPENAI_CHAT } from './dialects/openai-chat.ts';
import { OPENAI_RESPONSES } from './dialects/openai-responses.ts';
import { xaiErrorBody } from './dialects/xai-error.ts';
import { createRequestLog, type RequestLog } from './log.ts';
import { listModels, modelListOf, type ModelList } from './models.ts';
import { answerArtefact, createMediaPaths, type MediaPaths } from './media/media-paths.ts';
import { createOAuthServer, type OAuthServer } from './oauth/oauth.ts';
import { faultOf, OpenAiError } from './openai-error.ts';
import { isObject } from './schema-value.ts';

/** Moves the clocks of all processes; `now` is milliseconds since the epoch. Rejects when nobody took it up in time. */
export type ClockMove = (now: number) => Promise<void>;

export interface Sandbox {
  /** Without a trailing slash; the OpenAI base URL is `<url>/v1`. */
  url: string;
  port: number;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;

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

const GEMINI_PATH = /^\/v1(?:beta)?\/models\/([^/:]+):(\w+)$/;
const TURNS: ReadonlyMap<string, Dialect> = new Map([
  ['/v1/chat/completions', OPENAI_CHAT],
  ['/v1/responses', OPENAI_RESPONSES],
  ['/v1/messages', ANTHROPIC_MESSAGES],
]);

const LISTS: Readonly<Record<ModelList, Dialect>> = {
  openai: OPENAI_CHAT,
  anthropic: ANTHROPIC_MESSAGES,
  gemini: GEMINI,
};

/** xAI's own endpoints, under a base URL of their own: `<url>/xai/v1`. */
const XAI_PATH = /^\/xai(?=\/v1\/)/;
const XAI: Dialect = { ...OPENAI_CHAT, errorBody: xaiErrorBody };

/** In whose language a path is answered, errors included. */
function dialectOf(path: string, { list, isXai }: { list: ModelList | null; isXai: boolean }): Dialect {
  if (isXai) return XAI;
  if (list !== null) return LISTS[list];
  if (path.startsWith('/v1/messages')) return ANTHROPIC_MESSAGES;
  return GEMINI_PATH.test(path) ? GEMINI : (TURNS.get(path) ?? OPENAI_CHAT);
}

async function answerApi(call: {
  method: string;
  path: string;
  body: Buffer;
  response: ServerResponse;
  list: ModelList | null;
}): Promise<void> {
  const { method, path, body, response, list } = call;
  if (list !== null) {
    requireMethod(method, 'GET', path);
    const models = listModels(list, path);
    if (models === null) throw faultOf(404, path.split('/').at(-1) ?? '');
    sendJson(response, 200, JSON.stringify(models));
    return;
  }
  const turn = TURNS.get(path);
  const named = GEMINI_PATH.exec(path);
  const isKnown =
    turn !== undefined || named !== null || path === '/v1/embeddings' || path === '/v1/messages/count_tokens';
  if (!isKnown) throw new OpenAiError({ status: 404, message: `Invalid URL (${method} ${path})` });
  requireMethod(method, 'POST', path);
  if (turn) return answerTurn(turn, { body, path: {}, response });
  if (named) return answerGemini(decodeURIComponent(named[1] ?? ''), named[2] ?? '', call);
  const parsed = parseBody(body);
  const answer =
    path === '/v1/embeddings'
      ? answerOpenAiEmbeddings(parsed)
      : countTokens(readAnthropicRequest(parsed, { counts: true }));
  sendJson(response, 200, JSON.stringify(answer));
}

function countTokens(request: ChatRequest): object {
  return { input_tokens: countPromptTokens(request) };
}

async function answerGemini(
  model: string,
  method: string,
  { body, response }: { body: Buffer; response: ServerResponse },
): Promise<void> {
  if (method === 'generateContent' || method === 'streamGenerateContent') {
    const stream = method === 'streamGenerateContent';
    if (drawsPictures(model)) return answerGeminiPictures(parseBody(body), { model, stream, response });
    return answerTurn(GEMINI, { body, path: { model, stream }, response });
  }
  const parsed = parseBody(body);
  if (method === 'countTokens') {
    const counted =
      isObject(parsed) && isObject(parsed['generateContentRequest']) ? parsed['generateContentRequest'] : parsed;
    const totalTokens = countPromptTokens(readGeminiRequest(counted, { model }));
    sendJson(response, 200, JSON.stringify({ totalTokens }));
    return;
  }
  if (method !== 'embedContent' && method !== 'batchEmbedContents') throw faultOf(404, model);
  sendJson(response, 200, JSON.stringify(answerGeminiEmbeddings(parsed, method === 'batchEmbedContents')));
}

function requireMethod(method: string, wanted: string, path: string): void {
  if (method !== wanted) throw new OpenAiError({ status: 405, message: `Not allowed to ${method} on ${path}.` });
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

async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { log, oauth, media }: { log: RequestLog; oauth: OAuthServer; media: MediaPaths },
): Promise<void> {
  const saw = log.begin(request, response);
  response.setHeader('x-request-id', `req_${randomUUID().replaceAll('-', '')}`);
  response.setHeader('openai-version', '2020-10-01');
  const asked = new URL(request.url ?? '/', 'http://sandbox').pathname;
  const path = asked.replace(XAI_PATH, '');
  const isXai = path !== asked;
  const list = modelListOf(path, request.headers);
  const dialect = dialectOf(path, { list, isXai });
  try {
    const body = await readBody(request);
    saw(body);
    if (request.method === 'GET' && answerArtefact(asked, response)) return;
    if (!isAuthorized(request, oauth)) dialect.authorize(request);
    const answered = media({ request, response, body, path, isXai });
    if (answered) await answered;
    else await answerApi({ method: request.method ?? '', path, body, response, list });
  } catch (error) {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const known = error instanceof OpenAiError ? error : faultOf(500, '');
    if (known !== error) console.error(error);
    sendJson(response, known.status, dialect.errorBody(known));
  }
}

/** By an access token of the sandbox's own authorization server. */
function isAuthorized({ headers }: IncomingMessage, oauth: OAuthServer): boolean {
  const token = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
  const isGood = token === undefined ? null : oauth.check(token);
  if (isGood === false) {
    const message = 'The access token is expired or was revoked.';
    throw new OpenAiError({ status: 401, message, code: 'invalid_token' });
  }
  return isGood === true;
}

async function answerOAuth(oauth: OAuthServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  await oauth.answer(request, response, await readBody(request));
}

/**
 * An upstream on this machine that speaks every vendor's protocol deterministically, listening on 127.0.0.1.
 * Port 0 takes a free one.
 */
export async function createSandbox({ port, onClock }: { port: number; onClock: ClockMove }): Promise<Sandbox> {
  const log = createRequestLog();
  const oauth = createOAuthServer();
  const media = createMediaPaths();
  const answer = (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (oauth.handles(request.url ?? '')) return answerOAuth(oauth, request, response);
    const control = request.url?.startsWith('/__') === true;
    return control
      ? answerControl(request, response, log, onClock)
      : answerRequest(request, response, { log, oauth, media });
  };
  const server = createServer((request, response) => {
    const answering = answer(request, response);
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
