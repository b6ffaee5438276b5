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
