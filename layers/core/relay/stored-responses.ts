import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { parseExact } from '@sluice/kit/json/parse-exact';
import { readSseEvent } from '@sluice/kit/stream/sse-event';
import { createEventFramer } from '@sluice/kit/stream/sse-framing';
import { parseBody } from '@sluice/llm/convert/request';
import { expandStored, inputItems } from '@sluice/llm/formats/openai-responses/expand-stored';
import { isJsonObject, type Json, type JsonObject } from '@sluice/llm/neutral/json';
import type { Logger } from '@sluice/kit/log/logger';
import type { ContentStore, StoredResponse } from '../content/store.ts';
import { createAnswer, type AnswerDeps } from './answer.ts';
import { asStore, type Authenticate } from './authenticate.ts';
import type { Exchange } from './exchange.ts';
import type { Relay } from './relay.ts';
import { createTeeSink, type SentAnswer } from './tee-sink.ts';

export interface StoredResponsesDeps extends AnswerDeps {
  authenticate: Authenticate;
  content: ContentStore;
  relay: Relay;
  logger: Logger;
}

/** As long as OpenAI keeps them: https://platform.openai.com/docs/guides/conversation-state */
const RESPONSE_LIFE_MS = 30 * 86_400_000;

/**
 * `POST /v1/responses`: what it goes on from is put before its input, whoever answered then, and what it says is kept
 * unless `store` is false. https://platform.openai.com/docs/api-reference/responses/create
 */
export async function createResponse(deps: StoredResponsesDeps, exchange: Exchange): Promise<void> {
  const caller = await deps.authenticate(exchange.request, exchange.startedAt);
  const { body } = exchange.request;
  if (!MAY_CONCERN_US.some((name) => body.includes(name))) {
    return relayAndKeep(deps, exchange, { ownerId: caller.user.id, input: null });
  }
  const request = parseBody(body);
  if (request['background'] === true) {
    throw new GatewayError('invalid_field', {
      message: "'background' responses are not offered; leave it out or set it to false.",
      param: 'background',
    });
  }
  const previousId = request['previous_response_id'] ?? null;
  if (previousId !== null) {
    const previous = await findPrevious(deps, exchange, { ownerId: caller.user.id, id: previousId });
    delete request['previous_response_id'];
    request['input'] = expandStored(previous, request['input']);
    exchange.request = { ...exchange.request, body: Buffer.from(JSON.stringify(request)) };
  }
  if (request['store'] === false) return deps.relay(exchange);
  return relayAndKeep(deps, exchange, { ownerId: caller.user.id, input: inputItems(request['input']) });
}

/** Members that this surface acts on; a body without them passes as it is. */
const MAY_CONCERN_US = ['"background"', '"previous_response_id"', '"store"', '\\u'];

async function findPrevious(
  { content }: StoredResponsesDeps,
  exchange: Exchange,
  { ownerId, id }: { ownerId: string; id: Json },
): Promise<Json[]> {
  const stored = typeof id === 'string' ? await asStore(content.findResponse(ownerId, id, exchange.startedAt)) : null;
  if (!stored) {
    throw new GatewayError('invalid_field', {
      message: `Previous response with id '${String(id).slice(0, 100)}' not found.`,
      param: 'previous_response_id',
    });
  }
  const { output } = parseExact(stored.response) as { output?: Json };
  return [...(parseExact(stored.input) as Json[]), ...(Array.isArray(output) ? output : [])];
}

async function relayAndKeep(
  deps: StoredResponsesDeps,
  exchange: Exchange,
  { ownerId, input }: { ownerId: string; input: Json[] | null },
): Promise<void> {
  const { body } = exchange.request;
  exchange.sink = createTeeSink(exchange.sink, async (sent) => {
    const response = readResponse(sent);
    const id = response?.['id'];
    if (!response || typeof id !== 'string') return;
    const stored: StoredResponse = {
      id,
      ownerId,
      createdAt: exchange.startedAt,
      expiresAt: exchange.startedAt + RESPONSE_LIFE_MS,
      input: JSON.stringify(input ?? inputItems(parseBody(body)['input'])),
      response: JSON.stringify(response),
    };
    const isKept = await deps.content.putResponse(stored).catch(() => false);
    if (!isKept) deps.logger.warn('response_not_kept', { request_id: exchange.requestId });
  });
  await deps.relay(exchange);
}

const LAST_EVENTS = new Set(['response.completed', 'response.incomplete']);

/** The response object that the client got; null where it got none that is whole. */
function readResponse({ status, isStream, bytes }: SentAnswer): JsonObject | null {
  if (status !== 200) return null;
  if (!isStream) return asObject(bytes.toString());
  const block = createEventFramer().push(bytes);
  let start = 0;
  let found: JsonObject | null = null;
  for (const end of block?.ends ?? []) {
    const event = block && readSseEvent(block.bytes, start, end);
    start = end;
    if (event && LAST_EVENTS.has(event.event)) found = asObject(event.data);
  }
  const response = found?.['response'];
  return isJsonObject(response) ? response : null;
}

function asObject(text: string): JsonObject | null {
  try {
    const value = parseExact(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** `GET /v1/responses/{id}` and `…/input_items`. @throws GatewayError `not_found` */
export async function getResponse(deps: StoredResponsesDeps, exchange: Exchange, rest: string): Promise<void> {
  const { user } = await deps.authenticate(exchange.request, exchange.startedAt);
  const [id = '', part] = rest.split('/', 2);
  const stored = await asStore(deps.content.findResponse(user.id, id, exchange.startedAt));
  if (!stored || (part !== undefined && part !== 'input_items')) throw noResponse(id);
  if (part === undefined) return answerJson(deps, exchange, stored.response);
  const items = (parseExact(stored.input) as Json[]).map((item, index) =>
    isJsonObject(item) ? { id: `item_${stored.id}_${index}`, type: 'message', ...item } : item,
  );
  const ids = items.map((item) => (isJsonObject(item) ? (item['id'] ?? null) : null));
  const page = { object: 'list', data: items, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null, has_more: false };
  return answerJson(deps, exchange, JSON.stringify(page));
}

/** `DELETE /v1/responses/{id}`. @throws GatewayError `not_found` */
export async function deleteResponse(deps: StoredResponsesDeps, exchange: Exchange, id: string): Promise<void> {
  const { user } = await deps.authenticate(exchange.request, exchange.startedAt);
  if (!(await asStore(deps.content.deleteResponse(user.id, id)))) throw noResponse(id);
  return answerJson(deps, exchange, JSON.stringify({ id, object: 'response', deleted: true }));
}

function noResponse(id: string): GatewayError {
  return new GatewayError('not_found', { message: `Response with id '${id.slice(0, 100)}' not found.` });
}

async function answerJson(deps: StoredResponsesDeps, exchange: Exchange, text: string): Promise<void> {
  const body = Buffer.from(text);
  const answer = createAnswer(deps, exchange);
  answer.head(200, { 'content-type': 'application/json', 'content-length': String(body.length) });
  await answer.aside(body);
  await answer.end();
}
