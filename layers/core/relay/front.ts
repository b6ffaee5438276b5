import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { PlainRequest, Sink } from '@sluice/kit/http/exchange';
import { envelopeOf } from '@sluice/kit/http/path-envelopes';
import { createRouter, type RouteRow } from '@sluice/kit/http/router';
import { createRequestId } from '@sluice/kit/ids/request-id';
import type { WireFormat } from '@sluice/llm/formats/wire-format';
import { createPool } from '../credentials/pool.ts';
import type { ContentStore } from '../content/store.ts';
import type { PoolStateStore } from '../credentials/pool-state.ts';
import { asGatewayError, createAnswer } from './answer.ts';
import { chat, deleteChatSession, getChatSession, listChatSessions } from './chat-sessions.ts';
import { countTokens } from './count-tokens.ts';
import { createAuthenticate, type AuthenticateDeps } from './authenticate.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { readClientRequestId, type Exchange } from './exchange.ts';
import { GEMINI_EMBEDDINGS_RELAYED } from './embed-format.ts';
import { readGeminiPath } from './gemini-path.ts';
import { createJsonArraySink } from './json-array-sink.ts';
import { getModel, listModels } from './models.ts';
import { createRelay, type RelayDeps } from './relay.ts';
import { createRouter as createModelRouter, type RouteDeps } from './route.ts';
import { createResponse, deleteResponse, getResponse } from './stored-responses.ts';

/** What a path of the relay does; `gemini` is whatever `models/{model}:{method}` says. */
export type RelayOperation =
  | 'relay'
  /** As `relay`, of a surface that streams where its client says nothing. */
  | 'relay-streaming'
  | 'count-tokens'
  | 'list-models'
  | 'get-model'
  | 'gemini'
  | 'create-response'
  | 'get-response'
  | 'delete-response'
  | 'chat'
  | 'chat-stream'
  | 'list-chats'
  | 'get-chat'
  | 'delete-chat';

type KeptOperation = Exclude<
  RelayOperation,
  'relay' | 'relay-streaming' | 'count-tokens' | 'list-models' | 'get-model' | 'gemini'
>;

export interface RelayRoute extends RouteRow {
  operation: RelayOperation;
  /** The language of the path; whose error object its callers read is told by `envelopeOf`. */
  format: WireFormat;
  /** Streams begin with their true input tokens, counted beside the call where the upstream does not say them. */
  tellsInputFirst?: true;
}

export interface FrontDeps
  extends
    Omit<RelayDeps, 'authenticate' | 'router' | 'pool'>,
    Omit<AuthenticateDeps, 'cacheLifeMs' | 'catalog'>,
    Omit<RouteDeps, 'cacheLifeMs' | 'pool' | 'catalog'> {
  catalog: RouteDeps['catalog'] & AuthenticateDeps['catalog'];
  poolStates: PoolStateStore;
  content: ContentStore;
  routes: readonly RelayRoute[];
  /** Stands in for paths that are not in the table, of which nothing but errors is told. */
  defaultFormat: WireFormat;
  /** How long keys, users, models, credentials and settings may be believed; 10 s when left out, and never more. */
  cacheLifeMs?: number;
}

export type Handle = (request: PlainRequest, sink: Sink) => Promise<void>;

const LONGEST_CACHE_LIFE_MS = 10_000;
/** Of a path that is told back. */
const LONGEST_ECHO = 200;

/** The relay's front: from a plain request to its operation; whatever goes wrong is told in the path's language. */
export function createFront(deps: FrontDeps): Handle {
  const cacheLifeMs = Math.min(deps.cacheLifeMs ?? LONGEST_CACHE_LIFE_MS, LONGEST_CACHE_LIFE_MS);
  const paths = createRouter(deps.routes);
  const pool = createPool(deps);
  const router = createModelRouter({ ...deps, pool, cacheLifeMs });
  const authenticate = createAuthenticate({ ...deps, cacheLifeMs });
  const relay = createRelay({ ...deps, pool, router, authenticate });
  const models = { ...deps, router, authenticate };
  const counting = { ...deps, router, authenticate };
  const kept = { ...deps, router, authenticate, relay };

  const perform = async (exchange: Exchange): Promise<void> => {
    const { request } = exchange;
    const match = paths.match(request.method, request.path);
    if (request.headers['origin'] !== undefined) {
      const settings = await router.settings();
      exchange.surfaceHeaders = corsHeaders(settings.browserOrigins, request.headers['origin']);
    }
    if (match === null) {
      throw new GatewayError('not_found', { message: `Unknown request URL: ${addressOf(request)}.` });
    }
    if ('allowed' in match) {
      const mayAsk = exchange.surfaceHeaders['access-control-allow-origin'] !== undefined;
      if (request.method === 'OPTIONS' && mayAsk) return answerPreflight(deps, exchange, match.allowed);
      const allow = match.allowed.join(', ');
      throw new GatewayError('method_not_allowed', {
        message: `${addressOf(request)} is not allowed. Allowed: ${allow}.`,
        headers: { allow },
      });
    }
    exchange.format = match.row.format;
    exchange.tellsInputFirst = match.row.tellsInputFirst ?? false;
    switch (match.row.operation) {
      case 'relay':
        return relay(exchange);
      case 'relay-streaming':
        exchange.request = streamUnlessTold(exchange.request);
        return relay(exchange);
      case 'count-tokens':
        return countTokens(counting, exchange);
      case 'gemini':
        return performGemini(exchange, match.rest);
      default:
        return performKept(match.row.operation, exchange, match.rest);
      case 'list-models':
        return listModels(models, exchange);
      case 'get-model':
        return getModel(models, exchange, match.rest);
    }
  };

  const performKept = (operation: KeptOperation, exchange: Exchange, rest: string): Promise<void> => {
    switch (operation) {
      case 'create-response':
        return createResponse(kept, exchange);
      case 'get-response':
        return getResponse(kept, exchange, rest);
      case 'delete-response':
        return deleteResponse(kept, exchange, rest);
      case 'chat':
      case 'chat-stream':
        return chat(kept, exchange, operation === 'chat-stream');
      case 'list-chats':
        return listChatSessions(kept, exchange);
      case 'get-chat':
        return getChatSession(kept, exchange, rest);
      case 'delete-chat':
        return deleteChatSession(kept, exchange, rest);
    }
  };
  const performGemini = (exchange: Exchange, rest: string): Promise<void> => {
    const { method, facts } = readGeminiPath(rest, exchange.request.query);
    exchange.path = facts;
    if (facts.jsonArray) exchange.sink = createJsonArraySink(exchange.sink);
    if (method === 'generateContent' || method === 'streamGenerateContent') return relay(exchange);
    if (method === 'countTokens') return countTokens(counting, exchange);
    exchange.format = GEMINI_EMBEDDINGS_RELAYED;
    return relay(exchange);
  };

  return async (request, sink) => {
    const exchange = beginExchange(deps, request, sink);
    try {
      await perform(exchange);
    } catch (thrown) {
      const error = asGatewayError(thrown);
      const fields = { request_id: exchange.requestId, code: error.code, internal: error.internal };
      if (error.status >= 500) deps.logger.error('front_error', fields);
      const answer = createAnswer(deps, exchange);
      answer.fail(error);
      await answer.end();
    }
  };
}

function addressOf({ method, path }: PlainRequest): string {
  return `${method} ${path.slice(0, LONGEST_ECHO)}`;
}

/** Contracts disagree on what a request without `stream` asks for; this adds the word where a surface's clients leave it out. */
function streamUnlessTold(request: PlainRequest): PlainRequest {
  const { body } = request;
  if (request.headers['content-encoding'] !== undefined || body.includes('"stream"')) return request;
  const end = body.lastIndexOf('}');
  if (end < 0) return request;
  const comma = /\{\s*$/.test(body.toString('latin1', 0, end)) ? '' : ',';
  const added = Buffer.from(`${comma}"stream":true}`);
  return { ...request, body: Buffer.concat([body.subarray(0, end), added]) };
}

function beginExchange(deps: FrontDeps, request: PlainRequest, sink: Sink): Exchange {
  const startedAt = deps.clock();
  return {
    requestId: createRequestId(startedAt),
    clientRequestId: readClientRequestId(request.headers),
    request,
    sink,
    format: deps.defaultFormat,
    path: null,
    tellsInputFirst: false,
    envelope: envelopeOf({ path: request.path, headers: request.headers, publicApiPrefix: null }),
    startedAt,
    startedMono: deps.scheduler.monotonicMs(),
    caller: null,
    attempts: [],
    warnings: [],
    timings: [],
    surfaceHeaders: {},
    servedBy: null,
  };
}

async function answerPreflight(deps: FrontDeps, exchange: Exchange, allowed: readonly string[]): Promise<void> {
  const answer = createAnswer(deps, exchange);
  answer.head(204, preflightHeaders(allowed, exchange.request.headers));
  await answer.end();
}
