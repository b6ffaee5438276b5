import { encodeMp4 } from './mp4.ts';
import { encodePng } from './png.ts';
import { drawPicture } from './picture.ts';

/** Everything that an artefact of the sandbox depends on, so that it can be made again whenever it is asked for. */
export interface PictureOrder {
  kind: 'picture';
  text: string;
  width: number;
  height: number;
  seed: string;
  /** Share that is drawn, of partial images; whole where absent. */
  done?: number;
  atLeastBytes: number;
}

export interface VideoOrder {
  kind: 'video';
  text: string;
  /** As asked for; the file is smaller, of the same shape. */
  width: number;
  height: number;
  seed: string;
  seconds: number;
  atLeastBytes: number;
}

/** A still of the film. */
interface StillOrder extends Omit<VideoOrder, 'kind'> {
  kind: 'still';
}

export type Order = PictureOrder | VideoOrder | StillOrder;

const LONG_SIDE = 320;
const MACROBLOCK = 16;
const FRAME_MS = 1_000;

/** The file that an order describes, and its type. */
export function makeArtefact(order: Order): { bytes: Buffer; contentType: string } {
  if (order.kind === 'picture') {
    return { bytes: encodePng(drawPicture(order), order.atLeastBytes), contentType: 'image/png' };
  }
  const { width, height } = filmSize(order);
  const frame = (second: number): ReturnType<typeof drawPicture> =>
    drawPicture({
      text: `${order.text} ${second}/${order.seconds} s`,
      width,
      height,
      seed: order.seed,
      played: second / order.seconds,
    });
  if (order.kind === 'still') return { bytes: encodePng(frame(1)), contentType: 'image/png' };
  const frames = Array.from({ length: order.seconds }, (_, index) => frame(index + 1));
  return { bytes: encodeMp4(frames, FRAME_MS, order.atLeastBytes), contentType: 'video/mp4' };
}

/** Of the same shape, in whole macroblocks. */
function filmSize({ width, height }: { width: number; height: number }): { width: number; height: number } {
  const scale = Math.min(1, LONG_SIDE / Math.max(width, height));
  const whole = (side: number): number => Math.max(MACROBLOCK, Math.round((side * scale) / MACROBLOCK) * MACROBLOCK);
  return { width: whole(width), height: whole(height) };
}

const PATH = /^\/media\/([\w-]+)\.(?:png|mp4)$/;
/** What is written on an artefact, at most. */
export const MOST_TEXT = 240;

/** The path under which an artefact can be fetched without a credential, as the vendors' temporary addresses can. */
export function pathOf(order: Order): string {
  const name = Buffer.from(JSON.stringify(order)).toString('base64url');
  return `/media/${name}.${order.kind === 'video' ? 'mp4' : 'png'}`;
}

/** The order in such a path; null where it is none. */
export function orderOf(path: string): Order | null {
  const name = PATH.exec(path)?.[1];
  if (name === undefined) return null;
  try {
    return JSON.parse(Buffer.from(name, 'base64url').toString()) as Order;
  } catch {
    return null;
  }
}
