import { parseExact } from '@sluice/kit/json/parse-exact';
import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import type {
  AssistantPart,
  DocumentPart,
  ImagePart,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
  VideoPart,
} from '../../../neutral/parts.ts';
import { isUnderstood } from '../../carried-id.ts';
import type { CallContext } from '../../codec.ts';
import { wrapCustomInput } from '../../custom-tools.ts';
import { mediaNote } from '../../media-types.ts';
import { fitCallId, sendToolName } from '../../tool-names.ts';
import { encodeCachePoint } from './cache-points.ts';

const LONGEST_ID = 64;

/** Names of documents, which must differ in one request. */
export interface Naming {
  names: Set<string>;
}

interface Encoding {
  call: CallContext;
  naming: Naming;
}

export function encodeText({ text, cache }: Pick<TextPart, 'text' | 'cache'>): JsonObject[] {
  return text.trim() === '' ? [] : [{ text }, ...encodeCachePoint(cache)];
}

export function encodeUserPart(part: UserPart, encoding: Encoding): JsonObject[] {
  switch (part.type) {
    case 'text':
      return encodeText(part);
    case 'tool-result':
      return encodeToolResult(part, encoding);
    case 'vendor':
      encoding.call.warn('vendor-only', 'messages[].content[].vendor');
      return [];
    default:
      return [...encodeMedia(part, encoding), ...encodeCachePoint(part.cache)];
  }
}

export function encodeAssistantPart(part: AssistantPart, call: CallContext): JsonObject[] {
  switch (part.type) {
    case 'text':
      return encodeText(part);
    case 'refusal':
      return encodeText({ text: part.text });
    case 'reasoning':
      return encodeReasoning(part, call);
    case 'tool-call':
      return [encodeToolCall(part, call), ...encodeCachePoint(part.cache)];
    case 'vendor':
      call.warn('vendor-only', 'messages[].content[].vendor');
      return [];
    default:
      return encodeNote(part, call);
  }
}

/** Unsigned thinking is refused, and so is what somebody else signed. */
function encodeReasoning({ text, carrier }: ReasoningPart, call: CallContext): JsonObject[] {
  if (!carrier || !isUnderstood(carrier, call.origin)) {
    call.warn('foreign-reasoning', 'messages[].reasoning');
    return [];
  }
  if (carrier.kind === 'redacted') return [{ reasoningContent: { redactedContent: carrier.data } }];
  return [{ reasoningContent: { reasoningText: { text, signature: carrier.data } } }];
}

function encodeToolCall(part: ToolCallPart, call: CallContext): JsonObject {
  const toolUseId = fitCallId(part.id, LONGEST_ID);
  return { toolUse: { toolUseId, name: sendToolName(part.name, call), input: inputOf(part, call) } };
}

/** The input must be an object; what is not, stands inside one rather than being lost. */
function inputOf({ arguments: text, custom }: ToolCallPart, call: CallContext): JsonObject {
  if (custom) return JSON.parse(wrapCustomInput(text)) as JsonObject;
  if (text.trim() === '') return {};
  const parsed = parse(text);
  if (isJsonObject(parsed)) return parsed;
  call.warn('repaired', 'messages[].tool_calls[].arguments');
  return { arguments: parsed ?? text };
}

function parse(text: string): Json {
  try {
    return parseExact(text) as Json;
  } catch {
    return null;
  }
}

function encodeToolResult(part: ToolResultPart, encoding: Encoding): JsonObject[] {
  const content = part.content.flatMap((inner) =>
    inner.type === 'text' ? encodeText({ text: inner.text }) : encodeMedia(inner, encoding),
  );
  const toolResult: JsonObject = {
    toolUseId: fitCallId(part.callId, LONGEST_ID),
    content: content.length > 0 ? content : [{ text: '(no output)' }],
    ...(part.isError && { status: 'error' }),
  };
  return [{ toolResult }, ...encodeCachePoint(part.cache)];
}

type Media = Exclude<UserPart, { type: 'text' | 'tool-result' | 'vendor' }>;

/** Bytes as base64, or an object in S3: the service fetches nothing from the Web. */
function encodeMedia(part: Media, { call, naming }: Encoding): JsonObject[] {
  switch (part.type) {
    case 'image':
      return (call.features.images && encodeImage(part)) || encodeNote(part, call);
    case 'document':
      return (call.features.documents && encodeDocument(part, naming)) || encodeNote(part, call);
    case 'video':
      return encodeVideo(part) ?? encodeNote(part, call);
    case 'audio':
      return encodeNote(part, call);
  }
}

const IMAGES: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/jpg': 'jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
};

function encodeImage({ source }: ImagePart): JsonObject[] | null {
  const bytes = sourceOf(source);
  const format = 'mediaType' in source ? IMAGES[source.mediaType ?? ''] : undefined;
  return bytes && format ? [{ image: { format, source: bytes } }] : null;
}

const VIDEOS: Readonly<Record<string, string>> = {
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
  'video/mov': 'mov',
  'video/x-matroska': 'mkv',
  'video/webm': 'webm',
  'video/x-flv': 'flv',
  'video/mpeg': 'mpeg',
  'video/x-ms-wmv': 'wmv',
  'video/3gpp': 'three_gp',
};

function encodeVideo({ source }: VideoPart): JsonObject[] | null {
  const bytes = sourceOf(source);
  const format = 'mediaType' in source ? VIDEOS[source.mediaType ?? ''] : undefined;
  return bytes && format ? [{ video: { format, source: bytes } }] : null;
}

const DOCUMENTS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'text/html': 'html',
  'text/markdown': 'md',
  'text/plain': 'txt',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
};

function encodeDocument(part: DocumentPart, naming: Naming): JsonObject[] | null {
  const { source } = part;
  const isText = source.kind === 'text';
  const bytes = isText ? { bytes: Buffer.from(source.text).toString('base64') } : sourceOf(source);
  const format = isText ? 'txt' : 'mediaType' in source ? DOCUMENTS[source.mediaType ?? ''] : undefined;
  if (!bytes || !format) return null;
  const document: JsonObject = {
    format,
    name: nameOf(part.name, naming),
    source: bytes,
    ...(part.context !== undefined && { context: part.context }),
    ...(part.citations !== undefined && { citations: { enabled: part.citations } }),
  };
  return [{ document }];
}

function sourceOf(source: ImagePart['source']): JsonObject | null {
  if (source.kind === 'base64') return { bytes: source.data };
  return source.kind === 'url' && source.url.startsWith('s3://') ? { s3Location: { uri: source.url } } : null;
}

const LONGEST_NAME = 200;

/** Letters, digits, single blanks, hyphens, parentheses and brackets, and no name twice. */
function nameOf(given: string | null, { names }: Naming): string {
  const fit = (given ?? '')
    .replaceAll(/[^a-zA-Z0-9\s\-()[\]]/g, '-')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, LONGEST_NAME);
  const base = fit === '' ? 'document' : fit;
  let name = base;
  for (let count = 2; names.has(name); count += 1) name = `${base} (${count})`;
  names.add(name);
  return name;
}

export function isDocument(block: JsonObject): boolean {
  return 'document' in block;
}

function encodeNote(part: Parameters<typeof mediaNote>[0], call: CallContext): JsonObject[] {
  call.warn('dropped', `messages[].content[].${part.type}`);
  return [{ text: mediaNote(part).text }];
}
