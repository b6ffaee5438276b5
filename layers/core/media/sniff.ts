import type { MediaKind } from './media-store.ts';

export interface SniffedType {
  readonly kind: MediaKind;
  readonly contentType: string;
  readonly extension: string;
}

/** So many first bytes tell every type below. */
export const SNIFFED_BYTES = 64;

interface Signature extends SniffedType {
  fits(head: Buffer): boolean;
}

const begins =
  (...bytes: readonly number[]) =>
  (head: Buffer): boolean =>
    head.length >= bytes.length && bytes.every((byte, index) => head[index] === byte);
const riff =
  (form: string) =>
  (head: Buffer): boolean =>
    head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === form;
/** ISO base media files name their brand first: https://mp4ra.org/registered-types/brands */
const brand =
  (pattern: RegExp) =>
  (head: Buffer): boolean =>
    head.toString('latin1', 4, 8) === 'ftyp' && pattern.test(head.toString('latin1', 8, 12));
/** EBML, with the document type a few elements in. */
const matroska = begins(0x1a, 0x45, 0xdf, 0xa3);

/**
 * What is served as what it is. Nothing in which a script could run is among them: no SVG, no HTML, no PDF.
 * https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern
 */
const SIGNATURES: readonly Signature[] = [
  {
    kind: 'image',
    contentType: 'image/png',
    extension: 'png',
    fits: begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
  },
  { kind: 'image', contentType: 'image/jpeg', extension: 'jpg', fits: begins(0xff, 0xd8, 0xff) },
  { kind: 'image', contentType: 'image/webp', extension: 'webp', fits: riff('WEBP') },
  {
    kind: 'image',
    contentType: 'image/gif',
    extension: 'gif',
    fits: (head) => /^GIF8[79]a/.test(head.toString('latin1', 0, 6)),
  },
  { kind: 'image', contentType: 'image/avif', extension: 'avif', fits: brand(/^avi[fs]$/) },
  { kind: 'video', contentType: 'video/quicktime', extension: 'mov', fits: brand(/^qt {2}$/) },
  {
    kind: 'video',
    contentType: 'video/mp4',
    extension: 'mp4',
    fits: brand(/^(?:iso[0-9a-z]|mp4[12]|avc1|M4V |MSNV|dash|mmp4|f4v )$/),
  },
  {
    kind: 'video',
    contentType: 'video/webm',
    extension: 'webm',
    fits: (head) => matroska(head) && head.toString('latin1', 0, SNIFFED_BYTES).includes('webm'),
  },
  { kind: 'video', contentType: 'video/x-msvideo', extension: 'avi', fits: riff('AVI ') },
];

/** By what the bytes begin with; null when it is none of the media that are served as such. */
export function sniffMedia(head: Uint8Array): SniffedType | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, SNIFFED_BYTES));
  return SIGNATURES.find(({ fits }) => fits(bytes)) ?? null;
}
