import { crc32, deflateSync } from 'node:zlib';
import type { Raster } from './raster.ts';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const CHUNK_OVERHEAD = 12;
const NOISE_BYTES = 65_536;

/**
 * A PNG file with a palette: https://www.w3.org/TR/png-3/
 * @param atLeastBytes made so long by a private chunk that viewers skip
 */
export function encodePng({ width, height, pixels, palette }: Raster, atLeastBytes = 0): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits per pixel, palette, no interlacing.
  header.set([8, 3, 0, 0, 0], 8);
  const rows = Buffer.alloc((width + 1) * height);
  for (let row = 0; row < height; row += 1) {
    rows.set(pixels.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  }
  const parts = [
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flat())),
    chunk('IDAT', deflateSync(rows, { level: 3 })),
  ];
  const end = chunk('IEND', Buffer.alloc(0));
  const missing = atLeastBytes - CHUNK_OVERHEAD - end.length - parts.reduce((sum, part) => sum + part.length, 0);
  if (missing > 0) parts.push(chunk('slPd', noise(missing)));
  return Buffer.concat([...parts, end]);
}

function chunk(type: string, data: Buffer): Buffer {
  const framed = Buffer.alloc(data.length + CHUNK_OVERHEAD);
  framed.writeUInt32BE(data.length, 0);
  framed.write(type, 4, 'latin1');
  data.copy(framed, 8);
  framed.writeUInt32BE(crc32(framed.subarray(4, data.length + 8)), data.length + 8);
  return framed;
}

/** Bytes that no compression shortens much. */
export function noise(length: number): Buffer {
  let state = 0x2545f491;
  const block = Buffer.alloc(Math.min(NOISE_BYTES, length));
  for (let at = 0; at < block.length; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    block[at] = state >>> 16;
  }
  return Buffer.alloc(length, block);
}

/** Width and height of a PNG file; null where it is none. */
export function readPngSize(bytes: Buffer): { width: number; height: number } | null {
  if (bytes.length < 33 || !bytes.subarray(0, 8).equals(SIGNATURE)) return null;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}
