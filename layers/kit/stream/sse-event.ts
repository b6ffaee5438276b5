/** One server-sent event, decoded. */
export interface SseEvent {
  /** `message` when the event names none. */
  event: string;
  /** The data lines joined with LF; null when there is no data line, so that nothing is dispatched. */
  data: string | null;
  id: string | null;
}

/**
 * Decodes the bytes of one whole event: LF, CRLF and CR, a byte order mark, comments, several data lines, the one
 * optional space after the colon (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream).
 */
export function parseSseEvent(bytes: Uint8Array): SseEvent {
  // TextDecoder removes a byte order mark at the start, as the standard asks for the stream.
  const text = new TextDecoder().decode(bytes);
  const result: SseEvent = { event: 'message', data: null, id: null };
  for (const line of text.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':');
    if (line === '' || colon === 0) continue;
    const name = colon < 0 ? line : line.slice(0, colon);
    const raw = colon < 0 ? '' : line.slice(colon + 1);
    const value = raw.startsWith(' ') ? raw.slice(1) : raw;
    if (name === 'data') result.data = result.data === null ? value : `${result.data}\n${value}`;
    else if (name === 'event' && value !== '') result.event = value;
    else if (name === 'id' && !value.includes('\0')) result.id = value;
  }
  return result;
}

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const DATA = Buffer.from('data');
const EVENT = Buffer.from('event');
const BYTE_ORDER_MARK = 0xef;

/**
 * The event between two offsets, as `parseSseEvent` reads it, without its id; null where there is no data. For streams
 * of many small events whose lines end in LF, which is what providers send, it cuts no text into lines.
 */
export function readSseEvent(bytes: Buffer, start: number, end: number): { event: string; data: string } | null {
  if (bytes[start] === BYTE_ORDER_MARK || hasCarriageReturn(bytes, start, end)) {
    const { event, data } = parseSseEvent(bytes.subarray(start, end));
    return data === null ? null : { event, data };
  }
  let event = 'message';
  let data: string | null = null;
  let offset = start;
  while (offset < end) {
    const found = bytes.indexOf(LF, offset);
    const lineEnd = found < 0 || found > end ? end : found;
    if (isField(bytes, DATA, offset, lineEnd)) {
      const value = valueOf(bytes, offset + 4, lineEnd);
      data = data === null ? value : `${data}\n${value}`;
    } else if (isField(bytes, EVENT, offset, lineEnd)) {
      event = valueOf(bytes, offset + 5, lineEnd) || event;
    }
    offset = lineEnd + 1;
  }
  return data === null ? null : { event, data };
}

function hasCarriageReturn(bytes: Buffer, start: number, end: number): boolean {
  const found = bytes.indexOf(CR, start);
  return found >= 0 && found < end;
}

/** The line is this field: its name and a colon, or nothing but its name. */
function isField(bytes: Buffer, name: Uint8Array, offset: number, lineEnd: number): boolean {
  const nameEnd = offset + name.length;
  if (nameEnd > lineEnd || (nameEnd < lineEnd && bytes[nameEnd] !== COLON)) return false;
  for (let index = 0; index < name.length; index += 1) {
    if (bytes[offset + index] !== name[index]) return false;
  }
  return true;
}

function valueOf(bytes: Buffer, colon: number, lineEnd: number): string {
  const from = bytes[colon + 1] === SPACE ? colon + 2 : colon + 1;
  return from >= lineEnd ? '' : bytes.toString('utf8', from, lineEnd);
}
