import type { PlainRequest } from '@sluice/kit/http/exchange';
import { encodeErrorAsContent } from '@sluice/llm/formats/openai-chat/errors';
import type { ContentStore } from '../content/store.ts';
import type { MediaStore } from '../media/media-store.ts';
import type { Uploads } from '../media/uploads.ts';
import type { Authenticate } from './authenticate.ts';
import { chat, deleteChatSession, getChatSession, listChatSessions } from './chat-sessions.ts';
import { countTokens } from './count-tokens.ts';
import { GEMINI_EMBEDDINGS_RELAYED } from './embed-format.ts';
import type { Exchange } from './exchange.ts';
import { converseFilm } from './films/chat-film.ts';
import { createFilm } from './films/create-film.ts';
import { deleteFilm, getFilm } from './films/get-film.ts';
import { readGeminiPath } from './gemini-path.ts';
import { drawImages, getImageMethod } from './images/image-operations.ts';
import { cancelImageJob, createImageJob, getImageJob, type ImageJobDeps } from './image-job-calls.ts';
import { createJsonArraySink } from './json-array-sink.ts';
import { getModel, listModels } from './models.ts';
import { createRelay, type Relay, type RelayDeps } from './relay.ts';
import type { Router } from './route.ts';
import { cancelResponse, createResponse, deleteResponse, getResponse } from './stored-responses.ts';
import { createUpload, uploadImage } from './uploads.ts';

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
  | 'cancel-response'
  | 'create-image-job'
  | 'get-image-job'
  | 'cancel-image-job'
  | 'chat'
  | 'chat-stream'
  | 'list-chats'
  | 'get-chat'
  | 'delete-chat'
  | 'images-generate'
  | 'images-edit'
  | 'images-method'
  | 'create-video'
  | 'get-video'
  | 'delete-video'
  | 'upload-image'
  | 'create-upload';

/** @param rest what the path's last segment stood for */
type Operation = (exchange: Exchange, rest: string) => Promise<void>;

export interface OperationDeps
  extends Omit<RelayDeps, 'converseFilm'>, Omit<ImageJobDeps, 'router' | 'authenticate' | 'relay'> {
  authenticate: Authenticate;
  router: Router;
  content: ContentStore;
  media: MediaStore;
  uploads: Uploads;
}

/** What each operation of the route table does. @throws GatewayError, to be told in the caller's dialect */
export function createOperations(given: OperationDeps): Readonly<Record<RelayOperation, Operation>> {
  const relay: Relay = createRelay({ ...given, converseFilm: (spoken) => converseFilm({ ...given, relay }, spoken) });
  const deps = { ...given, relay };
  return {
    relay,
    'relay-streaming': (exchange) => {
      exchange.request = streamUnlessTold(exchange.request);
      exchange.tellInBand = encodeErrorAsContent;
      return relay(exchange);
    },
    gemini: (exchange, rest) => performGemini(deps, exchange, rest),
    'count-tokens': (exchange) => countTokens(deps, exchange),
    'list-models': (exchange) => listModels(deps, exchange),
    'get-model': (exchange, rest) => getModel(deps, exchange, rest),
    'create-response': (exchange) => createResponse(deps, exchange),
    'get-response': (exchange, rest) => getResponse(deps, exchange, rest),
    'delete-response': (exchange, rest) => deleteResponse(deps, exchange, rest),
    'cancel-response': (exchange, rest) => cancelResponse(deps, exchange, rest),
    'create-image-job': (exchange) => createImageJob(deps, exchange),
    'get-image-job': (exchange, rest) => getImageJob(deps, exchange, rest),
    'cancel-image-job': (exchange, rest) => cancelImageJob(deps, exchange, rest),
    chat: (exchange) => chat(deps, exchange, false),
    'chat-stream': (exchange) => chat(deps, exchange, true),
    'list-chats': (exchange) => listChatSessions(deps, exchange),
    'get-chat': (exchange, rest) => getChatSession(deps, exchange, rest),
    'delete-chat': (exchange, rest) => deleteChatSession(deps, exchange, rest),
    'images-generate': (exchange) => drawImages(deps, exchange, 'generate'),
    'images-edit': (exchange) => drawImages(deps, exchange, 'edit'),
    'images-method': (exchange) => getImageMethod(deps, exchange),
    'create-video': (exchange) => createFilm(deps, exchange),
    'get-video': (exchange, rest) => getFilm(deps, exchange, rest),
    'delete-video': (exchange, rest) => deleteFilm(deps, exchange, rest),
    'upload-image': (exchange) => uploadImage(deps, exchange),
    'create-upload': (exchange) => createUpload(deps, exchange),
  };
}

function performGemini(deps: OperationDeps & { relay: Operation }, exchange: Exchange, rest: string): Promise<void> {
  const { method, facts } = readGeminiPath(rest, exchange.request.query);
  exchange.path = facts;
  if (facts.jsonArray) exchange.sink = createJsonArraySink(exchange.sink);
  if (method === 'countTokens') return countTokens(deps, exchange);
  if (method === 'embedContent' || method === 'batchEmbedContents') exchange.format = GEMINI_EMBEDDINGS_RELAYED;
  return deps.relay(exchange, '');
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
