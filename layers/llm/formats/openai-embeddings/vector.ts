import type { EmbedVector } from '../../neutral/embed.ts';

/** Bytes of a number in the base64 form: float32, little endian. */
const BYTES = 4;

export function toFloats(vector: EmbedVector): number[] {
  if (typeof vector !== 'string') return vector;
  const bytes = Buffer.from(vector, 'base64');
  const floats = new Array<number>(Math.floor(bytes.length / BYTES));
  for (let index = 0; index < floats.length; index += 1) floats[index] = bytes.readFloatLE(index * BYTES);
  return floats;
}

export function toBase64(vector: EmbedVector): string {
  if (typeof vector === 'string') return vector;
  const bytes = Buffer.allocUnsafe(vector.length * BYTES);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * BYTES);
  return bytes.toString('base64');
}
