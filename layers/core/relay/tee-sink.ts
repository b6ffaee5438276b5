import type { Sink } from '@sluice/kit/http/exchange';

/** What a client was sent, as far as it was kept. */
export interface SentAnswer {
  status: number;
  isStream: boolean;
  bytes: Buffer;
}

/** Longer answers are passed on and not kept. */
const MOST_KEPT_BYTES = 8 * 1024 * 1024;

/**
 * Passes an answer on and keeps a copy; `onEnd` is waited for before the answer ends, since a Lambda function may be
 * frozen from then on. It hears nothing of an answer that was broken off or too long.
 */
export function createTeeSink(sink: Sink, onEnd: (sent: SentAnswer) => Promise<void>): Sink {
  let status = 0;
  let isStream = false;
  let kept: Uint8Array[] | null = [];
  let keptBytes = 0;
  let ending: Promise<void> | null = null;

  const finish = async (): Promise<void> => {
    // The end of an answer that the client waits for must not hang on what is kept of it.
    if (kept !== null) await onEnd({ status, isStream, bytes: Buffer.concat(kept) }).catch(() => undefined);
    await sink.end();
  };
  return {
    gone: sink.gone,
    head(code, headers) {
      status = code;
      const type = headers['content-type'];
      isStream = typeof type === 'string' && type.startsWith('text/event-stream');
      sink.head(code, headers);
    },
    write(bytes) {
      keptBytes += bytes.length;
      if (keptBytes > MOST_KEPT_BYTES) kept = null;
      kept?.push(bytes);
      return sink.write(bytes);
    },
    end: () => (ending ??= finish()),
    destroy() {
      kept = null;
      sink.destroy();
    },
  };
}
