const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const BYTE_ORDER_MARK: readonly number[] = [0xef, 0xbb, 0xbf];

/** Cuts the bytes of one JSON array into its elements while they come in. */
export interface JsonArrayFramer {
  /** Feeds a chunk; the elements that it completes, without white space around them. @throws RangeError, SyntaxError */
  push(chunk: Buffer): Buffer[];
  /** The array has been closed. */
  readonly ended: boolean;
  /** The bytes of an element that has begun and not ended; null when there are none. */
  rest(): Buffer | null;
}

/**
 * Elements end at a comma or the closing bracket outside of all strings and brackets, however the bytes were cut into
 * chunks. What is inside of an element is not validated; before the array and between its elements nothing but white
 * space may stand, and what follows it is ignored.
 */
export function createJsonArrayFramer(options: { maxElementBytes?: number } = {}): JsonArrayFramer {
  const maxElementBytes = options.maxElementBytes ?? 32 * 1024 * 1024;
  let held: Buffer[] = [];
  let heldBytes = 0;
  let begun = false;
  let ended = false;
  let depth = 0;
  let inString = false;
  let escaped = false;

  const hold = (piece: Buffer): void => {
    heldBytes += piece.length;
    if (heldBytes > maxElementBytes) throw new RangeError(`An element is larger than ${maxElementBytes} bytes`);
    if (piece.length > 0) held.push(piece);
  };
  const take = (): Buffer => {
    const bytes = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held);
    held = [];
    heldBytes = 0;
    return trim(bytes);
  };
  /** Whether the byte ends the element that it stands behind. */
  const isEnd = (byte: number): boolean => {
    if (inString) {
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) inString = false;
      return false;
    }
    if (byte === QUOTE) inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if (depth > 0 && (byte === CLOSE_BRACE || byte === CLOSE_BRACKET)) depth -= 1;
    else if (depth === 0) return byte === COMMA || byte === CLOSE_BRACKET;
    return false;
  };
  const scan = (chunk: Buffer, from: number, elements: Buffer[]): void => {
    let start = from;
    for (let index = from; index < chunk.length; index += 1) {
      const byte = chunk[index] as number;
      if (!isEnd(byte)) continue;
      hold(chunk.subarray(start, index));
      start = index + 1;
      const element = take();
      if (element.length > 0) elements.push(element);
      if (byte === COMMA) continue;
      ended = true;
      return;
    }
    hold(chunk.subarray(start));
  };

  return {
    get ended() {
      return ended;
    },
    push(chunk) {
      const elements: Buffer[] = [];
      if (ended) return elements;
      let from = 0;
      if (!begun) {
        from = chunk.findIndex((byte) => !isBlank(byte) && !BYTE_ORDER_MARK.includes(byte));
        if (from < 0) return elements;
        if (chunk[from] !== OPEN_BRACKET) throw new SyntaxError('The stream does not begin with a JSON array');
        begun = true;
        from += 1;
      }
      scan(chunk, from, elements);
      return elements;
    },
    rest() {
      const bytes = trim(Buffer.concat(held));
      return bytes.length === 0 ? null : bytes;
    },
  };
}

function trim(bytes: Buffer): Buffer {
  let start = 0;
  let end = bytes.length;
  while (start < end && isBlank(bytes[start] as number)) start += 1;
  while (end > start && isBlank(bytes[end - 1] as number)) end -= 1;
  return bytes.subarray(start, end);
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
