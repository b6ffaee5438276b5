import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { createAwsEventFramer } from '@sluice/kit/stream/aws-event-framer';
import { AwsEventStreamError, createAwsFrameReader, encodeAwsFrame } from '@sluice/kit/stream/aws-event-stream';

const event = (type: string, payload: string) =>
  encodeAwsFrame({
    headers: { ':message-type': 'event', ':event-type': type, ':content-type': 'application/json' },
    payload,
  });

/** All bytes through the reader, in pieces of these sizes. */
function readAll(bytes: Buffer, sizes: readonly number[]) {
  const reader = createAwsFrameReader();
  const frames = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    frames.push(...reader.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return { frames, rest: reader.rest() };
}

describe('frames of an AWS event stream', () => {
  test('are those that AWS documents', () => {
    // https://github.com/awslabs/aws-c-event-stream/blob/main/tests: an empty message, and one with payload and header.
    const empty = Buffer.from('000000100000000005c248eb7d98c8ff', 'hex');
    expect(createAwsFrameReader().push(empty)).toEqual([{ headers: new Map(), payload: Buffer.alloc(0) }]);
    expect(encodeAwsFrame({ headers: {}, payload: '' })).toEqual(empty);
  });

  test('are read as they were written, however the bytes are cut', () => {
    const header = fc.oneof(fc.string({ maxLength: 30 }), fc.boolean());
    const frame = fc.record({
      headers: fc.dictionary(fc.stringMatching(/^[:a-z-]{1,20}$/), header, { maxKeys: 4, noNullPrototype: true }),
      payload: fc.uint8Array({ maxLength: 80 }),
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 5 }), sizes, (frames, cuts) => {
        const read = readAll(Buffer.concat(frames.map(encodeAwsFrame)), cuts);
        expect(read.rest).toBeNull();
        expect(
          read.frames.map(({ headers, payload }) => ({ headers: Object.fromEntries(headers), payload: [...payload] })),
        ).toEqual(frames.map(({ headers, payload }) => ({ headers, payload: [...payload] })));
      }),
    );
  });

  test('may have headers of every type', () => {
    const parts = [
      [2, [0xff]],
      [3, [0xff, 0xfe]],
      [4, [0, 0, 1, 0]],
      [5, [0, 0, 0, 0, 0, 0, 0, 9]],
      [6, [0, 2, 7, 8]],
      [8, [0, 0, 0, 0, 0, 0, 3, 0xe8]],
      [9, Array.from({ length: 16 }, (_none, index) => index)],
    ] as const;
    const named = parts.map(([type, bytes]) => Buffer.from([1, 0x60 + type, type, ...bytes]));
    const { headers } = createAwsFrameReader().push(withHeaders(Buffer.concat(named)))[0] ?? { headers: new Map() };
    expect([...headers.values()]).toEqual([
      -1,
      -2,
      256,
      9n,
      Buffer.from([7, 8]),
      new Date(1_000),
      Buffer.from(parts[6][1]),
    ]);
  });

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['a byte of the prelude', (bytes) => flip(bytes, 2)],
    ['a byte of the payload', (bytes) => flip(bytes, bytes.length - 6)],
    ['the checksum', (bytes) => flip(bytes, bytes.length - 1)],
    ['a header of no known type', () => withHeaders(Buffer.from([1, 0x61, 77]))],
    ['a header that is cut off', () => withHeaders(Buffer.from([1, 0x61, 7, 0, 9, 1]))],
    ['noise', () => Buffer.alloc(64, 'noise')],
  ])('are refused when %s is wrong', (_what, change) => {
    expect(() => createAwsFrameReader().push(change(event('x', '{}')))).toThrow(AwsEventStreamError);
  });

  test('are refused when they are too large, before their bytes have come', () => {
    const large = event('x', 'y'.repeat(200));
    expect(() => createAwsFrameReader({ maxFrameBytes: 100 }).push(large.subarray(0, 12))).toThrow(RangeError);
  });

  test('that have not ended are the rest', () => {
    const bytes = event('x', '{}');
    expect(readAll(bytes.subarray(0, 20), [7]).rest).toEqual(bytes.subarray(0, 20));
  });
});

describe('as server-sent events', () => {
  const through = (bytes: Buffer, wrapped: boolean) => {
    const block = createAwsEventFramer({ wrapped }).push(bytes);
    let start = 0;
    return (block?.ends ?? []).map((end) => {
      const text = block?.bytes.toString('utf8', start, end);
      start = end;
      return text;
    });
  };
  const wrap = (inner: string) => event('chunk', JSON.stringify({ bytes: Buffer.from(inner).toString('base64') }));
  const exception = encodeAwsFrame({
    headers: { ':message-type': 'exception', ':exception-type': 'throttlingException' },
    payload: '{"message":"Slow\\ndown"}',
  });

  test('frames are named by their event type, and exceptions by theirs', () => {
    const bytes = Buffer.concat([event('messageStart', '{"role":\n"assistant"}'), exception]);
    expect(through(bytes, false)).toEqual([
      'event: messageStart\ndata: {"role": "assistant"}\n\n',
      'event: throttlingException\ndata: {"message":"Slow\\ndown"}\n\n',
    ]);
  });

  test('wrapped events come out, and exceptions as errors', () => {
    const bytes = Buffer.concat([wrap('{"type":"ping","ü":1}'), exception]);
    expect(through(bytes, true)).toEqual([
      'event: ping\ndata: {"type":"ping","ü":1}\n\n',
      'event: error\ndata: {"type":"error","error":{"type":"throttlingException","message":"Slow\\ndown"}}\n\n',
    ]);
  });
});

function flip(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

/** A frame of these headers' bytes, made by writing them in place of one text header of the same length. */
function withHeaders(headers: Buffer): Buffer {
  const frame = encodeAwsFrame({ headers: {}, payload: headers });
  // The same bytes stand where headers would: only the lengths and checksums tell them apart.
  frame.writeUInt32BE(headers.length, 4);
  return resealed(frame);
}

function resealed(frame: Buffer): Buffer {
  const bytes = Buffer.from(frame);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, bytes.length - 4)), bytes.length - 4);
  return bytes;
}
