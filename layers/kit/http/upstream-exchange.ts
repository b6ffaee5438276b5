import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/** Bytes that may wait here before the upstream is asked to pause. */
const MOST_WAITING_BYTES = 256 * 1024;

/** One call to an upstream: what came back so far, and a way to wait for more. */
export interface UpstreamExchange {
  /** The upstream's final status; 0 until it answers. */
  readonly status: number;
  /** Lower-case names; empty until the upstream answers. */
  readonly headers: IncomingHttpHeaders;
  /** The request reached a connection, so the upstream may have read it. */
  readonly started: boolean;
  /** The answer is complete and all of it was taken. */
  readonly finished: boolean;
  /** Why the exchange broke; null while it has not. Bytes that came before can still be taken. */
  readonly failure: Error | null;
  /** The next bytes, when some have come. */
  take(): Buffer | null;
  /** Resolves when there is something new: the status, bytes, the end or the failure. Never rejects; one waiter. */
  changed(): Promise<void>;
  /** Wakes the waiter, for somebody who has news of another kind. */
  wake(): void;
  /** Breaks the call off. Nothing comes after it. */
  abort(reason: Error): void;
  /** Lets the rest of the answer pass by unseen, so that the connection can be used again. */
  discard(): void;
  readonly handler: Dispatcher.DispatchHandler;
}

export function createUpstreamExchange(): UpstreamExchange {
  let status = 0;
  let headers: IncomingHttpHeaders = {};
  let controller: Dispatcher.DispatchController | null = null;
  let chunks: Buffer[] = [];
  let next = 0;
  let waitingBytes = 0;
  let ended = false;
  let discarding = false;
  let failure: Error | null = null;
  let notify: (() => void) | null = null;
  /** News came while nobody waited. */
  let news = false;

  const wake = (): void => {
    const waiter = notify;
    notify = null;
    if (waiter) waiter();
    else news = true;
  };
  const fail = (error: Error): void => {
    if (!ended) failure ??= error;
    wake();
  };

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(given) {
      controller = given;
      if (failure) given.abort(failure);
    },
    onResponseStart(_controller, statusCode, given) {
      if (statusCode < 200) return;
      status = statusCode;
      headers = given;
      wake();
    },
    onResponseData(given, chunk) {
      if (discarding || failure) return;
      chunks.push(chunk);
      waitingBytes += chunk.length;
      if (waitingBytes > MOST_WAITING_BYTES) given.pause();
      wake();
    },
    onResponseEnd() {
      ended = true;
      wake();
    },
    onResponseError: (_controller, error) => fail(error),
  };

  return {
    handler,
    wake,
    get status() {
      return status;
    },
    get headers() {
      return headers;
    },
    get started() {
      return controller !== null;
    },
    get finished() {
      return ended && next === chunks.length;
    },
    get failure() {
      return failure;
    },
    take() {
      const chunk = chunks[next];
      if (chunk === undefined) return null;
      next += 1;
      waitingBytes -= chunk.length;
      if (next === chunks.length) {
        chunks = [];
        next = 0;
        if (controller?.paused) controller.resume();
      }
      return chunk;
    },
    changed() {
      if (news) {
        news = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        notify = resolve;
      });
    },
    abort(reason) {
      if (ended || failure) return;
      failure = reason;
      chunks = [];
      next = 0;
      controller?.abort(reason);
      wake();
    },
    discard() {
      discarding = true;
      chunks = [];
      next = 0;
      if (controller?.paused) controller.resume();
    },
  };
}
