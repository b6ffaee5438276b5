import * as fc from 'fast-check';
import { parseSseEvent } from '@sluice/kit/stream/sse-event';
import { createEventFramer } from '@sluice/kit/stream/sse-framing';

/** Events and the rest that a stream gives when it comes in these pieces. */
function frame(pieces: readonly Buffer[]): { events: string[]; rest: string | null } {
  const framer = createEventFramer();
  const events: string[] = [];
  for (const piece of pieces) {
    const block = framer.push(piece);
    let start = 0;
    for (const end of block?.ends ?? []) {
      events.push(block!.bytes.toString('latin1', start, end));
      start = end;
    }
    if (block) expect(start).toBe(block.bytes.length);
  }
  return { events, rest: framer.rest()?.toString('latin1') ?? null };
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

const streamText = fc
  .array(
    fc.constantFrom(
      'data: x',
      'data:é😀',
      ': ping',
      'event: a',
      'id',
      '\n',
      '\r',
      '\r\n',
      '\n\n',
      '\r\n\r\n',
      '\r\r',
      ' ',
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

/** What the standard's parser dispatches, written down as plainly as it can be. */
function dispatched(text: string): string[] {
  const events: string[] = [];
  let data: string[] = [];
  for (const line of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .slice(0, -1)) {
    if (line === '') {
      if (data.length > 0) events.push(data.join('\n'));
      data = [];
    } else if (line === 'data' || line.startsWith('data:')) {
      data.push(line.slice(5).replace(/^ /, ''));
    }
  }
  return events;
}

describe('cutting a stream into events', () => {
  it('gives the same events however the stream comes in chunks, and loses no byte', () => {
    fc.assert(
      fc.property(streamText, fc.array(fc.nat(), { maxLength: 12 }), (text, cuts) => {
        const bytes = Buffer.from(text);
        const whole = frame([bytes]);
        expect(frame(cutAt(bytes, cuts))).toEqual(whole);
        expect(whole.events.join('') + (whole.rest ?? '')).toBe(bytes.toString('latin1'));
      }),
      { numRuns: 400 },
    );
  });

  it('dispatches what the standard dispatches', () => {
    fc.assert(
      fc.property(streamText, (text) => {
        const { events, rest } = frame([Buffer.from(text)]);
        const pieces = [...events, ...(rest === null || !/(?:\r\n|\n|\r)$/.test(rest) ? [] : [rest])];
        const data = pieces
          .map((event) => parseSseEvent(Buffer.from(event, 'latin1')).data)
          .filter((value) => value !== null);
        // An event in the rest has not been ended by an empty line and is not dispatched by the standard either.
        const expected = dispatched(text);
        expect(data.slice(0, expected.length)).toEqual(expected);
        expect(data.length - expected.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    ['LF', 'data: a\n\ndata: b\n\n', ['data: a\n\n', 'data: b\n\n']],
    ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['data: a\r\n\r\n', 'data: b\r\n\r\n']],
    ['CR', 'data: a\r\rdata: b\r\r', ['data: a\r\r', 'data: b\r\r']],
  ])('knows lines that end in %s', (_name, text, events) => {
    expect(frame([Buffer.from(text)])).toEqual({ events, rest: null });
  });

  it('hands a chunk of whole events on without copying it', () => {
    const chunk = Buffer.from('data: a\n\ndata: b\n\n');
    expect(createEventFramer().push(chunk)?.bytes).toBe(chunk);
  });

  it('refuses an event without an end before it fills the memory', () => {
    const framer = createEventFramer({ maxEventBytes: 10 });
    framer.push(Buffer.from('data: 123'));
    expect(() => framer.push(Buffer.from('456'))).toThrow(RangeError);
  });
});

describe('reading one event', () => {
  it.each([
    ['data: a\n\n', { event: 'message', data: 'a', id: null }],
    ['\uFEFFdata: a\n\n', { event: 'message', data: 'a', id: null }],
    ['data:a\ndata:  b\ndata\n\n', { event: 'message', data: 'a\n b\n', id: null }],
    ['event: error\r\nid: 7\r\ndata: é😀\r\n\r\n', { event: 'error', data: 'é😀', id: '7' }],
    [': comment\n\n', { event: 'message', data: null, id: null }],
    ['data: a: b\n\n', { event: 'message', data: 'a: b', id: null }],
  ])('%j', (text, event) => {
    expect(parseSseEvent(Buffer.from(text))).toEqual(event);
  });
});
