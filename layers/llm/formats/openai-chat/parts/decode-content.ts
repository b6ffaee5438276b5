import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import type {
  AudioPart,
  DocumentPart,
  ImagePart,
  MediaSource,
  TextPart,
  UserPart,
  VideoPart,
} from '../../../neutral/parts.ts';
import { decodeCacheMark } from '../../anthropic-messages/parts/cache-marks.ts';
import { decodeDocument, decodeImage as decodeAnthropicImage } from '../../anthropic-messages/parts/decode-media.ts';
import { checkBase64, readDataUrl } from '../../data-url.ts';
import { mediaTypeOfName, sniffMediaType } from '../../media-types.ts';
import { asArray, asObject, asString, asText, looseString, optional, pathOf, wrongType } from '../../reading.ts';

const FORMAT = 'openai-chat';

/** Parts, or a text in place of a list of them; null is nothing. */
export function eachPart(content: Json | undefined, path: string): [part: JsonObject, path: string][] {
  if (content == null || content === '') return [];
  if (typeof content === 'string') return [[{ type: 'text', text: content }, path]];
  return asArray(content, path).map((item, index) => {
    const itemPath = pathOf(path, index);
    return [typeof item === 'string' ? { type: 'text', text: item } : asObject(item, itemPath), itemPath];
  });
}

export function decodeText(part: JsonObject, path: string): TextPart {
  const text: TextPart = { type: 'text', text: asString(part['text'], pathOf(path, 'text')) };
  return Object.assign(text, cacheOf(part));
}

/** https://platform.openai.com/docs/api-reference/chat/create, and what clients of compatible servers send beside it */
export function decodeContentPart(part: JsonObject, path: string): Exclude<UserPart, { type: 'tool-result' }>[] {
  switch (part['type']) {
    case 'text':
    case 'input_text':
    case 'output_text':
      return [decodeText(part, path)];
    case 'image_url':
      return [decodeImageUrl(part, path)];
    case 'input_audio':
      return [decodeAudio(part, path)];
    case 'file':
      return [decodeFile(part, path)];
    case 'video_url':
      return [decodeVideo(part, path)];
    // Anthropic's blocks in OpenAI's messages, as agents that changed their address but not their history send them.
    case 'image':
      return [decodeAnthropicImage(part, path)];
    case 'document':
      return decodeDocument(part, path);
    default:
      asString(part['type'], pathOf(path, 'type'));
      throw wrongType(pathOf(path, 'type'), "one of 'text', 'image_url', 'input_audio', 'file'");
  }
}

const DETAILS = new Set(['low', 'high', 'auto', 'original']);

function decodeImageUrl(part: JsonObject, path: string): ImagePart {
  const at = pathOf(path, 'image_url');
  const image = typeof part['image_url'] === 'string' ? { url: part['image_url'] } : asObject(part['image_url'], at);
  const decoded: ImagePart = {
    type: 'image',
    source: readSource(asText(image['url'], pathOf(at, 'url')), pathOf(at, 'url')),
  };
  const detail = looseString((image as JsonObject)['detail']);
  if (detail !== null && DETAILS.has(detail)) decoded.detail = detail as NonNullable<ImagePart['detail']>;
  return Object.assign(decoded, cacheOf(part));
}

/** A media type that a client left out shows in the bytes. */
function readSource(url: string, path: string): MediaSource {
  const source = readDataUrl(url, path);
  if (source === null) return { kind: 'url', url, mediaType: null };
  if (source.mediaType !== 'text/plain' && source.mediaType !== 'application/octet-stream') return source;
  return { ...source, mediaType: sniffMediaType(source.data) ?? source.mediaType };
}

function decodeAudio(part: JsonObject, path: string): AudioPart {
  const at = pathOf(path, 'input_audio');
  const audio = asObject(part['input_audio'], at);
  const format = asText(audio['format'], pathOf(at, 'format'));
  const data = asText(audio['data'], pathOf(at, 'data'));
  const source = readDataUrl(data, pathOf(at, 'data')) ?? {
    kind: 'base64' as const,
    mediaType: format === 'mp3' ? 'audio/mpeg' : `audio/${format}`,
    data: checkBase64(data, pathOf(at, 'data')),
  };
  return { type: 'audio', source, ...cacheOf(part) };
}

/** `file_data` is a data URL by the documentation and bare base64 from some clients. */
function decodeFile(part: JsonObject, path: string): DocumentPart | ImagePart | AudioPart {
  const at = pathOf(path, 'file');
  const file = asObject(part['file'], at);
  const name = optional(file, 'filename', asString, at);
  const fileId = optional(file, 'file_id', asText, at);
  if (fileId !== null) {
    return { type: 'document', source: { kind: 'file', fileId, format: FORMAT }, name, ...cacheOf(part) };
  }
  const data = asText(file['file_data'], pathOf(at, 'file_data'));
  const source = /^https?:/.test(data)
    ? { kind: 'url' as const, url: data, mediaType: null }
    : (readDataUrl(data, pathOf(at, 'file_data')) ?? bareSource(data, name, pathOf(at, 'file_data')));
  if (source.kind === 'base64' && source.mediaType.startsWith('image/'))
    return { type: 'image', source, ...cacheOf(part) };
  if (source.kind === 'base64' && source.mediaType.startsWith('audio/'))
    return { type: 'audio', source, ...cacheOf(part) };
  return { type: 'document', source, name, ...cacheOf(part) };
}

function bareSource(text: string, name: string | null, path: string): Extract<MediaSource, { kind: 'base64' }> {
  const data = checkBase64(text, path);
  const mediaType = mediaTypeOfName(name ?? '') ?? sniffMediaType(data) ?? 'application/pdf';
  return { kind: 'base64', mediaType, data };
}

function decodeVideo(part: JsonObject, path: string): VideoPart {
  const at = pathOf(path, 'video_url');
  const url = isJsonObject(part['video_url']) ? part['video_url']['url'] : part['video_url'];
  return { type: 'video', source: readSource(asText(url, pathOf(at, 'url')), pathOf(at, 'url')), ...cacheOf(part) };
}

/** Marks in the shape that OpenRouter and LiteLLM take: https://openrouter.ai/docs/features/prompt-caching */
function cacheOf(part: JsonObject): { cache?: TextPart['cache'] } {
  const cache = decodeCacheMark(part['cache_control']);
  return cache ? { cache } : {};
}
