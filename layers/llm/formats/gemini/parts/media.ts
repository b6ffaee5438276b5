import type { Json, JsonObject } from '../../../neutral/json.ts';
import type { AudioPart, DocumentPart, ImagePart, MediaSource, VideoPart } from '../../../neutral/parts.ts';
import { checkBase64 } from '../../data-url.ts';
import { sniffMediaType } from '../../media-types.ts';
import { asText, pathOf } from '../../reading.ts';
import { field, optionalField } from './fields.ts';

export type MediaPart = ImagePart | DocumentPart | AudioPart | VideoPart;

/** `inlineData`: what it is is told by its media type, and by its first bytes where that is missing. */
export function decodeInlineData(blob: JsonObject, path: string): MediaPart {
  const data = checkBase64(asText(field(blob, 'data'), pathOf(path, 'data')), pathOf(path, 'data'));
  const mediaType =
    optionalField(blob, 'mimeType', asText, path)?.toLowerCase() ?? sniffMediaType(data) ?? 'application/octet-stream';
  return mediaPart({ kind: 'base64', mediaType, data }, mediaType, nameOf(blob));
}

/** `fileData`: a file of the Files API, of Cloud Storage, or anything on the Web. */
export function decodeFileData(file: JsonObject, path: string): MediaPart {
  const uri = asText(field(file, 'fileUri'), pathOf(path, 'fileUri'));
  const mediaType = optionalField(file, 'mimeType', asText, path)?.toLowerCase() ?? mediaTypeOfUrl(uri);
  const source: MediaSource = GOOGLES_OWN.test(uri)
    ? { kind: 'file', fileId: uri, format: 'gemini' }
    : { kind: 'url', url: uri, mediaType };
  return mediaPart(source, mediaType ?? 'application/pdf', nameOf(file));
}

/** Google alone can read these: https://ai.google.dev/api/files#File */
const GOOGLES_OWN = /^gs:\/\/|^https:\/\/generativelanguage\.googleapis\.com\/|^files\//;
const YOUTUBE = /^https:\/\/(?:(?:www\.|m\.)?youtube\.com|youtu\.be)\//;

const TYPES_OF_ENDINGS: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heif',
  pdf: 'application/pdf',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  mp4: 'video/mp4',
  mov: 'video/mov',
  webm: 'video/webm',
  txt: 'text/plain',
};

/** By its ending; null when that says nothing. */
export function mediaTypeOfUrl(url: string): string | null {
  if (YOUTUBE.test(url)) return 'video/*';
  const path = url.split(/[?#]/, 1)[0] ?? '';
  return TYPES_OF_ENDINGS[path.slice(path.lastIndexOf('.') + 1).toLowerCase()] ?? null;
}

function mediaPart(source: MediaSource, mediaType: string, name: string | null): MediaPart {
  if (mediaType.startsWith('image/')) return { type: 'image', source };
  if (mediaType.startsWith('audio/')) return { type: 'audio', source };
  if (mediaType.startsWith('video/')) return { type: 'video', source };
  return { type: 'document', source, name };
}

function nameOf(object: JsonObject): string | null {
  const name: Json | undefined = field(object, 'displayName');
  return typeof name === 'string' ? name : null;
}

/** The media type that is told where a source has none, by the kind of part. */
const USUAL_TYPES = { image: 'image/jpeg', audio: 'audio/mpeg', video: 'video/mp4', document: 'application/pdf' };

/** A part of the wire; null for a file of another vendor, which is nothing here. */
export function encodeMedia(part: MediaPart): JsonObject | null {
  const { source } = part;
  switch (source.kind) {
    case 'base64':
      return { inlineData: { mimeType: source.mediaType, data: source.data } };
    case 'url': {
      const mimeType = source.mediaType ?? mediaTypeOfUrl(source.url) ?? USUAL_TYPES[part.type];
      return { fileData: { fileUri: source.url, mimeType } };
    }
    case 'file':
      return source.format === 'gemini' ? { fileData: { fileUri: source.fileId } } : null;
    case 'text':
      return { text: source.text };
  }
}
