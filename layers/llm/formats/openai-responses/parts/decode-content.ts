import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import type {
  AudioPart,
  Citation,
  DocumentPart,
  ImagePart,
  MediaSource,
  RefusalPart,
  TextPart,
} from '../../../neutral/parts.ts';
import { checkBase64, readDataUrl } from '../../data-url.ts';
import { mediaTypeOfName } from '../../media-types.ts';
import {
  asArray,
  asObject,
  asOneOf,
  asString,
  asText,
  invalidField,
  looseNumber,
  looseString,
  optional,
  pathOf,
} from '../../reading.ts';
import { RESPONSES } from '../wire.ts';

type InputPart = TextPart | ImagePart | DocumentPart | AudioPart;

/** What stands in messages of the user and in results of tools: a text, or parts. Empty texts are left out. */
export function decodeInputContent(content: unknown, path: string): InputPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  const parts: InputPart[] = [];
  for (const [index, value] of asArray(content, path).entries()) {
    const partPath = pathOf(path, index);
    const part = decodeInputPart(asObject(value, partPath), partPath);
    if (part.type !== 'text' || part.text !== '') parts.push(part);
  }
  return parts;
}

function decodeInputPart(part: JsonObject, path: string): InputPart {
  const typePath = pathOf(path, 'type');
  switch (asString(part['type'], typePath)) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return { type: 'text', text: asString(part['text'], pathOf(path, 'text')) };
    case 'input_image':
      return decodeImage(part, path);
    case 'input_file':
      return decodeFile(part, path);
    case 'input_audio':
      return decodeAudio(part, path);
    default:
      throw invalidField(
        typePath,
        `Invalid value: '${String(part['type'])}'. Supported values are: 'input_text', 'input_image', 'input_file' and 'input_audio'.`,
      );
  }
}

/** Texts alone, for instructions. */
export function decodeTexts(content: unknown, path: string): TextPart[] {
  return decodeInputContent(content, path).map((part, index) => {
    if (part.type !== 'text') {
      const typePath = pathOf(pathOf(path, index), 'type');
      throw invalidField(typePath, `'${typePath}' must be 'input_text' in instructions.`);
    }
    return part;
  });
}

const DETAILS = ['low', 'high', 'auto', 'original'] as const;

function decodeImage(part: JsonObject, path: string): ImagePart {
  const url = optional(part, 'image_url', asText, path);
  const fileId = optional(part, 'file_id', asText, path);
  const detail = optional(part, 'detail', (value, at) => asOneOf(value, DETAILS, at), path);
  const source = url === null ? fileSource(fileId, path, 'image_url') : urlSource(url, pathOf(path, 'image_url'));
  return { type: 'image', source, ...(detail === null ? {} : { detail }) };
}

function urlSource(url: string, path: string): MediaSource {
  return readDataUrl(url, path) ?? { kind: 'url', url, mediaType: null };
}

function fileSource(fileId: string | null, path: string, alternative: string): MediaSource {
  if (fileId === null) throw invalidField(path, `'${path}' must have '${alternative}' or 'file_id'.`);
  return { kind: 'file', fileId, format: RESPONSES };
}

/** `file_data` is a data URL, or bare base64 of what the file's name says. */
function decodeFile(part: JsonObject, path: string): DocumentPart {
  const name = optional(part, 'filename', asString, path);
  const data = optional(part, 'file_data', asText, path);
  const url = optional(part, 'file_url', asText, path);
  const fileId = optional(part, 'file_id', asText, path);
  const dataPath = pathOf(path, 'file_data');
  if (data !== null) {
    const source = readDataUrl(data, dataPath) ?? {
      kind: 'base64' as const,
      mediaType: mediaTypeOfName(name ?? '') ?? 'application/pdf',
      data: checkBase64(data, dataPath),
    };
    return { type: 'document', source, name };
  }
  if (url !== null) return { type: 'document', source: urlSource(url, pathOf(path, 'file_url')), name };
  return { type: 'document', source: fileSource(fileId, path, 'file_data'), name };
}

function decodeAudio(part: JsonObject, path: string): AudioPart {
  const audioPath = pathOf(path, 'input_audio');
  const audio = asObject(part['input_audio'], audioPath);
  const dataPath = pathOf(audioPath, 'data');
  const data = checkBase64(asText(audio['data'], dataPath), dataPath);
  const format = asOneOf(audio['format'], ['mp3', 'wav'] as const, pathOf(audioPath, 'format'));
  return { type: 'audio', source: { kind: 'base64', mediaType: format === 'mp3' ? 'audio/mpeg' : 'audio/wav', data } };
}

/** What the assistant said, as clients send it back: a text, or parts. */
export function decodeAssistantContent(content: unknown, path: string): (TextPart | RefusalPart)[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  const parts: (TextPart | RefusalPart)[] = [];
  for (const [index, value] of asArray(content, path).entries()) {
    const partPath = pathOf(path, index);
    const part = asObject(value, partPath);
    if (part['type'] === 'refusal') {
      const text = asString(part['refusal'], pathOf(partPath, 'refusal'));
      if (text !== '') parts.push({ type: 'refusal', text });
      continue;
    }
    const read = decodeInputPart(part, partPath);
    if (read.type !== 'text') {
      throw invalidField(pathOf(partPath, 'type'), `'${pathOf(partPath, 'type')}' must be 'output_text' or 'refusal'.`);
    }
    if (read.text === '') continue;
    const citations = decodeAnnotations(part['annotations']);
    parts.push(citations.length === 0 ? read : { ...read, citations });
  }
  return parts;
}

/** Loose, in both directions: a source that cannot be read is no reason to refuse a conversation. */
export function decodeAnnotations(annotations: Json | undefined): Citation[] {
  return Array.isArray(annotations) ? annotations.filter(isJsonObject).map(decodeAnnotation) : [];
}

export function decodeAnnotation(annotation: JsonObject): Citation {
  const isUrl = annotation['type'] === 'url_citation';
  return {
    start: isUrl ? looseNumber(annotation['start_index']) : null,
    end: isUrl ? looseNumber(annotation['end_index']) : null,
    title: looseString(annotation['title']) ?? looseString(annotation['filename']),
    url: looseString(annotation['url']),
    citedText: null,
    native: { format: RESPONSES, value: annotation },
  };
}
