import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { decodeRequestBody } from '@sluice/kit/http/content-encoding';
import { findMember, spliceMembers } from '@sluice/kit/json/members';
import { parseExact } from '@sluice/kit/json/parse-exact';
import { readSseEvent } from '@sluice/kit/stream/sse-event';
import { createEventFramer } from '@sluice/kit/stream/sse-framing';
import { parseBody } from '@sluice/llm/convert/request';
import { asBackground } from '@sluice/llm/formats/openai-responses/background';
import {
  expandBody,
  expandStored,
  inputItems,
  readStored,
  referencedResponses,
  resolveReferences,
} from '@sluice/llm/formats/openai-responses/expand-stored';
import type { RequestFacts } from '@sluice/llm/formats/wire-format';
import { isJsonObject, type Json, type JsonObject } from '@sluice/llm/neutral/json';
import type { Logger } from '@sluice/kit/log/logger';
import { aboutResponse } from '../content/conversation-about.ts';
import type { ContentStore, StoredResponse } from '../content/store.ts';
import { createAnswer, type AnswerDeps } from './answer.ts';
import { asStore, type Authenticate } from './authenticate.ts';
import { MOST_DECODED_BYTES, type Exchange } from './exchange.ts';
import {
  cancelBackground,
  createBackground,
  deleteBackground,
  findBackground,
  isBackgroundId,
  isUnwanted,
  wantsBackground,
  type BackgroundDeps,
} from './background-responses.ts';
import type { JobRun } from './job-work.ts';
import type { Relay } from './relay.ts';
import { createTeeSink, type SentAnswer } from './tee-sink.ts';

export interface StoredResponsesDeps extends AnswerDeps, BackgroundDeps {
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
  exchange.caller = caller;
  exchange.request = await decodeRequestBody(exchange.request, MOST_DECODED_BYTES);
  const facts = exchange.format.readRequest(exchange.request.body, null);
  if (wantsBackground(exchange.request.body, facts)) {
    return answerJson(deps, exchange, JSON.stringify(await createBackground(deps, exchange, facts)));
  }
  const { previous, keeps } = readStored(exchange.request.body, facts);
  const ownerId = caller.user.id;
  if (previous !== null) {
    const items = await findPrevious(deps, exchange, { ownerId, id: previous });
    takeBody(exchange, expandBody(exchange.request.body, facts, items));
  }
  if (exchange.request.body.includes(REFERENCE)) await resolveInput(deps, exchange, ownerId);
  return keeps ? relayAndKeep(deps, exchange, ownerId) : deps.relay(exchange);
}

/** Without it there is no reference to an item, however it is written. */
const REFERENCE = '"id"';

function takeBody(exchange: Exchange, body: Buffer): void {
  exchange.request = { ...exchange.request, body };
}

/** Clients that leave their items with the vendor name them by id and send nothing else of them. */
async function resolveInput({ content }: StoredResponsesDeps, exchange: Exchange, ownerId: string): Promise<void> {
  const { body } = exchange.request;
  const { scan } = exchange.format.readRequest(body, null);
  const input = inputItems(parseExact(memberText(body, scan, 'input')) as Json);
  const ids = referencedResponses(input).slice(0, MOST_REFERENCED);
  if (ids.length === 0) return;
  const stored = await asStore(Promise.all(ids.map((id) => content.findResponse(ownerId, id, exchange.startedAt))));
  const outputs = stored.flatMap((response) => (response ? outputOf(response) : []));
  const json = JSON.stringify(resolveReferences(input, outputs));
  takeBody(exchange, spliceMembers(body, scan, [{ key: 'input', json }]));
}

/** Turns of one conversation that are read for one request. */
const MOST_REFERENCED = 100;

function memberText(body: Buffer, scan: RequestFacts['scan'], name: string): string {
  const member = findMember(scan, name);
  return member ? body.toString('utf8', member.valueStart, member.valueEnd) : 'null';
}

async function findPrevious(
  { content }: StoredResponsesDeps,
  exchange: Exchange,
  { ownerId, id }: { ownerId: string; id: string },
): Promise<Json[]> {
  const stored = await asStore(content.findResponse(ownerId, id, exchange.startedAt));
  if (!stored) {
    throw new GatewayError('invalid_field', {
      message: `Previous response with id '${id.slice(0, 100)}' not found.`,
      param: 'previous_response_id',
    });
  }
  return expandStored(parseExact(stored.input) as Json[], outputOf(stored));
}

function outputOf({ response }: StoredResponse): Json[] {
  const { output } = parseExact(response) as { output?: Json };
  return Array.isArray(output) ? output : [];
}

async function relayAndKeep(deps: StoredResponsesDeps, exchange: Exchange, ownerId: string): Promise<void> {
  const { body } = exchange.request;
  exchange.sink = createTeeSink(exchange.sink, async (sent) => {
    const response = readResponse(sent, exchange.run);
    const id = response?.['id'];
    if (!response || typeof id !== 'string') return;
    const input = inputItems(parseBody(body)['input']);
    const stored: StoredResponse = {
      id,
      ownerId,
      createdAt: exchange.startedAt,
      expiresAt: exchange.startedAt + RESPONSE_LIFE_MS,
      input: JSON.stringify(input),
      response: JSON.stringify(response),
    };
    const isKept = await deps.content.putResponse(stored, aboutResponse(input, response)).catch(() => false);
    if (!isKept) deps.logger.warn('response_not_kept', { request_id: exchange.requestId });
    // Its client may have deleted or cancelled it while it was being kept.
    else if (await isUnwanted(deps, exchange.run)) await deps.content.deleteResponse(ownerId, id);
  });
  await deps.relay(exchange);
}

const LAST_EVENTS = new Set(['response.completed', 'response.incomplete']);

/** The response object that the client got; null where it got none that is whole. */
function readResponse({ status, isStream, bytes }: SentAnswer, run: JobRun | null): JsonObject | null {
  if (status !== 200) return null;
  // Its client knows a response that is made in the background by the id of its job.
  if (!isStream && run?.job.operation === 'responses') return asBackground(bytes.toString(), run.job.id);
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
  const { user } = (exchange.caller = await deps.authenticate(exchange.request, exchange.startedAt, 'account'));
  const [id = '', part] = rest.split('/', 2);
  const made = part === undefined && isBackgroundId(id) ? await findBackground(deps, { account: user.id, id }) : null;
  if (made !== null) return answerJson(deps, exchange, JSON.stringify(made));
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
  const { user } = (exchange.caller = await deps.authenticate(exchange.request, exchange.startedAt, 'account'));
  const wasJob = isBackgroundId(id) && (await deleteBackground(deps, { account: user.id, id }));
  const wasKept = await asStore(deps.content.deleteResponse(user.id, id));
  if (!wasJob && !wasKept) throw noResponse(id);
  return answerJson(deps, exchange, JSON.stringify({ id, object: 'response', deleted: true }));
}

/**
 * `POST /v1/responses/{id}/cancel`: of what is made in the background; what has ended stays as it is.
 * @throws GatewayError `not_found`, `bad_request`
 */
export async function cancelResponse(deps: StoredResponsesDeps, exchange: Exchange, rest: string): Promise<void> {
  const { user } = (exchange.caller = await deps.authenticate(exchange.request, exchange.startedAt, 'account'));
  const [id = '', action, ...more] = rest.split('/');
  if (action !== 'cancel' || more.length > 0) throw noResponse(rest);
  const cancelled = isBackgroundId(id) ? await cancelBackground(deps, { account: user.id, id }) : null;
  if (cancelled !== null) return answerJson(deps, exchange, JSON.stringify(cancelled));
  if ((await asStore(deps.content.findResponse(user.id, id, exchange.startedAt))) === null) throw noResponse(id);
  throw new GatewayError('bad_request', { message: 'Only responses made in the background can be cancelled.' });
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
