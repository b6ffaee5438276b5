const LF = 0x0a;
const CR = 0x0d;

/** Bytes that end at an event's end, and where in them each event ends (exclusive). */
export interface EventBlock {
  bytes: Buffer;
  ends: readonly number[];
}

/** Cuts a byte stream into whole server-sent events without decoding text. */
export interface EventFramer {
  /** Feeds a chunk; the events that it completes, or null. */
  push(chunk: Buffer): EventBlock | null;
  /** The bytes of an event that has begun and not ended; null when there are none. */
  rest(): Buffer | null;
}

/**
 * Event boundaries of https://html.spec.whatwg.org/multipage/server-sent-events.html: an empty line, lines ending in
 * LF, CRLF or CR. The concatenation of all blocks and the rest is the stream, and the boundaries do not depend on how
 * the stream was cut into chunks: after a CR that may be half of a CRLF the next byte is awaited, unless the line
 * before ended in a bare CR too.
 * @throws RangeError when one event grows beyond `maxEventBytes`
 */
export function createEventFramer(options: { maxEventBytes?: number } = {}): EventFramer {
  const maxEventBytes = options.maxEventBytes ?? 32 * 1024 * 1024;
  let held: Buffer[] = [];
  let heldBytes = 0;
  const scan = createBoundaryScanner();

  const hold = (piece: Buffer): void => {
    if (piece.length === 0) return;
    heldBytes += piece.length;
    if (heldBytes > maxEventBytes) throw new RangeError(`A server-sent event is larger than ${maxEventBytes} bytes`);
    held.push(piece);
  };

  return {
    push(chunk) {
      const ends = scan(chunk);
      const last = ends.at(-1);
      if (last === undefined) {
        hold(chunk);
        return null;
      }
      const complete = last === chunk.length ? chunk : chunk.subarray(0, last);
      if (held.length === 0) {
        hold(chunk.subarray(last));
        return { bytes: complete, ends };
      }
      const before = heldBytes;
      const bytes = Buffer.concat([...held, complete]);
      held = [];
      heldBytes = 0;
      hold(chunk.subarray(last));
      return { bytes, ends: ends.map((end) => end + before) };
    },
    rest: () => (heldBytes === 0 ? null : Buffer.concat(held)),
  };
}

/** Finds where events end in a chunk, knowing the chunks before it. */
function createBoundaryScanner(): (chunk: Buffer) => number[] {
  /** The line that begins here has no byte yet. */
  let atLineStart = true;
  /** The last byte was a CR. */
  let afterCr = false;
  /** That CR ended an empty line, and whether the event ends here or behind an LF is open. */
  let endsAfterCr = false;

  /** What almost all upstreams send: no CR anywhere, so an event ends where a line end follows another. */
  const scanPlain = (chunk: Buffer): number[] => {
    const ends: number[] = [];
    let lineStart = atLineStart ? 0 : -1;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) {
      if (at === lineStart) ends.push(at + 1);
      lineStart = at + 1;
    }
    atLineStart = lineStart === chunk.length;
    return ends;
  };

  return (chunk) => {
    if (!afterCr && !chunk.includes(CR)) return scanPlain(chunk);
    const ends: number[] = [];
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index] as number;
      if (byte === LF) {
        if (afterCr) {
          if (endsAfterCr) ends.push(index + 1);
        } else if (atLineStart) {
          ends.push(index + 1);
        }
        atLineStart = true;
        afterCr = false;
        endsAfterCr = false;
        continue;
      }
      if (endsAfterCr) {
        ends.push(index);
        endsAfterCr = false;
      }
      if (byte === CR) {
        if (atLineStart) {
          if (afterCr) ends.push(index + 1);
          else endsAfterCr = true;
        }
        atLineStart = true;
        afterCr = true;
      } else {
        atLineStart = false;
        afterCr = false;
      }
    }
    return ends;
  };
}
