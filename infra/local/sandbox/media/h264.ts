import type { Raster } from './raster.ts';

/*
 * H.264 without compression (ITU-T H.264, 7.3): baseline profile, every picture an IDR picture, every macroblock I_PCM,
 * that is, its samples as they are. Any player shows it.
 */

const MACROBLOCK = 16;
const I_PCM = 25;
const PROFILE_BASELINE = 66;
const CONSTRAINTS = 0xc0;
const LEVEL_3 = 30;

/** Bits in, bytes out, the highest first. */
function createBits(): { put(value: number, count: number): void; golomb(value: number): void; end(): Buffer } {
  const bytes: number[] = [];
  let open = 0;
  let used = 0;
  const put = (value: number, count: number): void => {
    for (let bit = count - 1; bit >= 0; bit -= 1) {
      open = (open << 1) | ((value >> bit) & 1);
      used += 1;
      if (used < 8) continue;
      bytes.push(open);
      open = 0;
      used = 0;
    }
  };
  return {
    put,
    // 9.1: as many zeroes as the number has further bits, then the number plus one.
    golomb(value) {
      const length = 32 - Math.clz32(value + 1);
      put(0, length - 1);
      put(value + 1, length);
    },
    end() {
      if (used > 0) put(0, 8 - used);
      return Buffer.from(bytes);
    },
  };
}

/** 7.3.2.1.1 */
export function sequenceParameters(width: number, height: number): Buffer {
  const bits = createBits();
  bits.put(PROFILE_BASELINE, 8);
  bits.put(CONSTRAINTS, 8);
  bits.put(LEVEL_3, 8);
  bits.golomb(0);
  // Four bits of frame numbers; pictures are shown in the order of the stream; one reference picture at most.
  bits.golomb(0);
  bits.golomb(2);
  bits.golomb(1);
  bits.put(0, 1);
  bits.golomb(width / MACROBLOCK - 1);
  bits.golomb(height / MACROBLOCK - 1);
  // Whole frames, direct 8×8 inference, neither cropping nor usability information; the stop bit.
  bits.put(0b11001, 5);
  return unit(0x67, bits.end());
}

/** 7.3.2.2: nothing but defaults, and slices say how they are deblocked. */
export function pictureParameters(): Buffer {
  const bits = createBits();
  bits.golomb(0);
  bits.golomb(0);
  bits.put(0, 2);
  bits.golomb(0);
  bits.golomb(0);
  bits.golomb(0);
  bits.put(0, 3);
  bits.golomb(0);
  bits.golomb(0);
  bits.golomb(0);
  bits.put(0b1001, 4);
  return unit(0x68, bits.end());
}

/** One picture. Width and height must be multiples of 16. */
export function encodeFrame(raster: Raster, index: number): Buffer {
  const samples = raster.palette.map(toYuv);
  const parts: Buffer[] = [sliceHeader(index)];
  const across = raster.width / MACROBLOCK;
  const down = raster.height / MACROBLOCK;
  for (let block = 0; block < across * down; block += 1) {
    // In the first block the type stands in the header's bytes already.
    if (block > 0) parts.push(PCM_TYPE);
    parts.push(macroblock(raster, samples, { x: (block % across) * 16, y: Math.floor(block / across) * 16 }));
  }
  parts.push(Buffer.of(0x80));
  return unit(0x65, Buffer.concat(parts));
}

function sliceHeader(index: number): Buffer {
  const bits = createBits();
  bits.golomb(0);
  // Every slice of the picture is an I slice.
  bits.golomb(7);
  bits.golomb(0);
  bits.put(0, 4);
  // Neighbouring IDR pictures have different numbers.
  bits.golomb(index % 2);
  bits.put(0, 2);
  bits.golomb(0);
  // No deblocking.
  bits.golomb(1);
  bits.golomb(I_PCM);
  return bits.end();
}

const PCM_TYPE = ((): Buffer => {
  const bits = createBits();
  bits.golomb(I_PCM);
  return bits.end();
})();

interface Yuv {
  y: number;
  u: number;
  v: number;
}

/** ITU-R BT.601, limited range, so that no sample is 0. */
function toYuv([red, green, blue]: readonly [number, number, number]): Yuv {
  return {
    y: Math.round(16 + (65.738 * red + 129.057 * green + 25.064 * blue) / 256),
    u: Math.round(128 + (-37.945 * red - 74.494 * green + 112.439 * blue) / 256),
    v: Math.round(128 + (112.439 * red - 94.154 * green - 18.285 * blue) / 256),
  };
}

function macroblock(raster: Raster, samples: readonly Yuv[], { x, y }: { x: number; y: number }): Buffer {
  const block = Buffer.alloc(384);
  const at = (column: number, row: number): Yuv =>
    samples[raster.pixels[(y + row) * raster.width + x + column] ?? 0] ?? { y: 16, u: 128, v: 128 };
  for (let pixel = 0; pixel < 256; pixel += 1) block[pixel] = at(pixel % 16, pixel >> 4).y;
  for (let pixel = 0; pixel < 64; pixel += 1) {
    const sample = at((pixel % 8) * 2, (pixel >> 3) * 2);
    block[256 + pixel] = sample.u;
    block[320 + pixel] = sample.v;
  }
  return block;
}

/** 7.4.1: two zero bytes and a small one would look like a start; a 3 goes between. */
function unit(header: number, payload: Buffer): Buffer {
  const bytes: number[] = [header];
  let zeroes = 0;
  for (const byte of payload) {
    if (zeroes === 2 && byte <= 3) {
      bytes.push(3);
      zeroes = 0;
    }
    bytes.push(byte);
    zeroes = byte === 0 ? zeroes + 1 : 0;
  }
  return Buffer.from(bytes);
}
