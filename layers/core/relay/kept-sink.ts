import type { Sink } from '@sluice/kit/http/exchange';
import type { KeptAnswer } from '../media/job.ts';

/** Holds an answer back until it is kept; its pace is its own, whatever the client does. */
export interface KeptSink extends Sink {
  /** Every byte of it is there. */
  readonly isWhole: boolean;
  /** The answer went out without being kept: it is a stream, or too large. */
  readonly wasPassedOn: boolean;
  /** Null while there is none, and when it broke off. */
  answer(): KeptAnswer | null;
}

/** More than any answer of an upstream that is passed on in memory. */
const MOST_KEPT_BYTES = 48 * 1024 * 1024;

/**
 * @param client who gets what cannot be kept, as it comes; null: nobody
 * @param gone aborted when nobody wants the answer any more; a client that leaves is no reason
 */
export function createKeptSink(client: Sink | null, gone: AbortSignal): KeptSink {
  let status = 0;
  let headers: Record<string, string | string[]> = {};
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  let ended = false;
  let broken = false;
  let passedOn = false;

  const passOn = (): void => {
    passedOn = true;
    client?.head(status, headers);
    for (const chunk of chunks) void client?.write(chunk);
    chunks = [];
  };
  return {
    gone,
    head(code, given) {
      status = code;
      headers = given;
      if (isStream(given) && client !== null) passOn();
    },
    write(chunk) {
      bytes += chunk.length;
      if (passedOn) return client?.write(chunk);
      chunks.push(chunk);
      if (bytes > MOST_KEPT_BYTES) passOn();
      return undefined;
    },
    end() {
      ended = true;
      return passedOn ? client?.end() : undefined;
    },
    destroy() {
      broken = true;
      if (passedOn) client?.destroy();
    },
    get isWhole() {
      return !broken && status !== 0 && (ended || headers['content-length'] === String(bytes));
    },
    get wasPassedOn() {
      return passedOn;
    },
    answer() {
      if (broken || passedOn || status === 0) return null;
      const [only] = chunks;
      const body = chunks.length === 1 && Buffer.isBuffer(only) ? only : Buffer.concat(chunks);
      chunks = [body];
      return { status, headers: textsOf(headers), body };
    },
  };
}

function isStream(headers: Record<string, string | string[]>): boolean {
  return String(headers['content-type'] ?? '').startsWith('text/event-stream');
}

function textsOf(headers: Record<string, string | string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]));
}
