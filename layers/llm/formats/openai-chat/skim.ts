/** What one pass over the bytes of a chunk or an answer has found. Reused between passes. */
export interface Skim {
  /** The bytes hold a JSON object. */
  object: boolean;
  /** Offset of the outermost `usage` object's brace; −1 without one. */
  usageAt: number;
  /** A choice says why it finished. */
  finish: boolean;
  /** The outermost object carries an error. */
  error: boolean;
}

/** Takes the bytes of a JSON string's inside, escapes and all. */
export interface TextKeeper {
  keep(kind: 'output' | 'reasoning', bytes: Buffer, start: number, end: number): void;
}

export function createSkim(): Skim {
  return { object: false, usageAt: -1, finish: false, error: false };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const NULL_START = 0x6e;

/** Depths in a chunk: 1 the chunk, 2 its choices, 3 a choice, 4 its delta or message, 6 and 7 a tool call's parts. */
const CHUNK = 1;
const CHOICE = 3;
const DELTA = 4;

const USAGE = Buffer.from('usage');
const ERROR = Buffer.from('error');
const FINISH_REASON = Buffer.from('finish_reason');
const OUTPUT_KEYS = ['content', 'refusal', 'arguments', 'name', 'text'].map((key) => Buffer.from(key));
const REASONING_KEYS = ['reasoning_content', 'reasoning'].map((key) => Buffer.from(key));

/**
 * Finds the marks of chat completions in `bytes[start, end)` without decoding: one pass that knows strings and depth,
 * so that no text of the answer can look like a mark. It does not validate; what is not JSON shows no marks.
 */
export function skim(bytes: Buffer, start: number, end: number, found: Skim, keeper: TextKeeper): void {
  found.object = false;
  found.usageAt = -1;
  found.finish = false;
  found.error = false;
  let depth = 0;
  let offset = start;
  while (offset < end) {
    const byte = bytes[offset] as number;
    if (byte === QUOTE && depth > 0) {
      const close = endOfString(bytes, offset + 1, end);
      const colon = skipBlanks(bytes, close + 1, end);
      if (bytes[colon] !== COLON || colon >= end) {
        offset = close + 1;
        continue;
      }
      const value = skipBlanks(bytes, colon + 1, end);
      look(bytes, offset + 1, close, value, depth, found);
      if (depth < CHOICE || bytes[value] !== QUOTE) {
        offset = value;
        continue;
      }
      const valueEnd = endOfString(bytes, value + 1, end);
      if (depth >= DELTA || close - offset - 1 === 4) keepText(bytes, offset + 1, close, value + 1, valueEnd, keeper);
      offset = valueEnd + 1;
      continue;
    }
    // Both kinds of brackets differ from their closing ones by 2, and in nothing else that matters here.
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (byte === OPEN_BRACE) found.object = true;
      if (found.object) depth += 1;
    } else if (byte === OPEN_BRACE + 2 || byte === OPEN_BRACKET + 2) {
      depth -= 1;
    }
    offset += 1;
  }
}

function look(bytes: Buffer, start: number, end: number, value: number, depth: number, found: Skim): void {
  const length = end - start;
  if (depth === CHUNK && length === 5) {
    if (bytes[value] === OPEN_BRACE && matches(bytes, start, USAGE)) found.usageAt = value;
    else if (bytes[value] !== NULL_START && matches(bytes, start, ERROR)) found.error = true;
  } else if (depth === CHOICE && length === 13 && bytes[value] !== NULL_START && matches(bytes, start, FINISH_REASON)) {
    found.finish = true;
  }
}

function keepText(
  bytes: Buffer,
  keyStart: number,
  keyEnd: number,
  start: number,
  end: number,
  keeper: TextKeeper,
): void {
  if (end === start) return;
  const length = keyEnd - keyStart;
  for (const key of OUTPUT_KEYS) {
    if (key.length === length && matches(bytes, keyStart, key)) return keeper.keep('output', bytes, start, end);
  }
  for (const key of REASONING_KEYS) {
    if (key.length === length && matches(bytes, keyStart, key)) return keeper.keep('reasoning', bytes, start, end);
  }
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
