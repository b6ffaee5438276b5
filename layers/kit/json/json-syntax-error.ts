/** Malformed JSON, with the place of the first byte that does not fit (RFC 8259). */
export class JsonSyntaxError extends Error {
  /** Byte offset from 0. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;

  constructor(reason: string, body: Uint8Array, offset: number) {
    const place = placeOf(body, offset);
    super(`${reason} at line ${place.line}, column ${place.column} (byte ${offset})`);
    this.name = 'JsonSyntaxError';
    this.offset = offset;
    this.line = place.line;
    this.column = place.column;
  }
}

function placeOf(body: Uint8Array, offset: number): { line: number; column: number } {
  let line = 1;
  let column = 1;
  for (let index = 0; index < offset && index < body.length; index += 1) {
    const byte = body[index] as number;
    if (byte === 0x0a) {
      line += 1;
      column = 1;
    } else if ((byte & 0xc0) !== 0x80) {
      // Continuation bytes of UTF-8 belong to a character that is already counted.
      column += 1;
    }
  }
  return { line, column };
}
