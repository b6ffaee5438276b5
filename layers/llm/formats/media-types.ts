import type { AudioPart, DocumentPart, ImagePart, TextPart, VideoPart } from '../neutral/parts.ts';

/** First bytes of files, in base64: https://mimesniff.spec.whatwg.org/ */
const SIGNATURES: readonly (readonly [start: string, mediaType: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
  ['JVBERi', 'application/pdf'],
];

/** What the bytes look like; null when they look like nothing known. */
export function sniffMediaType(base64: string): string | null {
  return SIGNATURES.find(([start]) => base64.startsWith(start))?.[1] ?? null;
}

const DOCUMENT_TYPES: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  xml: 'application/xml',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** By a file's name; null when its ending says nothing. */
export function mediaTypeOfName(name: string): string | null {
  return DOCUMENT_TYPES[name.slice(name.lastIndexOf('.') + 1).toLowerCase()] ?? null;
}

/** Media types whose bytes are UTF-8 text. */
export function isTextType(mediaType: string): boolean {
  return mediaType.startsWith('text/') || mediaType === 'application/json' || mediaType === 'application/xml';
}

export function decodeBase64Text(data: string): string {
  return Buffer.from(data, 'base64').toString('utf8');
}

/** What stands in place of media that the upstream cannot take, so that the model knows and can say so. */
export function mediaNote(part: ImagePart | DocumentPart | AudioPart | VideoPart): TextPart {
  if (part.type === 'audio' && part.transcript) return { type: 'text', text: part.transcript };
  const name = part.type === 'document' && part.name ? ` "${part.name}"` : '';
  return { type: 'text', text: `[${part.type}${name} left out: this model cannot read it]` };
}
