import type { Sink } from '@sluice/kit/http/exchange';
import type { Scheduler } from '@sluice/kit/time/scheduler';

/** A CDN gives an answer's first byte up after 120 s. */
const SILENT_START_MS = 100_000;
const PAUSE_MS = 10_000;

/**
 * Keeps a whole JSON answer's connection alive: after 100 s without a head it commits to a 200 and sends spaces, which
 * JSON takes before its value. What comes then comes under that status, an error object too (architecture.md §5).
 * @param headOf the headers of such an answer
 */
export function createPaddedSink(sink: Sink, scheduler: Scheduler, headOf: () => Record<string, string>): Sink {
  let begun = false;
  let padded = false;
  const pad = (): void => {
    if (begun || sink.gone.aborted) return;
    if (!padded) {
      padded = true;
      // Retries would ask for another generation.
      sink.head(200, { ...headOf(), 'content-type': 'application/json', 'x-should-retry': 'false' });
    }
    void sink.write(SPACE);
    cancel = scheduler.after(PAUSE_MS, pad);
  };
  let cancel = scheduler.after(SILENT_START_MS, pad);
  const begin = (): void => {
    begun = true;
    cancel();
  };
  return {
    gone: sink.gone,
    head(status, headers) {
      begin();
      if (!padded) sink.head(status, headers);
    },
    write: (bytes) => sink.write(bytes),
    end() {
      begin();
      return sink.end();
    },
    destroy() {
      begin();
      sink.destroy();
    },
  };
}

const SPACE = Buffer.from(' ');
