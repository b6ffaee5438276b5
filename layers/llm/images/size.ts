import type { ImageSize } from './image.ts';

/** What clients of all vendors ask for by pixels, as ratios; others go to the nearest. */
const USUAL: ReadonlyMap<string, string> = new Map([
  ['1024x1024', '1:1'],
  ['1280x720', '16:9'],
  ['720x1280', '9:16'],
  ['1792x1024', '3:2'],
  ['1024x1792', '2:3'],
  ['1536x1024', '3:2'],
  ['1024x1536', '2:3'],
]);

const RATIOS = ['1:1', '3:2', '2:3', '16:9', '9:16', '4:3', '3:4'] as const;
/** What has no size is taken for this. */
const OF_NONSENSE = '2:3';

/** A size in pixels or a ratio; null for `auto`, which is what the upstream does by itself. */
export function readSize(text: string): ImageSize | null {
  const said = text.trim().toLowerCase().replaceAll('×', 'x');
  if (said === '' || said === 'auto') return null;
  const usual = USUAL.get(said);
  if (usual !== undefined) return { pixels: said, ratio: usual };
  const pixels = /^([1-9]\d{1,4})x([1-9]\d{1,4})$/.exec(said);
  if (pixels) return { pixels: said, ratio: nearest(Number(pixels[1]) / Number(pixels[2]), RATIOS) };
  const ratio = /^([1-9]\d{0,2}):([1-9]\d{0,2})$/.exec(said);
  const known = ratio ? said : OF_NONSENSE;
  return { pixels: pixelsOf(known), ratio: known };
}

/** The ratio of a list that looks most like this one. */
export function nearestRatio(ratio: string, ratios: readonly string[]): string {
  return ratios.includes(ratio) ? ratio : nearest(valueOf(ratio), ratios);
}

function nearest(value: number, ratios: readonly string[]): string {
  const distance = (ratio: string): number => Math.abs(Math.log(value / valueOf(ratio)));
  return ratios.reduce((best, ratio) => (distance(ratio) < distance(best) ? ratio : best));
}

/** The sizes that OpenAI's models draw: https://platform.openai.com/docs/api-reference/images/create */
function pixelsOf(ratio: string): string {
  const value = valueOf(ratio);
  if (Math.abs(value - 1) < 0.1) return '1024x1024';
  return value > 1 ? '1536x1024' : '1024x1536';
}

function valueOf(ratio: string): number {
  const [width = '1', height = '1'] = ratio.split(':');
  return Number(width) / Number(height);
}
