import type { ServerResponse } from 'node:http';
import type { Sink } from './exchange.ts';

/** A Node response as a sink; `write` waits while the client's side is full. */
export function createNodeSink(response: ServerResponse): Sink {
  const leaving = new AbortController();
  let closed = false;
  let resume: (() => void) | null = null;
  const wake = (): void => {
    const waiter = resume;
    resume = null;
    waiter?.();
  };
  response.on('close', () => {
    closed = true;
    if (!response.writableFinished) leaving.abort();
    wake();
  });
  return {
    gone: leaving.signal,
    head(status, headers) {
      if (!closed) response.writeHead(status, headers);
    },
    write(bytes) {
      if (closed || response.write(bytes)) return undefined;
      return new Promise((resolve) => {
        resume = resolve;
        response.once('drain', wake);
      });
    },
    end() {
      if (!closed) response.end();
    },
    destroy() {
      response.destroy();
    },
  };
}
