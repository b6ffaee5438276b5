import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/** Bytes that may wait here before the upstream is asked to pause. */
const MOST_WAITING_BYTES = 256 * 1024;

/** Longer pieces are not copied together. */
const MOST_JOINED_BYTES = 16 * 1024;

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
  /** Some bytes of the answer wait to be taken. */
  readonly hasBytes: boolean;
  /** Why the exchange broke; null while it has not. Bytes that came before can still be taken. */
  readonly failure: Error | null;
  /** The next bytes, when some have come; small pieces that came together are one. */
  take(): Buffer | null;
  /** Resolves when there is something new: the status, bytes, the end or the failure. Never rejects; one waiter. */
  changed(): Promise<void>;
  /** Breaks the call off. Nothing comes after it. */
  abort(reason: Error): void;
  /** Lets the rest of the answer pass by unseen, so that the connection can be used again. */
  discard(): void;
  readonly handler: Dispatcher.DispatchHandler;
}

export interface UpstreamExchangeOptions {
  /** Sends the call anew after it broke without a word of an answer; false when it is not to be. */
  sendAgain?(error: Error): boolean;
}

export function createUpstreamExchange({ sendAgain }: UpstreamExchangeOptions = {}): UpstreamExchange {
  const queue = createByteQueue();
  const news = createNews();
  let status = 0;
  let headers: IncomingHttpHeaders = {};
  let controller: Dispatcher.DispatchController | null = null;
  let ended = false;
  let discarding = false;
  let answering = false;
  let failure: Error | null = null;

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(given) {
      controller = given;
      if (failure) given.abort(failure);
    },
    onResponseStart(_controller, statusCode, given) {
      answering = true;
      if (statusCode < 200) return;
      status = statusCode;
      headers = given;
      news.wake();
    },
    onResponseData(given, chunk) {
      if (discarding || failure) return;
      queue.add(chunk);
      if (queue.bytes > MOST_WAITING_BYTES) given.pause();
      news.wake();
    },
    onResponseEnd() {
      ended = true;
      news.wake();
    },
    onResponseError(_controller, error) {
      if (!answering && !failure && sendAgain?.(error)) return;
      if (!ended) failure ??= error;
      news.wake();
    },
  };
  const resuming = <Taken>(taken: Taken): Taken => {
    if (queue.bytes === 0 && controller?.paused) controller.resume();
    return taken;
  };

  return {
    handler,
    changed: news.changed,
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
      return ended && queue.bytes === 0;
    },
    get hasBytes() {
      return queue.bytes > 0;
    },
    get failure() {
      return failure;
    },
    take: () => resuming(queue.take()),
    abort(reason) {
      if (ended || failure) return;
      failure = reason;
      queue.clear();
      controller?.abort(reason);
      news.wake();
    },
    discard() {
      discarding = true;
      resuming(queue.clear());
    },
  };
}

interface ByteQueue {
  readonly bytes: number;
  add(chunk: Buffer): void;
  take(): Buffer | null;
  clear(): void;
}

function createByteQueue(): ByteQueue {
  let chunks: Buffer[] = [];
  let next = 0;
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    add(chunk) {
      chunks.push(chunk);
      bytes += chunk.length;
    },
    take() {
      const first = chunks[next];
      if (first === undefined) return null;
      let end = next + 1;
      let length = first.length;
      // What waits already goes on together: one look at it and one write.
      for (let more = chunks[end]; more && length + more.length <= MOST_JOINED_BYTES; more = chunks[end]) {
        length += more.length;
        end += 1;
      }
      const taken = end === next + 1 ? first : Buffer.concat(chunks.slice(next, end), length);
      next = end;
      bytes -= length;
      if (next === chunks.length) {
        chunks = [];
        next = 0;
      }
      return taken;
    },
    clear() {
      chunks = [];
      next = 0;
      bytes = 0;
    },
  };
}

/** Wakes one waiter; news that nobody waits for is kept for the next. */
function createNews(): { wake(): void; changed(): Promise<void> } {
  let notify: (() => void) | null = null;
  let unheard = false;
  return {
    wake() {
      const waiter = notify;
      notify = null;
      if (waiter) waiter();
      else unheard = true;
    },
    changed() {
      if (unheard) {
        unheard = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        notify = resolve;
      });
    },
  };
}
