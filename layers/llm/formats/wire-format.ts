import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { ObjectScan } from '@sluice/kit/json/members';
import type { EventBlock } from '@sluice/kit/stream/sse-framing';
import type { BodyQuirks } from '../upstreams/vendor.ts';
import type { Codec } from './codec.ts';
import type { EmbedWireFormat } from './embed-wire-format.ts';
import type { ClientFormatName } from './format-name.ts';
import type { ModelFeatures } from './model-features.ts';
import type { PathFacts } from './path-facts.ts';
import type { UsageFigures } from './usage-figures.ts';

/** What the relay must know of a request; the rest of the body is none of its business. */
export interface RequestFacts {
  /** The public model that the client asks for. */
  model: string;
  stream: boolean;
  /** The client asked for a usage report in its stream. */
  wantsStreamUsage: boolean;
  /** Answers asked for. */
  choices: number;
  /** The longest answer that the client wants, in tokens; null when it does not say. */
  maxOutputTokens: number | null;
  /** Tokens that the request's images and sounds may count as, beyond its bytes. */
  mediaTokens: number;
  /** What it counts for in the quota of its model's class, where that is not what its form suggests. */
  units?: number | undefined;
  /** Pictures asked for. */
  pictures?: number | undefined;
  /** Bytes of the body that are read as text, where that is not all of them. */
  textBytes?: number | undefined;
  /** Seconds of film asked for. */
  videoSeconds?: number | undefined;
  scan: ObjectScan;
}

/** What the upstream is sent in place of what the client wrote. */
export interface PreparedFor {
  /** The upstream's own name of the model. */
  model: string;
  /** An answer may have at most so many tokens; null leaves the client's own word. */
  outputCap: number | null;
  /** The field that this upstream reads the cap from, where the client named none. */
  outputCapField: OutputCapField;
  /** Members that the vendor wants in the body or does not know there. */
  body: BodyQuirks;
}

export type OutputCapField = ModelFeatures['outputCapField'];

/** Text that a client received, kept to be counted if the upstream never reports. */
export interface DeliveredText {
  output: string;
  reasoning: string;
  /** Bytes of text beyond what is kept; of an endless answer not all can be. */
  unkeptBytes?: number;
}

/** What an answer has shown so far. */
export interface AnswerFacts {
  /** The upstream's last report; null while there is none. */
  readonly usage: UsageFigures | null;
  /** Every choice has said why it finished. */
  readonly finished: boolean;
  /** The format's end marker was seen. */
  readonly ended: boolean;
  /** The upstream reported an error inside the answer. */
  readonly failed: boolean;
}

/** Looks at the events of a stream on their way from an upstream to a client of the same format. */
export interface StreamTap extends AnswerFacts {
  /** What of the block goes to the client: the same bytes, less events that only we asked for; null for nothing. */
  see(block: EventBlock): Buffer | null;
  delivered(): DeliveredText;
  /** The upstream closed its stream: what the client is still owed, where the tap makes the client's events. */
  close?(): Buffer | null;
  /** What the upstream reported, where the tap understands it; null while it has not. */
  readonly error?: GatewayError | null;
}

export interface BodyFacts {
  usage: UsageFigures | null;
  delivered: DeliveredText;
}

/** A wire language of clients: passing it through to upstreams of the same language, and its way into others. */
export interface WireFormat {
  name: ClientFormatName;
  /** Null in languages in which no conversation is led (`embed`). */
  codec: Codec | null;
  embed?: EmbedWireFormat | undefined;
  /**
   * @param path what the path says; null in formats whose paths say nothing
   * @throws GatewayError naming the field at fault, or the place where the JSON breaks
   */
  readRequest(body: Buffer, path?: PathFacts | null): RequestFacts;
  /** As `readRequest`, of a body that is only to be counted. @throws as it does */
  readCountRequest(body: Buffer, path?: PathFacts | null): RequestFacts;
  /** The whole answer to a request that only counted. */
  encodeTokenCount(tokens: number): string;
  /** What all requests of one conversation have in common, for the upstream's prompt cache; null when nothing. */
  readConversation(body: Buffer, facts: RequestFacts): string | Buffer | null;
  /** The body for the upstream: the same bytes with the declared edits. */
  prepareBody(body: Buffer, facts: RequestFacts, upstream: PreparedFor): Buffer;
  createStreamTap(facts: RequestFacts): StreamTap;
  /** Reads a whole answer, or as much of it as there is. */
  readBody(body: Buffer): BodyFacts;
  /** Tokens of the request by the tokenizer; slow, for answers that nobody reported on. */
  countRequest(body: Buffer): Promise<number>;
  countText(text: string): Promise<number>;
  /** A whole event that tells an error inside a stream. */
  encodeStreamError(error: GatewayError): Buffer;
  /** The upstream's own sentence, out of an error body. */
  decodeErrorMessage(body: Buffer): string | null;
  /** A whole event that clients ignore. */
  ping: Buffer;
  endMarker: Buffer;
}
