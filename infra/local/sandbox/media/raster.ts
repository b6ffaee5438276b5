import { columnsOf, LETTER_HEIGHT, LETTER_WIDTH } from './font.ts';

/** Red, green, blue; 0 to 255. */
export type Colour = readonly [number, number, number];

/** A picture of few colours: one byte per pixel, an index into the palette. */
export interface Raster {
  width: number;
  height: number;
  pixels: Uint8Array;
  palette: readonly Colour[];
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export function createRaster(width: number, height: number, palette: readonly Colour[]): Raster {
  return { width, height, pixels: new Uint8Array(width * height), palette };
}

/** Paints a rectangle; what lies outside the picture is left away. */
export function fillBox(raster: Raster, { x, y, width, height }: Box, colour: number): void {
  const from = Math.max(0, x);
  const to = Math.min(raster.width, x + width);
  if (from >= to) return;
  for (let row = Math.max(0, y); row < Math.min(raster.height, y + height); row += 1) {
    raster.pixels.fill(colour, row * raster.width + from, row * raster.width + to);
  }
}

/** Writes text within a box, words wrapped, as many lines as fit. */
export function writeText(raster: Raster, box: Box, text: string, pen: { scale: number; colour: number }): void {
  const advance = (LETTER_WIDTH + 1) * pen.scale;
  const line = (LETTER_HEIGHT + 2) * pen.scale;
  const perLine = Math.max(1, Math.floor(box.width / advance));
  const lines = wrap(text, perLine).slice(0, Math.max(1, Math.floor(box.height / line)));
  for (const [row, words] of lines.entries()) {
    for (const [at, character] of [...words].entries()) {
      drawLetter(raster, character, { x: box.x + at * advance, y: box.y + row * line }, pen);
    }
  }
}

function drawLetter(
  raster: Raster,
  character: string,
  { x, y }: { x: number; y: number },
  { scale, colour }: { scale: number; colour: number },
): void {
  for (const [column, bits] of columnsOf(character).entries()) {
    for (let row = 0; row < LETTER_HEIGHT; row += 1) {
      if ((bits & (1 << row)) === 0) continue;
      fillBox(raster, { x: x + column * scale, y: y + row * scale, width: scale, height: scale }, colour);
    }
  }
}

function wrap(text: string, perLine: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const joined = line === '' ? word : `${line} ${word}`;
    if ([...joined].length <= perLine) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    const letters = [...word];
    while (letters.length > perLine) lines.push(letters.splice(0, perLine).join(''));
    line = letters.join('');
  }
  return line === '' ? lines : [...lines, line];
}
