import type { ServerResponse } from 'node:http';
import type { Sink } from './exchange.ts';

/** Longer pieces are not copied into a frame of their own. */
const MOST_FRAMED_BYTES = 16 * 1024;
const LAST_CHUNK = '0\r\n\r\n';

/** A Node response as a sink; `write` waits while the client's side is full. */
export function createNodeSink(response: ServerResponse): Sink {
  const leaving = new AbortController();
  let closed = false;
  let isChunked = false;
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
      if (closed) return;
      response.writeHead(status, headers);
      // Node hands a chunk to the socket in four pieces, we in one (RFC 9112 §7.1).
      isChunked = response.chunkedEncoding && response.req.method !== 'HEAD';
      if (isChunked) response.chunkedEncoding = false;
    },
    write(bytes) {
      if (closed || (isChunked ? writeChunk(response, bytes) : response.write(bytes))) return undefined;
      return new Promise((resolve) => {
        resume = resolve;
        response.once('drain', wake);
      });
    },
    end() {
      if (closed) return;
      if (isChunked) response.end(LAST_CHUNK, 'latin1');
      else response.end();
    },
    destroy() {
      response.destroy();
    },
  };
}

function writeChunk(response: ServerResponse, bytes: Uint8Array): boolean {
  // A chunk of no length would be the end.
  if (bytes.length === 0) return true;
  const head = `${bytes.length.toString(16)}\r\n`;
  if (bytes.length > MOST_FRAMED_BYTES) {
    response.write(head, 'latin1');
    response.write(bytes);
    return response.write('\r\n', 'latin1');
  }
  const frame = Buffer.allocUnsafe(head.length + bytes.length + 2);
  frame.write(head, 'latin1');
  frame.set(bytes, head.length);
  frame[frame.length - 2] = 0x0d;
  frame[frame.length - 1] = 0x0a;
  return response.write(frame);
}
