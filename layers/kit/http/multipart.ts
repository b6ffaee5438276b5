import { GatewayError } from '../errors/gateway-error.ts';

/** One part of a `multipart/form-data` body (RFC 7578). */
export interface MultipartPart {
  name: string;
  /** Null: a plain field. */
  filename: string | null;
  /** Lower case; null where the part names none. */
  contentType: string | null;
  /** A view into the body: nothing is copied. */
  bytes: Buffer;
}

const TYPE = /^multipart\/form-data\s*;/i;
const BOUNDARY = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i;
const MOST_PARTS = 200;
const MOST_HEAD_BYTES = 16 * 1024;

export function isMultipart(contentType: string | undefined): boolean {
  return TYPE.test(contentType ?? '');
}

/**
 * Takes a form apart.
 * @throws GatewayError `bad_request` where the body is no such form or was cut
 */
export function parseMultipart(body: Buffer, contentType: string): MultipartPart[] {
  const found = BOUNDARY.exec(contentType);
  const boundary = found?.[1] ?? found?.[2];
  if (boundary === undefined) throw broken('its content-type names no boundary');
  const delimiter = Buffer.from(`--${boundary}`);
  const parts: MultipartPart[] = [];
  let at = firstDelimiter(body, delimiter);
  for (;;) {
    at += delimiter.length;
    if (body[at] === DASH && body[at + 1] === DASH) return parts;
    at = skipLineEnd(body, at);
    const next = body.indexOf(Buffer.concat([LINE_END, delimiter]), at - LINE_END.length);
    if (next < 0) throw broken('it ends in the middle of a part');
    if (parts.length >= MOST_PARTS) throw broken(`it has more than ${MOST_PARTS} parts`);
    parts.push(readPart(body, at, Math.max(at, next)));
    at = next + LINE_END.length;
  }
}

const DASH = 0x2d;
const SPACE = 0x20;
const TAB = 0x09;
const LINE_END = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');

/** What stands before the first boundary is no part. */
function firstDelimiter(body: Buffer, delimiter: Buffer): number {
  let at = body.indexOf(delimiter);
  while (at > 0 && body[at - 1] !== 0x0a) at = body.indexOf(delimiter, at + 1);
  if (at < 0) throw broken('its boundary is not in it');
  return at;
}

function skipLineEnd(body: Buffer, start: number): number {
  let at = start;
  while (body[at] === SPACE || body[at] === TAB) at += 1;
  if (body[at] !== 0x0d || body[at + 1] !== 0x0a) throw broken('a boundary is not a line of its own');
  return at + 2;
}

function readPart(body: Buffer, start: number, end: number): MultipartPart {
  const noHead = body[start] === 0x0d && body[start + 1] === 0x0a;
  const headEnd = noHead ? start : body.indexOf(HEAD_END, start);
  if (headEnd < 0 || headEnd > end || headEnd - start > MOST_HEAD_BYTES) throw broken('a part has no end of its head');
  const headers = new Map<string, string>();
  for (const line of body.toString('utf8', start, headEnd).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const disposition = headers.get('content-disposition') ?? '';
  const name = parameterOf(disposition, 'name');
  if (name === null) throw broken('a part has no name');
  return {
    name,
    filename: parameterOf(disposition, 'filename'),
    contentType: headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase() ?? null,
    bytes: body.subarray(headEnd + (noHead ? LINE_END : HEAD_END).length, end),
  };
}

/** Browsers write a quote in a name as `%22` (https://html.spec.whatwg.org/#multipart-form-data); others escape it. */
function parameterOf(disposition: string, name: string): string | null {
  const found = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`, 'i').exec(disposition);
  if (found === null) return null;
  const quoted = found[1]?.replace(/\\(["\\])/g, '$1');
  return (quoted ?? found[2] ?? '').replaceAll('%22', '"');
}

function broken(why: string): GatewayError {
  return new GatewayError('bad_request', { message: `The body is not a valid multipart form: ${why}.` });
}

/** A field of a form to be sent. */
export interface FormField {
  name: string;
  value: string | { filename: string; contentType: string; bytes: Uint8Array };
}

/** A form in one body. @param boundary stands in no field; random */
export function writeMultipart(fields: readonly FormField[], boundary: string): { contentType: string; body: Buffer } {
  const pieces: Uint8Array[] = [];
  for (const { name, value } of fields) {
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="${quote(name)}"`;
    if (typeof value === 'string') {
      pieces.push(Buffer.from(`${head}\r\n\r\n${value}\r\n`));
    } else {
      pieces.push(
        Buffer.from(`${head}; filename="${quote(value.filename)}"\r\ncontent-type: ${value.contentType}\r\n\r\n`),
        value.bytes,
        LINE_END,
      );
    }
  }
  pieces.push(Buffer.from(`--${boundary}--\r\n`));
  return { contentType: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat(pieces) };
}

function quote(text: string): string {
  return text.replaceAll('"', '%22').replaceAll(/[\r\n]/g, ' ');
}
