import type { JsonObject } from '../../../neutral/json.ts';
import type { AudioPart, DocumentPart, ImagePart, TextPart, UserPart, VideoPart } from '../../../neutral/parts.ts';
import type { CallContext } from '../../codec.ts';
import { writeDataUrl } from '../../data-url.ts';
import { decodeBase64Text, isTextType, mediaNote } from '../../media-types.ts';

const FORMAT = 'openai-chat';

type Encodable = Exclude<UserPart, { type: 'tool-result' }>;

/** A part of a message's content; nothing for what is empty or another vendor's own. */
export function encodeContentPart(part: Encodable, call: CallContext): JsonObject[] {
  if ('cache' in part && part.cache) call.warn('vendor-only', 'cache_control');
  switch (part.type) {
    case 'text':
      return encodeText(part);
    case 'image':
      return encodeImage(part, call);
    case 'document':
      return encodeDocument(part, call);
    case 'audio':
      return encodeAudio(part, call);
    case 'video':
      return encodeNote(part, call);
    case 'vendor':
      if (part.format === FORMAT) return [part.value];
      call.warn('vendor-only', `messages[].content[].${String(part.value['type'] ?? 'vendor')}`);
      return [];
  }
}

export function encodeText({ text }: TextPart): JsonObject[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

function encodeImage(part: ImagePart, call: CallContext): JsonObject[] {
  const { source } = part;
  if (!call.features.images || source.kind === 'file') return encodeNote(part, call);
  const url = source.kind === 'url' ? source.url : writeDataUrl(source);
  return [{ type: 'image_url', image_url: { url, ...(part.detail !== undefined && { detail: part.detail }) } }];
}

/** Texts stand as texts, so that models without files read them too. */
function encodeDocument(part: DocumentPart, call: CallContext): JsonObject[] {
  const { source, name } = part;
  switch (source.kind) {
    case 'text':
      return encodeText({ type: 'text', text: titled(name, source.text) });
    case 'base64':
      if (isTextType(source.mediaType)) {
        return encodeText({ type: 'text', text: titled(name, decodeBase64Text(source.data)) });
      }
      if (!call.features.documents) return encodeNote(part, call);
      return [{ type: 'file', file: { filename: name ?? 'document.pdf', file_data: writeDataUrl(source) } }];
    case 'file':
      return source.format === FORMAT ? [{ type: 'file', file: { file_id: source.fileId } }] : encodeNote(part, call);
    case 'url':
      // A document's address is taken by no chat model: https://platform.openai.com/docs/guides/pdf-files
      return encodeNote(part, call);
  }
}

function titled(name: string | null, text: string): string {
  return name === null ? text : `${name}:\n${text}`;
}

const AUDIO_FORMATS: Readonly<Record<string, string>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
};

function encodeAudio(part: AudioPart, call: CallContext): JsonObject[] {
  const { source } = part;
  const format = source.kind === 'base64' ? AUDIO_FORMATS[source.mediaType] : undefined;
  if (!call.features.audio || source.kind !== 'base64' || format === undefined) return encodeNote(part, call);
  return [{ type: 'input_audio', input_audio: { data: source.data, format } }];
}

function encodeNote(part: ImagePart | DocumentPart | AudioPart | VideoPart, call: CallContext): JsonObject[] {
  call.warn('dropped', `messages[].content[].${part.type}`);
  return encodeText(mediaNote(part));
}
