/** What came back, whole. */
export interface WholeAnswer {
  status: number;
  text: string;
  /** The connection can carry another request. */
  isKept: boolean;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);
const MOST_HEAD_BYTES = 64 * 1024;
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})[ \r]/;
const LENGTH = /\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n/i;
const CHUNKED = /\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r\n/i;
const CONNECTION = /\r\nconnection:[ \t]*([\w, -]+)/i;

/**
 * Reads one HTTP/1.1 answer after the other from a connection that carries one request at a time (RFC 9112). Bodies are
 * text and held whole, so it is for services that answer with small documents. Bytes are read before `push` returns, so
 * the caller may use the same memory again.
 */
export interface AnswerParser {
  /** The answer, once its last byte came; null until then. @throws Error when this is no HTTP answer */
  push(bytes: Buffer): WholeAnswer | null;
  /** The connection ended; an answer without a length ends with it. Null where something is missing. */
  end(): WholeAnswer | null;
}

export function createAnswerParser(): AnswerParser {
  let held: Buffer = NOTHING;
  return {
    push(bytes) {
      const all = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      const parsed = parse(all, false);
      held = parsed === null ? (all === bytes ? Buffer.from(all) : all) : NOTHING;
      return parsed;
    },
    end: () => parse(held, true),
  };
}

function parse(bytes: Buffer, isEnd: boolean): WholeAnswer | null {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) {
    if (bytes.length > MOST_HEAD_BYTES) throw new Error('The head of the answer is too long.');
    return null;
  }
  const head = bytes.toString('latin1', 0, headEnd + 2);
  const line = STATUS_LINE.exec(head);
  if (line === null) throw new Error('The answer is not HTTP/1.1.');
  const status = Number(line[2]);
  const bodyStart = headEnd + 4;
  // `100 Continue` and its like come before the answer.
  if (status < 200) return parse(bytes.subarray(bodyStart), isEnd);
  const saysKept = isKept(head, line[1] === '1');
  if (status === 204 || status === 304) return { status, text: '', isKept: saysKept && bytes.length === bodyStart };
  if (CHUNKED.test(head)) {
    const body = readChunks(bytes, bodyStart);
    return body && { status, text: body.text, isKept: saysKept && body.end === bytes.length };
  }
  const length = LENGTH.exec(head)?.[1];
  if (length === undefined) return isEnd ? { status, text: bytes.toString('utf8', bodyStart), isKept: false } : null;
  const bodyEnd = bodyStart + Number(length);
  if (bytes.length < bodyEnd) return null;
  // More than was announced would be taken for the next answer.
  return { status, text: bytes.toString('utf8', bodyStart, bodyEnd), isKept: saysKept && bytes.length === bodyEnd };
}

function isKept(head: string, isHttp11: boolean): boolean {
  const said = CONNECTION.exec(head)?.[1]?.toLowerCase();
  return isHttp11 ? !said?.includes('close') : (said?.includes('keep-alive') ?? false);
}

/** Null while chunks are missing. Trailers are passed over. */
function readChunks(bytes: Buffer, start: number): { text: string; end: number } | null {
  const pieces: Buffer[] = [];
  let offset = start;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', offset);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(bytes.toString('latin1', offset, lineEnd), 16);
    if (!(size >= 0)) throw new Error('A chunk of the answer has no length.');
    offset = lineEnd + 2;
    if (size === 0) {
      const trailersEnd = bytes.indexOf(HEAD_END, lineEnd);
      return trailersEnd < 0 ? null : { text: Buffer.concat(pieces).toString(), end: trailersEnd + 4 };
    }
    if (bytes.length < offset + size + 2) return null;
    pieces.push(bytes.subarray(offset, offset + size));
    offset += size + 2;
  }
}
