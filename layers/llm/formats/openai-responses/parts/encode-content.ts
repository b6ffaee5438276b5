import type { JsonObject } from '../../../neutral/json.ts';
import type {
  AudioPart,
  DocumentPart,
  ImagePart,
  RefusalPart,
  TextPart,
  ToolResultPart,
  VideoPart,
} from '../../../neutral/parts.ts';
import type { CallContext } from '../../codec.ts';
import { writeDataUrl } from '../../data-url.ts';
import { mediaNote } from '../../media-types.ts';
import { markToolError } from '../../tool-error.ts';
import { RESPONSES } from '../wire.ts';

/** A part of a message or of a tool's result; null for an empty text. */
export function encodeInputPart(
  part: TextPart | ImagePart | DocumentPart | AudioPart | VideoPart,
  call: CallContext,
): JsonObject | null {
  switch (part.type) {
    case 'text':
      return part.text === '' ? null : { type: 'input_text', text: part.text };
    case 'image':
      return encodeImage(part, call);
    case 'document':
      return encodeDocument(part, call);
    case 'audio':
      return encodeAudio(part, call);
    case 'video':
      return leftOut(part, call);
  }
}

/** The model learns that there was something. */
function leftOut(part: ImagePart | DocumentPart | AudioPart | VideoPart, call: CallContext): JsonObject {
  call.warn('dropped', part.type);
  return { type: 'input_text', text: mediaNote(part).text };
}

function encodeImage(part: ImagePart, call: CallContext): JsonObject {
  const { source, detail } = part;
  if (!call.features.images) return leftOut(part, call);
  const head = { type: 'input_image', detail: detail ?? 'auto' };
  if (source.kind === 'base64') return { ...head, image_url: writeDataUrl(source) };
  if (source.kind === 'url') return { ...head, image_url: source.url };
  return isOurs(source.format) ? { ...head, file_id: source.fileId } : leftOut(part, call);
}

/** Files live with the vendor, not with one of its formats. */
function isOurs(format: string): boolean {
  return format === RESPONSES || format === 'openai-chat';
}

function encodeDocument(part: DocumentPart, call: CallContext): JsonObject {
  const { source, name } = part;
  if (source.kind === 'text') {
    return { type: 'input_text', text: name === null ? source.text : `${name}\n\n${source.text}` };
  }
  if (!call.features.documents) return leftOut(part, call);
  if (source.kind === 'base64') {
    return { type: 'input_file', filename: name ?? defaultName(source.mediaType), file_data: writeDataUrl(source) };
  }
  if (source.kind === 'url') return { type: 'input_file', file_url: source.url };
  return isOurs(source.format) ? { type: 'input_file', file_id: source.fileId } : leftOut(part, call);
}

/** A file without a name is refused. */
function defaultName(mediaType: string): string {
  return mediaType === 'application/pdf' ? 'document.pdf' : 'document.txt';
}

const SOUNDS: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
};

function encodeAudio(part: AudioPart, call: CallContext): JsonObject {
  const { source } = part;
  const format = source.kind === 'base64' && call.features.audio ? SOUNDS[source.mediaType] : undefined;
  if (source.kind !== 'base64' || format === undefined) return leftOut(part, call);
  return { type: 'input_audio', input_audio: { data: source.data, format } };
}

/** A text where there is nothing else, as all servers of this API take it. */
export function encodeResult(result: ToolResultPart, call: CallContext): string | JsonObject[] {
  const content = markToolError(result);
  const [first] = content;
  if (first === undefined) return '';
  if (content.length === 1 && first.type === 'text') return first.text;
  return content.map((part) => encodeInputPart(part, call)).filter((part) => part !== null);
}

export function encodeOutputPart(part: TextPart | RefusalPart): JsonObject {
  if (part.type === 'refusal') return { type: 'refusal', refusal: part.text };
  const annotations = (part.citations ?? []).map(({ native }) => (native?.format === RESPONSES ? native.value : null));
  return { type: 'output_text', text: part.text, annotations: annotations.filter((value) => value !== null) };
}
