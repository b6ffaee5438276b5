import type { UpstreamExchange } from '@sluice/kit/http/upstream-exchange';
import type { BodyFacts, RequestFacts, StreamTap, WireFormat } from '@sluice/llm/formats/wire-format';
import type { JsonObject } from '@sluice/llm/neutral/json';
import type { UpstreamOperation } from '@sluice/llm/upstreams/vendor';
import type { Candidate } from './candidates.ts';
import type { Answer } from './answer.ts';
import type { AttemptResult } from './served.ts';
import type { Watch } from './watch.ts';

/** A whole answer in the client's language. */
export interface WholeAnswer {
  bytes: Buffer;
  facts: BodyFacts;
}

/** How one candidate is spoken to, and how its answer reaches the client. */
export interface Language {
  operation: UpstreamOperation;
  /** The body for the upstream. */
  body: Buffer;
  /** Of the body, where it is not the one of the client's. */
  contentType?: string | undefined;
  /** Takes the answer to the client where it is neither a stream nor one whole body of JSON in either language. */
  pass?: Pass | undefined;
  /** Same language on both sides: the answer passes as it is. */
  isSame: boolean;
  /** Looks at the upstream's events, or makes the client's of them. */
  createStreamTap(): StreamTap;
  /**
   * A whole answer as the client asked for it, streamed or not, whichever way the upstream gave it.
   * @param isEvents the upstream streamed
   * @throws GatewayError `upstream_error` when the body is no answer
   */
  convertWhole(body: Buffer, isEvents: boolean): WholeAnswer;
}

/** Speaks to candidate after candidate of one request; the request is decoded at most once. */
export interface Interpreter {
  /** @throws GatewayError where the candidate's language cannot say what was asked for */
  speakTo(candidate: Candidate, outputCap: number | null): Language;
  /** Input tokens that were counted beside the call, for formats that tell them at the start of a stream. */
  tellInputTokens(tokens: number): void;
  /** The request in the candidate's language, before anything is sent. @throws as `speakTo` */
  encodeFor(candidate: Candidate): JsonObject;
}

/** One upstream's answer on its way to the client, to the client. */
export interface Passage {
  format: WireFormat;
  language: Language;
  facts: RequestFacts;
  candidate: Candidate;
  upstream: UpstreamExchange;
  answer: Answer;
  watch: Watch;
  /** Silence after which a stream that has begun is kept alive. */
  pingMs: number;
  /** The client went away. */
  isGone(): boolean;
  /** Somebody else can be asked as long as no content went out. */
  canRetry: boolean;
  /** Told once, when the first content is about to go out. */
  onContent(): void;
}

export type Pass = (passage: Passage) => Promise<AttemptResult>;
