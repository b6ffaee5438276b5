import { crc32 } from 'node:zlib';

/** A value of a frame's header, as its type says; uuids and other bytes are buffers. */
export type AwsHeaderValue = boolean | number | bigint | string | Date | Buffer;

/** One message of `application/vnd.amazon.eventstream`. */
export interface AwsEventFrame {
  headers: ReadonlyMap<string, AwsHeaderValue>;
  payload: Buffer;
}

/** Cuts a byte stream into whole frames, whichever way it was cut into chunks. */
export interface AwsFrameReader {
  /** Feeds a chunk; the frames that it completes. @throws RangeError, AwsEventStreamError */
  push(chunk: Buffer): AwsEventFrame[];
  /** The bytes of a frame that has begun and not ended; null when there are none. */
  rest(): Buffer | null;
}

/** Bytes that are no frame: a wrong checksum, lengths that contradict each other, a header of an unknown type. */
export class AwsEventStreamError extends Error {
  constructor(reason: string) {
    super(`Not an AWS event stream: ${reason}`);
    this.name = 'AwsEventStreamError';
  }
}

/** Total length, length of the headers, checksum of both. */
const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
const MOST_HEADER_BYTES = 128 * 1024;
/** AWS promises 16 MB at most; some of its services send more. */
const MOST_FRAME_BYTES = 24 * 1024 * 1024;

/**
 * https://smithy.io/2.0/aws/amazon-eventstream.html: prelude, headers, payload, each part under a CRC-32.
 */
export function createAwsFrameReader(options: { maxFrameBytes?: number } = {}): AwsFrameReader {
  const maxFrameBytes = options.maxFrameBytes ?? MOST_FRAME_BYTES;
  let held: Buffer[] = [];
  let heldBytes = 0;
  /** Bytes that are needed before anything can be read. */
  let wanted = PRELUDE_BYTES;

  return {
    push(chunk) {
      if (chunk.length > 0) held.push(chunk);
      heldBytes += chunk.length;
      const frames: AwsEventFrame[] = [];
      if (heldBytes < wanted) return frames;
      const bytes = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held);
      let start = 0;
      for (;;) {
        const room = bytes.length - start;
        wanted = room < PRELUDE_BYTES ? PRELUDE_BYTES : readPrelude(bytes, start, maxFrameBytes);
        if (room < wanted) break;
        frames.push(readFrame(bytes.subarray(start, start + wanted)));
        start += wanted;
      }
      const rest = bytes.subarray(start);
      held = rest.length === 0 ? [] : [rest];
      heldBytes = rest.length;
      return frames;
    },
    rest: () => (heldBytes === 0 ? null : Buffer.concat(held)),
  };
}

/** The frame's whole length. The checksum is looked at first, so that no length of noise is believed. */
function readPrelude(bytes: Buffer, start: number, maxFrameBytes: number): number {
  const total = bytes.readUInt32BE(start);
  const headerBytes = bytes.readUInt32BE(start + 4);
  if (crc32(bytes.subarray(start, start + 8)) !== bytes.readUInt32BE(start + 8)) {
    throw new AwsEventStreamError('the checksum of a prelude is wrong');
  }
  if (total > maxFrameBytes) throw new RangeError(`A frame is larger than ${maxFrameBytes} bytes`);
  if (headerBytes > MOST_HEADER_BYTES || total < PRELUDE_BYTES + headerBytes + CHECKSUM_BYTES) {
    throw new AwsEventStreamError('the lengths of a frame contradict each other');
  }
  return total;
}

function readFrame(frame: Buffer): AwsEventFrame {
  const end = frame.length - CHECKSUM_BYTES;
  if (crc32(frame.subarray(0, end)) !== frame.readUInt32BE(end)) {
    throw new AwsEventStreamError('the checksum of a frame is wrong');
  }
  const headerEnd = PRELUDE_BYTES + frame.readUInt32BE(4);
  return { headers: readHeaders(frame, PRELUDE_BYTES, headerEnd), payload: frame.subarray(headerEnd, end) };
}

/** Where the next byte of the headers is, and where they end. */
interface Cursor {
  frame: Buffer;
  at: number;
  end: number;
}

/** Takes so many bytes; none stand behind the headers' end. */
function take(cursor: Cursor, length: number): number {
  const from = cursor.at;
  cursor.at += length;
  if (cursor.at > cursor.end) throw new AwsEventStreamError('a header is cut off');
  return from;
}

function readHeaders(frame: Buffer, start: number, end: number): Map<string, AwsHeaderValue> {
  const headers = new Map<string, AwsHeaderValue>();
  const cursor: Cursor = { frame, at: start, end };
  while (cursor.at < end) {
    const nameLength = frame.readUInt8(take(cursor, 1));
    const nameAt = take(cursor, nameLength);
    const name = frame.toString('utf8', nameAt, nameAt + nameLength);
    headers.set(name, readValue(cursor, frame.readUInt8(take(cursor, 1))));
  }
  return headers;
}

function readValue(cursor: Cursor, type: number): AwsHeaderValue {
  const { frame } = cursor;
  switch (type) {
    case 0:
      return true;
    case 1:
      return false;
    case 2:
      return frame.readInt8(take(cursor, 1));
    case 3:
      return frame.readInt16BE(take(cursor, 2));
    case 4:
      return frame.readInt32BE(take(cursor, 4));
    case 5:
      return frame.readBigInt64BE(take(cursor, 8));
    case 6:
      return readBytes(cursor, frame.readUInt16BE(take(cursor, 2)));
    case 7:
      return readBytes(cursor, frame.readUInt16BE(take(cursor, 2))).toString('utf8');
    case 8:
      return new Date(Number(frame.readBigInt64BE(take(cursor, 8))));
    case 9:
      return readBytes(cursor, 16);
    default:
      throw new AwsEventStreamError(`a header has the unknown type ${type}`);
  }
}

function readBytes(cursor: Cursor, length: number): Buffer {
  const at = take(cursor, length);
  return cursor.frame.subarray(at, at + length);
}

/** A whole frame; values are texts or true and false, as services write them. */
export function encodeAwsFrame(frame: {
  headers: Readonly<Record<string, string | boolean>>;
  payload: Uint8Array | string;
}): Buffer {
  const headers = Buffer.concat(Object.entries(frame.headers).map(([name, value]) => encodeHeader(name, value)));
  const payload = typeof frame.payload === 'string' ? Buffer.from(frame.payload) : frame.payload;
  const total = PRELUDE_BYTES + headers.length + payload.length + CHECKSUM_BYTES;
  const bytes = Buffer.alloc(total);
  bytes.writeUInt32BE(total, 0);
  bytes.writeUInt32BE(headers.length, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  headers.copy(bytes, PRELUDE_BYTES);
  bytes.set(payload, PRELUDE_BYTES + headers.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, total - CHECKSUM_BYTES)), total - CHECKSUM_BYTES);
  return bytes;
}

function encodeHeader(name: string, value: string | boolean): Buffer {
  const nameBytes = Buffer.from(name);
  const head = Buffer.concat([Buffer.from([nameBytes.length]), nameBytes]);
  if (typeof value === 'boolean') return Buffer.concat([head, Buffer.from([value ? 0 : 1])]);
  const text = Buffer.from(value);
  const sized = Buffer.from([7, text.length >> 8, text.length & 0xff]);
  return Buffer.concat([head, sized, text]);
}
