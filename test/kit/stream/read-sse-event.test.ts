import fc from 'fast-check';
import { parseSseEvent, readSseEvent } from '@sluice/kit/stream/sse-event';

const field = fc.constantFrom(
  'data',
  'event',
  'id',
  'retry',
  'dat',
  'datas',
  'events',
  'Data',
  '',
  ' data',
  '\uFEFFdata',
  ': data',
);
const colon = fc.constantFrom(':', ': ', ':  ', '', ' :', '::');
const lineEnd = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r', '\n\n', '');
const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('\uFEFF', '{"a":1}', '\0', 'é😀', ' '),
);
const lines = fc
  .array(fc.tuple(field, colon, value, lineEnd), { maxLength: 6 })
  .map((parts) => Buffer.from(parts.flat().join('')));
/** Bytes of no encoding among the lines. */
const torn = fc.tuple(lines, fc.uint8Array({ maxLength: 6 }), fc.nat()).map(([bytes, junk, at]) => {
  const place = at % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, place), Buffer.from(junk), bytes.subarray(place)]);
});

describe('reading an event where it lies', () => {
  it('gives what parsing it by itself gives, for any bytes at any place', () => {
    fc.assert(
      fc.property(
        fc.oneof(lines, torn, fc.uint8Array().map(Buffer.from)),
        fc.uint8Array({ maxLength: 9 }),
        fc.uint8Array({ maxLength: 9 }),
        (bytes, before, behind) => {
          const { event, data } = parseSseEvent(bytes);
          const around = Buffer.concat([before, bytes, behind]);
          const read = readSseEvent(around, before.length, before.length + bytes.length);
          expect(read).toEqual(data === null ? null : { event, data });
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['data: a\ndata:b\n\n', { event: 'message', data: 'a\nb' }],
    ['event: x\ndata\n\n', { event: 'x', data: '' }],
    ['event: x\n\n', null],
    [': comment\n\n', null],
    ['event:\ndata:  y\n\n', { event: 'message', data: ' y' }],
  ])('reads %j', (text, expected) => {
    const bytes = Buffer.from(text);
    expect(readSseEvent(bytes, 0, bytes.length)).toEqual(expected);
  });
});
