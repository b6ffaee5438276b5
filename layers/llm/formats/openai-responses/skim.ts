/** What one pass over the bytes of an event has found: offsets into them, −1 for what is not there. Reused. */
export interface Skim {
  /** Inside of the string that `type` is. */
  typeStart: number;
  typeEnd: number;
  /** Inside of the string that `delta` is. */
  deltaStart: number;
  deltaEnd: number;
  /** The event carries `error` and no `type`. */
  error: boolean;
}

export function createSkim(): Skim {
  return { typeStart: -1, typeEnd: -1, deltaStart: -1, deltaEnd: -1, error: false };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const NULL_START = 0x6e;

const TYPE = Buffer.from('type');
const DELTA = Buffer.from('delta');
const ERROR = Buffer.from('error');

/**
 * Finds `type` and `delta` of the outermost object in `bytes[start, end)` without decoding: one pass that knows strings
 * and depth. It stops at the end of a delta, since nothing behind it matters, and does not validate.
 */
export function skim(bytes: Buffer, start: number, end: number, found: Skim): void {
  found.typeStart = found.typeEnd = found.deltaStart = found.deltaEnd = -1;
  found.error = false;
  let depth = 0;
  let offset = start;
  while (offset < end) {
    const byte = bytes[offset] as number;
    if (byte === QUOTE && depth > 0) {
      const close = endOfString(bytes, offset + 1, end);
      const colon = skipBlanks(bytes, close + 1, end);
      if (depth > 1 || bytes[colon] !== COLON || colon >= end) {
        offset = close + 1;
        continue;
      }
      const value = skipBlanks(bytes, colon + 1, end);
      offset = look(bytes, offset + 1, close, { value, end, found });
      if (found.typeStart >= 0 && found.deltaStart >= 0) return;
      continue;
    }
    // Both kinds of brackets differ from their closing ones by 2, and in nothing else that matters here.
    if (byte === OPEN_BRACE || (byte === OPEN_BRACKET && depth > 0)) depth += 1;
    else if ((byte === OPEN_BRACE + 2 || byte === OPEN_BRACKET + 2) && depth > 0) depth -= 1;
    offset += 1;
  }
}

/** Notes a member of the outermost object; returns where to go on. */
function look(
  bytes: Buffer,
  keyStart: number,
  keyEnd: number,
  { value, end, found }: { value: number; end: number; found: Skim },
): number {
  const length = keyEnd - keyStart;
  if (length === 5 && bytes[value] !== NULL_START && matches(bytes, keyStart, ERROR)) found.error = true;
  if (bytes[value] !== QUOTE) return value;
  const close = endOfString(bytes, value + 1, end);
  if (length === 4 && matches(bytes, keyStart, TYPE)) {
    found.typeStart = value + 1;
    found.typeEnd = close;
  } else if (length === 5 && matches(bytes, keyStart, DELTA)) {
    found.deltaStart = value + 1;
    found.deltaEnd = close;
  }
  return close + 1;
}

function matches(bytes: Buffer, start: number, key: Buffer): boolean {
  for (let index = 0; index < key.length; index += 1) {
    if (bytes[start + index] !== key[index]) return false;
  }
  return true;
}

/** The offset of the closing quote, or `end` when the string is cut. */
function endOfString(bytes: Buffer, start: number, end: number): number {
  let offset = start;
  while (offset < end) {
    const byte = bytes[offset];
    if (byte === QUOTE) return offset;
    offset += byte === BACKSLASH ? 2 : 1;
  }
  return end;
}

function skipBlanks(bytes: Buffer, start: number, end: number): number {
  let offset = start;
  while (offset < end) {
    const byte = bytes[offset];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return offset;
    offset += 1;
  }
  return end;
}
