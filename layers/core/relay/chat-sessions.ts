import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { decodeRequestBody } from '@sluice/kit/http/content-encoding';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import type { Logger } from '@sluice/kit/log/logger';
import { readSseEvent } from '@sluice/kit/stream/sse-event';
import { createEventFramer } from '@sluice/kit/stream/sse-framing';
import { parseBody } from '@sluice/llm/convert/request';
import { CHAT_SESSION, SESSION_METADATA } from '@sluice/llm/formats/chat-session/chat-session';
import type { JsonObject } from '@sluice/llm/neutral/json';
import { aboutSession } from '../content/conversation-about.ts';
import type { ChatMessage, ChatSession, ContentStore } from '../content/store.ts';
import { createAnswer, type AnswerDeps } from './answer.ts';
import { asStore, mayUse, type Authenticate, type Caller } from './authenticate.ts';
import { readChatTurn, type ChatTurn } from './chat-turn.ts';
import { MOST_DECODED_BYTES, type Exchange } from './exchange.ts';
import type { Relay } from './relay.ts';
import type { Router } from './route.ts';
import { createTeeSink, type SentAnswer } from './tee-sink.ts';

export interface ChatSessionsDeps extends AnswerDeps {
  authenticate: Authenticate;
  content: ContentStore;
  router: Pick<Router, 'listModels'>;
  relay: Relay;
  logger: Logger;
}

/** So much of a conversation goes upstream and is kept. */
const MOST_MESSAGES = 10;
/** A session that nobody goes on with is forgotten. */
const SESSION_LIFE_MS = 30 * 86_400_000;

/**
 * `POST /api/chat` and `GET|POST /api/chat/stream`: one turn of a conversation that is kept here.
 * @param streams the path streams whatever the body says
 * @throws GatewayError `invalid_field` naming the field
 */
export async function chat(deps: ChatSessionsDeps, exchange: Exchange, streams: boolean): Promise<void> {
  // A browser's EventSource comes back by itself after the end; it is told that there is nothing more.
  const { method, headers } = exchange.request;
  if (method === 'GET' && headers['last-event-id'] !== undefined) return answerNothing(deps, exchange);
  const caller = await deps.authenticate(exchange.request, exchange.startedAt);
  exchange.caller = caller;
  const request = await decodeRequestBody(exchange.request, MOST_DECODED_BYTES);
  const turn = readChatTurn(request.method === 'GET' ? queryOf(request.query) : parseBody(request.body));
  const session = await openSession(deps, { caller, turn, nowMs: exchange.startedAt });
  const messages: ChatMessage[] = [...session.messages, { role: 'user', content: turn.message }];
  const model = turn.model ?? (await firstModel(deps, caller));
  const recent = messages.slice(-MOST_MESSAGES);
  exchange.format = CHAT_SESSION;
  // A browser's EventSource shows its page nothing of an answer whose status is not 200.
  if (streams) exchange.tellInBand = CHAT_SESSION.encodeStreamError;
  exchange.request = {
    ...request,
    method: 'POST',
    headers: { ...request.headers, 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(bodyOf({ turn, model, messages: recent, sessionId: session.id, streams }))),
  };
  exchange.sink = createTeeSink(exchange.sink, async (sent) => {
    const said = textOf(sent);
    if (said === null) return;
    const kept = [...messages, { role: 'assistant' as const, content: said }].slice(-MOST_MESSAGES);
    const { startedAt } = exchange;
    const changed = { updatedAt: startedAt, expiresAt: startedAt + SESSION_LIFE_MS, messages: kept };
    const isKept = await deps.content
      .putSession({ ...session, ...changed }, aboutSession(kept, model))
      .catch(() => false);
    if (!isKept) deps.logger.warn('session_not_kept', { request_id: exchange.requestId });
  });
  return deps.relay(exchange);
}

function queryOf(query: string): JsonObject {
  return Object.fromEntries(new URLSearchParams(query));
}

async function openSession(
  { content }: ChatSessionsDeps,
  { caller, turn, nowMs }: { caller: Caller; turn: ChatTurn; nowMs: number },
): Promise<ChatSession> {
  const ownerId = caller.user.id;
  const id = turn.sessionId ?? createPrefixedId('chat');
  const known = turn.sessionId === null ? null : await asStore(content.findSession(ownerId, id, nowMs));
  if (known) return known;
  return { id, ownerId, createdAt: nowMs, updatedAt: nowMs, expiresAt: nowMs + SESSION_LIFE_MS, messages: [] };
}

async function firstModel({ router }: ChatSessionsDeps, { key }: Caller): Promise<string> {
  const models = await router.listModels(key.channel);
  const model = models.find((candidate) => candidate.class === 'chat' && mayUse(key, candidate.name));
  if (model) return model.name;
  throw new GatewayError('invalid_field', {
    message: 'model is required: this key may use no chat model.',
    param: 'model',
  });
}

function bodyOf(facts: {
  turn: ChatTurn;
  model: string;
  messages: readonly ChatMessage[];
  sessionId: string;
  streams: boolean;
}): object {
  const { turn, model, messages, sessionId, streams } = facts;
  const system = turn.systemPrompt === null ? [] : [{ role: 'system', content: turn.systemPrompt }];
  return {
    model,
    messages: [...system, ...messages],
    stream: streams || turn.stream,
    ...(turn.maxTokens === null ? {} : { max_tokens: turn.maxTokens }),
    ...(turn.temperature === null ? {} : { temperature: turn.temperature }),
    metadata: { [SESSION_METADATA]: sessionId },
  };
}

/** What the assistant said, out of what the client was sent; null when the turn failed. */
function textOf({ status, isStream, bytes }: SentAnswer): string | null {
  if (status !== 200) return null;
  if (!isStream) return (JSON.parse(bytes.toString()) as { response: string }).response;
  const block = createEventFramer().push(bytes);
  let text = '';
  let isDone = false;
  let start = 0;
  for (const end of block?.ends ?? []) {
    const event = block && readSseEvent(block.bytes, start, end);
    start = end;
    if (!event || event.data === '[DONE]') continue;
    const { type, content } = JSON.parse(event.data) as { type: string; content?: string };
    if (type === 'text') text += content ?? '';
    isDone ||= type === 'done';
  }
  return isDone ? text : null;
}

/** `GET /api/chat/sessions`, the caller's own. */
export async function listChatSessions(deps: ChatSessionsDeps, exchange: Exchange): Promise<void> {
  const { user } = (exchange.caller = await deps.authenticate(exchange.request, exchange.startedAt, 'account'));
  const sessions = await asStore(deps.content.listSessions(user.id, exchange.startedAt));
  return answerJson(deps, exchange, { success: true, sessions: sessions.map(describe) });
}

/** `GET /api/chat/sessions/{id}`. @throws GatewayError `not_found` */
export async function getChatSession(deps: ChatSessionsDeps, exchange: Exchange, id: string): Promise<void> {
  const { user } = (exchange.caller = await deps.authenticate(exchange.request, exchange.startedAt, 'account'));
  const session = await asStore(deps.content.findSession(user.id, id, exchange.startedAt));
  if (!session) throw noSession();
  return answerJson(deps, exchange, { success: true, session: { ...describe(session), messages: session.messages } });
}

/** `DELETE /api/chat/sessions/{id}`. @throws GatewayError `not_found` */
export async function deleteChatSession(deps: ChatSessionsDeps, exchange: Exchange, id: string): Promise<void> {
  const { user } = (exchange.caller = await deps.authenticate(exchange.request, exchange.startedAt, 'account'));
  if (!(await asStore(deps.content.deleteSession(user.id, id)))) throw noSession();
  return answerJson(deps, exchange, { success: true });
}

function describe({ id, createdAt, updatedAt }: Omit<ChatSession, 'messages'>): object {
  return {
    sessionId: id,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}

function noSession(): GatewayError {
  return new GatewayError('not_found', { message: 'There is no such session.' });
}

async function answerJson(deps: ChatSessionsDeps, exchange: Exchange, value: object): Promise<void> {
  const body = Buffer.from(JSON.stringify(value));
  const answer = createAnswer(deps, exchange);
  answer.head(200, { 'content-type': 'application/json', 'content-length': String(body.length) });
  await answer.aside(body);
  await answer.end();
}

async function answerNothing(deps: ChatSessionsDeps, exchange: Exchange): Promise<void> {
  const answer = createAnswer(deps, exchange);
  answer.head(204, {});
  await answer.end();
}
