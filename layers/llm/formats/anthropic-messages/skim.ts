/** What one pass over the bytes of an event has found: offsets into them, −1 for what is not there. Reused. */
export interface Skim {
  /** Inside of the string that the event's `type` is. */
  typeStart: number;
  typeEnd: number;
  /** Inside of the delta's text, and what kind of text it is. */
  textStart: number;
  textEnd: number;
  kind: 'output' | 'reasoning';
  /** The event carries `error` and no `type`. */
  error: boolean;
}

export function createSkim(): Skim {
  return { typeStart: -1, typeEnd: -1, textStart: -1, textEnd: -1, kind: 'output', error: false };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const NULL_START = 0x6e;

const TYPE = Buffer.from('type');
const ERROR = Buffer.from('error');
const TEXT = Buffer.from('text');
const THINKING = Buffer.from('thinking');
const PARTIAL_JSON = Buffer.from('partial_json');

/**
 * Finds the type of an event and the text of its delta in `bytes[start, end)` without decoding: one pass that knows
 * strings and depth, so that no text of the answer can look like a mark. It does not validate.
 */
export function skim(bytes: Buffer, start: number, end: number, found: Skim): void {
  found.typeStart = found.typeEnd = found.textStart = found.textEnd = -1;
  found.error = false;
  let depth = 0;
  let offset = start;
  while (offset < end) {
    const byte = bytes[offset] as number;
    if (byte === QUOTE && depth > 0) {
      const close = endOfString(bytes, offset + 1, end);
      const colon = skipBlanks(bytes, close + 1, end);
      if (depth > 2 || bytes[colon] !== COLON || colon >= end) {
        offset = close + 1;
        continue;
      }
      const value = skipBlanks(bytes, colon + 1, end);
      offset = look(bytes, offset + 1, close, { value, end, depth, found });
      continue;
    }
    // Both kinds of brackets differ from their closing ones by 2, and in nothing else that matters here.
    if (byte === OPEN_BRACE || (byte === OPEN_BRACKET && depth > 0)) depth += 1;
    else if ((byte === OPEN_BRACE + 2 || byte === OPEN_BRACKET + 2) && depth > 0) depth -= 1;
    offset += 1;
  }
}

interface Place {
  value: number;
  end: number;
  /** 1 the event, 2 its delta. */
  depth: number;
  found: Skim;
}

/** Notes a member; returns where to go on. */
function look(bytes: Buffer, keyStart: number, keyEnd: number, { value, end, depth, found }: Place): number {
  const length = keyEnd - keyStart;
  if (depth === 1 && length === 5 && bytes[value] !== NULL_START && matches(bytes, keyStart, ERROR)) found.error = true;
  if (bytes[value] !== QUOTE) return value;
  const close = endOfString(bytes, value + 1, end);
  if (depth === 1) {
    if (length === 4 && matches(bytes, keyStart, TYPE)) {
      found.typeStart = value + 1;
      found.typeEnd = close;
    }
  } else if (isText(bytes, keyStart, length, found)) {
    found.textStart = value + 1;
    found.textEnd = close;
  }
  return close + 1;
}

function isText(bytes: Buffer, start: number, length: number, found: Skim): boolean {
  if (length === 8 && matches(bytes, start, THINKING)) {
    found.kind = 'reasoning';
    return true;
  }
  const isOutput =
    (length === 4 && matches(bytes, start, TEXT)) || (length === 12 && matches(bytes, start, PARTIAL_JSON));
  if (isOutput) found.kind = 'output';
  return isOutput;
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
