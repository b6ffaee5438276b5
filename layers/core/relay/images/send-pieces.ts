import type { MediaStore } from '../../media/media-store.ts';
import type { Answer } from '../answer.ts';
import type { DrawnPiece } from './drawing.ts';
import type { DrawnImage } from './drawn.ts';

interface Reading {
  media: Pick<MediaStore, 'reopen'>;
  /** The ledger account that the pictures belong to. */
  owner: string;
}

/** How many bytes the pieces come to, before any picture is read. */
export function lengthOf(pieces: readonly DrawnPiece[]): number {
  return pieces.reduce(
    (sum, piece) =>
      sum + (typeof piece === 'string' ? Buffer.byteLength(piece) : base64Length(piece.base64Of.medium.bytes)),
    0,
  );
}

function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/** Sends pieces one after the other; a picture is in memory a part at a time. Rejects when one cannot be read. */
export async function sendPieces(answer: Answer, reading: Reading, pieces: readonly DrawnPiece[]): Promise<void> {
  for (const piece of pieces) {
    if (typeof piece === 'string') await answer.content(Buffer.from(piece));
    else for await (const text of base64Of(reading, piece.base64Of)) await answer.content(Buffer.from(text, 'latin1'));
  }
}

/** The same as bytes, for events that must be whole. */
export async function collectPieces(reading: Reading, pieces: readonly DrawnPiece[]): Promise<Buffer> {
  const bytes: Buffer[] = [];
  for (const piece of pieces) {
    if (typeof piece === 'string') bytes.push(Buffer.from(piece));
    else for await (const text of base64Of(reading, piece.base64Of)) bytes.push(Buffer.from(text, 'latin1'));
  }
  return Buffer.concat(bytes);
}

/** Three bytes are four characters: pieces are cut there. */
const STEP = 3 * 64 * 1024;

async function* base64Of({ media }: Reading, { bytes, medium }: DrawnImage): AsyncGenerator<string> {
  if (bytes !== null) {
    for (let at = 0; at < bytes.length; at += STEP)
      yield bytes.toString('base64', at, Math.min(at + STEP, bytes.length));
    return;
  }
  const { body } = await media.reopen(medium);
  let carry = Buffer.alloc(0);
  for await (const chunk of body) {
    const joined =
      carry.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([carry, chunk]);
    const whole = joined.length - (joined.length % 3);
    yield joined.toString('base64', 0, whole);
    carry = Buffer.from(joined.subarray(whole));
  }
  if (carry.length > 0) yield carry.toString('base64');
}

/** The whole text, for formats that carry pictures inside of theirs. */
export async function readBase64(reading: Reading, image: DrawnImage): Promise<string> {
  let text = '';
  for await (const piece of base64Of(reading, image)) text += piece;
  return text;
}
