import { encodeFrame, pictureParameters, sequenceParameters } from './h264.ts';
import { noise } from './png.ts';
import type { Raster } from './raster.ts';

const TIMESCALE = 1_000;
const BOX_HEADER = 8;
/** 3×3, no turning and no scaling (ISO/IEC 14496-12, 8.2.2). */
const MATRIX = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000];

/**
 * An MP4 file with one H.264 track (ISO/IEC 14496-12 and -15), the index first.
 * @param frames all of the same size, a multiple of 16 either way
 * @param frameMs how long each is shown
 * @param atLeastBytes made so long by a box of free space
 */
export function encodeMp4(frames: readonly Raster[], frameMs: number, atLeastBytes = 0): Buffer {
  const samples = frames.map((frame, index) => {
    const slice = encodeFrame(frame, index);
    return Buffer.concat([uint32(slice.length), slice]);
  });
  const { width = 16, height = 16 } = frames[0] ?? {};
  const head = box('ftyp', Buffer.from('isom'), uint32(512), Buffer.from('isomiso2avc1mp41'));
  const film = { width, height, sizes: samples.map(({ length }) => length), frameMs };
  // The index is as long whatever it points to.
  const start = head.length + movie(film, 0).length + BOX_HEADER;
  const file = [head, movie(film, start), box('mdat', ...samples)];
  const missing = atLeastBytes - BOX_HEADER - file.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat(missing > 0 ? [...file, box('free', noise(missing))] : file);
}

interface Film {
  width: number;
  height: number;
  sizes: readonly number[];
  frameMs: number;
}

function movie(film: Film, mediaStart: number): Buffer {
  const { width, height, sizes, frameMs } = film;
  const duration = sizes.length * frameMs;
  const header = full(
    'mvhd',
    0,
    numbers(0, 0, TIMESCALE, duration, 0x10000),
    uint16(0x100),
    zeroes(10),
    matrix(),
    zeroes(24),
    numbers(2),
  );
  const track = full(
    'tkhd',
    3,
    numbers(0, 0, 1, 0, duration),
    zeroes(16),
    matrix(),
    numbers(width * 0x10000, height * 0x10000),
  );
  const media = box(
    'mdia',
    // `und`: no language.
    full('mdhd', 0, numbers(0, 0, TIMESCALE, duration), uint16(0x55c4), uint16(0)),
    full('hdlr', 0, numbers(0), Buffer.from('vide'), zeroes(12), Buffer.from('Video\0')),
    box('minf', full('vmhd', 1, zeroes(8)), box('dinf', full('dref', 0, numbers(1), full('url ', 1))), table()),
  );
  return box('moov', header, box('trak', track, media));

  function table(): Buffer {
    return box(
      'stbl',
      full('stsd', 0, numbers(1), sampleEntry(width, height)),
      full('stts', 0, numbers(1, sizes.length, frameMs)),
      full('stsc', 0, numbers(1, 1, sizes.length, 1)),
      full('stsz', 0, numbers(0, sizes.length, ...sizes)),
      full('stco', 0, numbers(1, mediaStart)),
    );
  }
}

function sampleEntry(width: number, height: number): Buffer {
  const sequence = sequenceParameters(width, height);
  const picture = pictureParameters();
  const configuration = box(
    'avcC',
    Buffer.of(1),
    sequence.subarray(1, 4),
    // Lengths of four bytes; one set of each kind.
    Buffer.of(0xff, 0xe1),
    uint16(sequence.length),
    sequence,
    Buffer.of(1),
    uint16(picture.length),
    picture,
  );
  return box(
    'avc1',
    zeroes(6),
    uint16(1),
    zeroes(16),
    uint16(width),
    uint16(height),
    // 72 dots per inch either way.
    numbers(0x480000, 0x480000, 0),
    uint16(1),
    zeroes(32),
    uint16(24),
    uint16(0xffff),
    configuration,
  );
}

function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), ...parts]);
  return Buffer.concat([uint32(body.length + 4), body]);
}

function full(type: string, flags: number, ...parts: readonly Buffer[]): Buffer {
  return box(type, uint32(flags), ...parts);
}

function matrix(): Buffer {
  return numbers(...MATRIX);
}

function numbers(...values: readonly number[]): Buffer {
  return Buffer.concat(values.map(uint32));
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function zeroes(count: number): Buffer {
  return Buffer.alloc(count);
}
