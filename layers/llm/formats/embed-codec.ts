import type { EmbedRequest, EmbedResponse } from '../neutral/embed.ts';
import type { JsonObject } from '../neutral/json.ts';
import type { Warn } from '../neutral/warning.ts';

/** Wire languages of embeddings. */
export type EmbedFormatName = 'openai-embeddings' | 'gemini';

/** One upstream call for embeddings. */
export interface EmbedCallContext {
  /** The upstream's own name of the model. */
  model: string;
  warn: Warn;
}

/** The client's side of one request for embeddings. */
export interface EmbedClientContext {
  /** The public name that the client asked for: answers carry it. */
  model: string;
  request: EmbedRequest;
}

/** A language of embeddings in both directions, as `Codec` is one of conversations. */
export interface EmbedCodec {
  readonly name: EmbedFormatName;
  /** @throws GatewayError `invalid_field` naming the field's path. Strict: this is what clients write. */
  decodeRequest(body: JsonObject): EmbedRequest;
  /** @throws GatewayError `invalid_field` where the format cannot say what the answer depends on */
  encodeRequest(request: EmbedRequest, call: EmbedCallContext): JsonObject;
  /** Which of the upstream's endpoints takes this body. */
  operationOf(body: JsonObject): 'embed' | 'embed-batch';
  /** Loose. @throws GatewayError `upstream_error` when it is no answer at all */
  decodeResponse(body: JsonObject, call: EmbedCallContext): EmbedResponse;
  encodeResponse(response: EmbedResponse, client: EmbedClientContext): JsonObject;
}
