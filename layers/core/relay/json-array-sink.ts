import type { Sink } from '@sluice/kit/http/exchange';
import { readSseEvent } from '@sluice/kit/stream/sse-event';
import { createEventFramer } from '@sluice/kit/stream/sse-framing';

/**
 * Gemini streams without `alt=sse` as one JSON array. All of ours speak in events, so the client's side puts each event's
 * data into the array. Comments have no place in it; white space keeps the connection alive in their stead.
 * https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
 */
export function createJsonArraySink(sink: Sink): Sink {
  const framer = createEventFramer();
  let isStream = false;
  let elements = 0;

  const wrap = (bytes: Uint8Array): string => {
    const block = framer.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    let text = '';
    let start = 0;
    for (const end of block?.ends ?? []) {
      const event = block && readSseEvent(block.bytes, start, end);
      start = end;
      if (!event) continue;
      text += `${elements === 0 ? '[' : ',\r\n'}${event.data}`;
      elements += 1;
    }
    return text === '' ? ' ' : text;
  };
  return {
    gone: sink.gone,
    head(status, headers) {
      const type = headers['content-type'];
      isStream = typeof type === 'string' && type.startsWith('text/event-stream');
      sink.head(status, isStream ? { ...headers, 'content-type': 'application/json; charset=utf-8' } : headers);
    },
    write: (bytes) => sink.write(isStream ? Buffer.from(wrap(bytes)) : bytes),
    end() {
      if (!isStream) return sink.end();
      const written = sink.write(Buffer.from(elements === 0 ? '[]' : ']'));
      return written ? written.then(() => sink.end()) : sink.end();
    },
    destroy: () => sink.destroy(),
  };
}
