import { JsonSyntaxError } from './json-syntax-error.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The first offset from `at` on that is not JSON white space. */
export function skipSpace(body: Uint8Array, at: number): number {
  let offset = at;
  for (;;) {
    const byte = body[offset];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return offset;
    offset += 1;
  }
}

/**
 * Validates the JSON value that starts at `at` and returns the offset behind it. Without recursion, so that nesting
 * costs memory and never the stack.
 * @throws JsonSyntaxError
 */
export function skipValue(body: Uint8Array, at: number): number {
  const closers: number[] = [];
  let offset = at;
  for (;;) {
    const byte = body[offset];
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      const closer = byte + 2;
      offset = skipSpace(body, offset + 1);
      if (body[offset] !== closer) {
        closers.push(closer);
        if (closer === CLOSE_BRACE) offset = skipKey(body, offset);
        continue;
      }
      offset += 1;
    } else {
      offset = skipScalar(body, offset);
    }
    offset = closeContainers(body, offset, closers);
    if (closers.length === 0) return offset;
  }
}

/** Behind a value: closes what ends here, then stands at the next value, or behind the outermost container. */
function closeContainers(body: Uint8Array, at: number, closers: number[]): number {
  let offset = at;
  while (closers.length > 0) {
    offset = skipSpace(body, offset);
    const closer = closers[closers.length - 1] as number;
    if (body[offset] === COMMA) {
      offset = skipSpace(body, offset + 1);
      return closer === CLOSE_BRACE ? skipKey(body, offset) : offset;
    }
    if (body[offset] !== closer) throw unexpected(body, offset);
    closers.pop();
    offset += 1;
  }
  return offset;
}

/** From a member's key to the first byte of its value. */
export function skipKey(body: Uint8Array, at: number): number {
  if (body[at] !== QUOTE) throw unexpected(body, at);
  const colon = skipSpace(body, skipString(body, at));
  if (body[colon] !== COLON) throw unexpected(body, colon);
  return skipSpace(body, colon + 1);
}

/** From the opening quote to the offset behind the closing one. */
export function skipString(body: Uint8Array, at: number): number {
  let offset = at + 1;
  for (;;) {
    const byte = body[offset];
    if (byte === QUOTE) return offset + 1;
    if (byte === BACKSLASH) {
      offset = skipEscape(body, offset + 1);
    } else if (byte === undefined || byte < 0x20) {
      throw unexpected(body, offset);
    } else {
      offset += 1;
    }
  }
}

function skipEscape(body: Uint8Array, at: number): number {
  const byte = body[at];
  if (byte !== 0x75) {
    // " \ / b f n r t
    const plain =
      byte === QUOTE ||
      byte === BACKSLASH ||
      byte === 0x2f ||
      byte === 0x62 ||
      byte === 0x66 ||
      byte === 0x6e ||
      byte === 0x72 ||
      byte === 0x74;
    if (!plain) throw unexpected(body, at);
    return at + 1;
  }
  for (let index = at + 1; index <= at + 4; index += 1) {
    const digit = body[index] as number;
    const lower = digit | 0x20;
    if (!isDigit(digit) && !(lower >= 0x61 && lower <= 0x66)) throw unexpected(body, index);
  }
  return at + 5;
}

function skipScalar(body: Uint8Array, at: number): number {
  switch (body[at]) {
    case QUOTE:
      return skipString(body, at);
    case 0x74:
      return skipWord(body, at, 'true');
    case 0x66:
      return skipWord(body, at, 'false');
    case 0x6e:
      return skipWord(body, at, 'null');
    default:
      return skipNumber(body, at);
  }
}

function skipWord(body: Uint8Array, at: number, word: string): number {
  for (let index = 0; index < word.length; index += 1) {
    if (body[at + index] !== word.charCodeAt(index)) throw unexpected(body, at + index);
  }
  return at + word.length;
}

function skipNumber(body: Uint8Array, at: number): number {
  let offset = body[at] === 0x2d ? at + 1 : at;
  // A leading zero stands alone.
  offset = body[offset] === 0x30 ? offset + 1 : skipDigits(body, offset);
  if (body[offset] === 0x2e) offset = skipDigits(body, offset + 1);
  const exponent = body[offset];
  if (exponent === 0x65 || exponent === 0x45) {
    const sign = body[offset + 1];
    offset = skipDigits(body, sign === 0x2b || sign === 0x2d ? offset + 2 : offset + 1);
  }
  return offset;
}

function skipDigits(body: Uint8Array, at: number): number {
  let offset = at;
  while (isDigit(body[offset])) offset += 1;
  if (offset === at) throw unexpected(body, at);
  return offset;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

export function unexpected(body: Uint8Array, at: number): JsonSyntaxError {
  const offset = Math.min(at, body.length);
  return new JsonSyntaxError(offset === body.length ? 'Unexpected end of JSON' : 'Unexpected character', body, offset);
}
