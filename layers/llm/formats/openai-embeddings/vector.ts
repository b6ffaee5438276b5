import type { EmbedVector } from '../../neutral/embed.ts';

/** Bytes of a number in the base64 form: float32, little endian. */
const BYTES = 4;

export function toFloats(vector: EmbedVector): number[] {
  if (typeof vector !== 'string') return vector;
  const bytes = Buffer.from(vector, 'base64');
  const length = Math.floor(bytes.length / BYTES);
  return Array.from({ length }, (_none, index) => bytes.readFloatLE(index * BYTES));
}

export function toBase64(vector: EmbedVector): string {
  if (typeof vector === 'string') return vector;
  const bytes = Buffer.allocUnsafe(vector.length * BYTES);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * BYTES);
  return bytes.toString('base64');
}
