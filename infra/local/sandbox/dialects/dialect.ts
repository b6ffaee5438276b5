import type { IncomingMessage } from 'node:http';
import type { ChatRequest } from '../chat-request.ts';
import type { PlannedCompletion } from '../completion.ts';
import type { Directives } from '../directives.ts';
import type { OpenAiError } from '../openai-error.ts';

/** Everything of one answer, worked out before a byte is sent. */
export interface Answer {
  request: ChatRequest;
  directives: Directives;
  plan: PlannedCompletion;
  /** Hexadecimal, the same for the same request. */
  seed: string;
  /** Seconds since the epoch. */
  created: number;
  withUsage: boolean;
}

/** What stands in a path instead of the body. */
export interface PathFacts {
  model?: string;
  stream?: boolean;
}

/** How one vendor's wire language is read and written. */
export interface Dialect {
  /** Throws `OpenAiError`, whose facts the dialect puts into its own envelope. */
  authorize(request: IncomingMessage): void;
  readRequest(body: unknown, path: PathFacts): ChatRequest;
  renderWhole(answer: Answer): object;
  /** Whole events of the stream, end marker included. */
  renderEvents(answer: Answer): Iterable<string>;
  errorBody(error: OpenAiError): string;
  errorEvent(error: OpenAiError): string;
}
