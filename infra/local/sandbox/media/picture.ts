import { createRandom, hexOf } from '../text.ts';
import { createRaster, fillBox, writeText, type Colour, type Raster } from './raster.ts';

export interface PictureFacts {
  /** What is written on it. */
  text: string;
  width: number;
  height: number;
  /** Colours depend on nothing else. */
  seed: string;
  /** How much of it is there already, in [0, 1]; below that line it is grey. */
  done?: number;
  /** Shown as a bar at the bottom, in [0, 1]. */
  played?: number;
}

const BANDS = 12;
const INK = BANDS;
const PAPER = BANDS + 1;
const GREY = BANDS + 2;

/** Diagonal bands of colour and the text on a panel: the same for the same facts. */
export function drawPicture({ text, width, height, seed, done = 1, played }: PictureFacts): Raster {
  const raster = createRaster(width, height, paletteOf(seed));
  const band = Math.max(4, Math.round((width + height) / (BANDS * 2)));
  // Each row is the one above it, moved by a pixel.
  const line = Uint8Array.from({ length: width + height }, (_, at) => Math.floor(at / band) % BANDS);
  for (let row = 0; row < height; row += 1) raster.pixels.set(line.subarray(row, row + width), row * width);
  const margin = Math.round(Math.min(width, height) / 12);
  const panel = { x: margin, y: margin, width: width - 2 * margin, height: height - 2 * margin };
  fillBox(raster, panel, PAPER);
  const inner = { x: margin * 1.5, y: margin * 1.5, width: width - 3 * margin, height: height - 3 * margin };
  writeText(raster, rounded(inner), text, { scale: Math.max(1, Math.round(width / 200)), colour: INK });
  if (played !== undefined) {
    fillBox(raster, { x: 0, y: height - 4, width: Math.round(width * played), height: 4 }, INK);
  }
  if (done < 1) {
    const drawn = Math.round(height * done);
    fillBox(raster, { x: 0, y: drawn, width, height: height - drawn }, GREY);
  }
  return raster;
}

function rounded<T extends Record<string, number>>(box: T): T {
  return Object.fromEntries(Object.entries(box).map(([name, value]) => [name, Math.round(value)])) as T;
}

function paletteOf(seed: string): Colour[] {
  const random = createRandom(`colours/${hexOf(seed, 32)}`);
  const from = [random(), random(), random()];
  const to = [random(), random(), random()];
  const bands = Array.from({ length: BANDS }, (_, index): Colour => {
    const share = index / (BANDS - 1);
    const mixed = from.map((value, at) => 40 + Math.round(175 * (value * (1 - share) + (to[at] ?? 0) * share)));
    return [mixed[0] ?? 0, mixed[1] ?? 0, mixed[2] ?? 0];
  });
  return [...bands, [20, 20, 28], [244, 242, 236], [150, 150, 150]];
}
