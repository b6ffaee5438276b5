import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { JsonObject } from '../neutral/json.ts';
import type { ReasoningCarrier } from '../neutral/parts.ts';
import type { NeutralRequest } from '../neutral/request.ts';
import type { NeutralResponse } from '../neutral/response.ts';
import type { StreamPart } from '../neutral/stream.ts';
import type { Warn } from '../neutral/warning.ts';
import type { ClientFormatName, FormatName } from './format-name.ts';
import type { ModelFeatures } from './model-features.ts';

/** A wire language as upstreams speak it. */
export interface UpstreamCodec {
  readonly name: FormatName | ClientFormatName;
  /**
   * The body for the upstream. What the format cannot say is left out with `call.warn`, or refused where dropping it
   * would silently change the answer's meaning (`policy.ts`).
   * @throws GatewayError `invalid_field`
   */
  encodeRequest(request: NeutralRequest, call: CallContext): JsonObject;
  /** Loose: unknown members are ignored, absent ones have a default. @throws GatewayError `upstream_error` when it is no answer at all */
  decodeResponse(body: JsonObject, call: CallContext): NeutralResponse;
  createStreamDecoder(call: CallContext): StreamDecoder;
}

/**
 * A wire language in both directions. *Decode* is wire → neutral, *encode* neutral → wire. Facing a client a format
 * decodes requests and encodes answers; facing an upstream it encodes requests and decodes answers.
 */
export interface Codec extends UpstreamCodec {
  /** @throws GatewayError `invalid_field` naming the field's path. Strict: this is what clients write. */
  decodeRequest(body: JsonObject, client: ClientContext): NeutralRequest;
  encodeResponse(response: NeutralResponse, client: ClientContext): JsonObject;
  createStreamEncoder(client: ClientContext): StreamEncoder;
}

/** One event of an upstream's stream, framing removed. */
export interface WireEvent {
  /** SSE's `event` field (`message` when absent), or the event-stream frame's `:event-type`. */
  event: string;
  /** The JSON text, or an end marker such as `[DONE]`. */
  data: string;
}

/** Keeps the grammar of `StreamPart` whatever the upstream sends. Never throws: nonsense is a `failure`, unknown events are ignored. */
export interface StreamDecoder {
  push(event: WireEvent): readonly StreamPart[];
  /** The upstream closed its stream: what ends it properly, or a `failure` (`upstream_cut`); nothing when it had ended. */
  end(): readonly StreamPart[];
}

/** Turns parts into whole events of the client's stream, in its grammar. */
export interface StreamEncoder {
  /** The events' text, framing and end marker included; empty when nothing can be said yet. */
  push(part: StreamPart): string;
}

/** Seals reasoning carriers into one opaque text and opens them again. */
export interface CarrierPort {
  /** `[A-Za-z0-9_-]` only, so that it fits into ids and signatures of every format. */
  seal(carrier: ReasoningCarrier): string;
  /** Null: not an envelope of ours at all. `forged`: looks like one and is not, or was changed. */
  open(text: string): ReasoningCarrier | 'forged' | null;
}

/** The client's side of one request. */
export interface ClientContext {
  /** The public name that the client asked for: answers carry it. */
  model: string;
  /** Ours, for ids of answers in formats that want a prefix of their own. */
  requestId: string;
  /** For `created`. */
  nowSeconds: number;
  /** Usage belongs into the stream. */
  wantsStreamUsage: boolean;
  carriers: CarrierPort;
  warn: Warn;
  /** Input tokens counted before the upstream reported any (for `message_start`); null when nobody counted. */
  inputTokens: number | null;
  /** What an answer repeats of the request (Responses API); null where it is not at hand. */
  request: NeutralRequest | null;
  /** The request's own body, for answers that echo members of it. */
  requestBody: JsonObject | null;
  /** What Gemini keeps in the path in place of the body; other formats have none. */
  path?: { stream: boolean } | undefined;
}

/** One upstream call: filled by `encodeRequest`, read by the decoders of its answer. */
export interface CallContext {
  /** The upstream's own name of the model. */
  model: string;
  features: ModelFeatures;
  /** An answer may have at most so many tokens (a hard limit's hold); null leaves the client's own word. */
  outputCap: number | null;
  /** Who understands carriers of this call: `<format>@<upstream>`. */
  origin: string;
  warn: Warn;
  /** Tool names as sent upstream → as the client wrote them, where they differ. */
  toolNames: Map<string, string>;
  /** Names of `custom` tools that were sent as functions and must come back as custom calls. */
  customTools: Set<string>;
  /** The tool that stands for an answer after a schema, where the upstream has no structured output: its call is the text. */
  answerTool?: string | undefined;
}

/** How a format tells errors. */
export interface ErrorCodec {
  encodeError(error: GatewayError): string;
  encodeStreamError(error: GatewayError): Buffer;
  /** The upstream's own sentence, out of an error body. */
  decodeErrorMessage(body: Buffer): string | null;
}
