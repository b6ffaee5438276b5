import type { DeliveredText } from '../wire-format.ts';
import type { TextKeeper } from './skim.ts';

/** Keeps the bytes of an answer's text and nothing else of it, as they stand in the JSON; decoded only when asked. */
export interface KeptText extends TextKeeper {
  read(): DeliveredText;
}

interface Store {
  bytes: Buffer;
  length: number;
}

export function createKeptText(): KeptText {
  const stores: Record<'output' | 'reasoning', Store> = {
    output: { bytes: NOTHING, length: 0 },
    reasoning: { bytes: NOTHING, length: 0 },
  };
  let unkeptBytes = 0;
  return {
    keep(kind, bytes, start, end) {
      const store = stores[kind];
      const needed = store.length + end - start;
      if (needed > MOST_KEPT_BYTES) {
        unkeptBytes += end - start;
        return;
      }
      if (needed > store.bytes.length) {
        const grown = Buffer.allocUnsafe(Math.min(MOST_KEPT_BYTES, Math.max(1024, needed * 2)));
        store.bytes.copy(grown, 0, 0, store.length);
        store.bytes = grown;
      }
      bytes.copy(store.bytes, store.length, start, end);
      store.length = needed;
    },
    read: () => ({ output: decode(stores.output), reasoning: decode(stores.reasoning), unkeptBytes }),
  };
}

const NOTHING = Buffer.alloc(0);
/** Of each kind: more than the longest answers that models give, and little enough to be counted. */
const MOST_KEPT_BYTES = 1024 * 1024;

/** Pieces of JSON strings, joined, are the inside of one JSON string; surrogate pairs cut between two meet again. */
function decode(store: Store): string {
  const raw = store.bytes.toString('utf8', 0, store.length);
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    // A string that was cut inside an escape: the count of its tokens is an estimate either way.
    return raw;
  }
}
