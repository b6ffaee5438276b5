import { parseExact } from '@sluice/kit/json/parse-exact';
import { isJsonObject, type JsonObject } from '../../../neutral/json.ts';
import type {
  AssistantPart,
  DocumentPart,
  ImagePart,
  MediaSource,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../../neutral/parts.ts';
import { isUnderstood } from '../../carried-id.ts';
import type { CallContext } from '../../codec.ts';
import { wrapCustomInput } from '../../custom-tools.ts';
import { decodeBase64Text, isTextType, mediaNote } from '../../media-types.ts';
import { fitCallId, sendToolName } from '../../tool-names.ts';
import { encodeCacheMark } from './cache-marks.ts';
import { encodeCitation } from './citations.ts';

const FORMAT = 'anthropic-messages';
const LONGEST_ID = 64;

/** Empty and blank texts are refused (`text content blocks must be non-empty`). */
export function encodeText(part: TextPart): JsonObject[] {
  if (part.text.trim() === '') return [];
  const block: JsonObject = { type: 'text', text: part.text };
  const citations = (part.citations ?? []).filter(({ native }) => native?.format === FORMAT).map(encodeCitation);
  if (citations.length > 0) block['citations'] = citations as JsonObject[];
  return [Object.assign(block, encodeCacheMark(part.cache))];
}

export function encodeUserPart(part: UserPart, call: CallContext): JsonObject[] {
  switch (part.type) {
    case 'text':
      return encodeText(part);
    case 'image':
      return encodeImage(part, call);
    case 'document':
      return encodeDocument(part, call);
    case 'tool-result':
      return [encodeToolResult(part, call)];
    case 'vendor':
      return encodeVendor(part, call);
    default:
      return encodeNote(part, call);
  }
}

export function encodeAssistantPart(part: AssistantPart, call: CallContext): JsonObject[] {
  switch (part.type) {
    case 'text':
      return encodeText(part);
    case 'refusal':
      return encodeText({ type: 'text', text: part.text });
    case 'reasoning':
      return encodeReasoning(part, call);
    case 'tool-call':
      return [encodeToolCall(part, call)];
    case 'vendor':
      return encodeVendor(part, call);
    default:
      // An assistant's turn holds no media here: https://docs.claude.com/en/api/messages
      return encodeNote(part, call);
  }
}

/** Unsigned thinking is refused, and so is what somebody else signed. */
function encodeReasoning({ text, carrier }: ReasoningPart, call: CallContext): JsonObject[] {
  if (!carrier || !isUnderstood(carrier, call.origin)) {
    call.warn('foreign-reasoning', 'messages[].reasoning');
    return [];
  }
  if (carrier.kind === 'redacted') return [{ type: 'redacted_thinking', data: carrier.data }];
  return [{ type: 'thinking', thinking: text, signature: carrier.data }];
}

function encodeToolCall(part: ToolCallPart, call: CallContext): JsonObject {
  return {
    type: 'tool_use',
    id: fitCallId(part.id, LONGEST_ID),
    name: sendToolName(part.name, call),
    input: encodeInput(part, call),
    ...encodeCacheMark(part.cache),
  };
}

/** The input must be an object; what is not, stands inside one rather than being lost. */
function encodeInput({ arguments: text, custom }: ToolCallPart, call: CallContext): JsonObject {
  if (custom) return JSON.parse(wrapCustomInput(text)) as JsonObject;
  if (text.trim() === '') return {};
  const parsed = parse(text);
  if (isJsonObject(parsed)) return parsed;
  call.warn('repaired', 'messages[].tool_calls[].arguments');
  return { arguments: (parsed ?? text) as JsonObject[string] };
}

function parse(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return null;
  }
}

function encodeToolResult(part: ToolResultPart, call: CallContext): JsonObject {
  const content = part.content.flatMap((inner): JsonObject[] => {
    switch (inner.type) {
      case 'text':
        return encodeText(inner);
      case 'image':
        return encodeImage(inner, call);
      case 'document':
        return encodeDocument(inner, call);
      case 'audio':
        return encodeNote(inner, call);
    }
  });
  const first = content[0];
  const isPlain = content.length === 1 && first?.['type'] === 'text' && first['cache_control'] === undefined;
  return {
    type: 'tool_result',
    tool_use_id: fitCallId(part.callId, LONGEST_ID),
    ...(content.length > 0 && { content: isPlain ? (first['text'] as string) : content }),
    ...(part.isError && { is_error: true }),
    ...encodeCacheMark(part.cache),
  };
}

function encodeImage(part: ImagePart, call: CallContext): JsonObject[] {
  const source = encodeSource(part.source);
  if (!call.features.images || source === null) return encodeNote(part, call);
  return [{ type: 'image', source, ...encodeCacheMark(part.cache) }];
}

function encodeDocument(part: DocumentPart, call: CallContext): JsonObject[] {
  const source = encodeDocumentSource(part.source);
  if (source === null || (!call.features.documents && source['type'] !== 'text')) return encodeNote(part, call);
  return [
    {
      type: 'document',
      source,
      ...(part.name !== null && { title: part.name }),
      ...(part.context !== undefined && { context: part.context }),
      ...(part.citations !== undefined && { citations: { enabled: part.citations } }),
      ...encodeCacheMark(part.cache),
    },
  ];
}

/** PDF and plain text are all that the format takes. */
function encodeDocumentSource(source: DocumentPart['source']): JsonObject | null {
  if (source.kind === 'text') return { type: 'text', media_type: 'text/plain', data: source.text };
  if (source.kind !== 'base64' || source.mediaType === 'application/pdf') return encodeSource(source);
  if (!isTextType(source.mediaType)) return null;
  return { type: 'text', media_type: 'text/plain', data: decodeBase64Text(source.data) };
}

/** Null for a file that lies at another vendor. */
function encodeSource(source: MediaSource): JsonObject | null {
  switch (source.kind) {
    case 'base64':
      return { type: 'base64', media_type: source.mediaType, data: source.data };
    case 'url':
      return { type: 'url', url: source.url };
    case 'file':
      return source.format === FORMAT ? { type: 'file', file_id: source.fileId } : null;
  }
}

function encodeNote(part: Parameters<typeof mediaNote>[0], call: CallContext): JsonObject[] {
  call.warn('dropped', `messages[].content[].${part.type}`);
  return [{ ...encodeText(mediaNote(part))[0], ...encodeCacheMark(part.cache) }];
}

function encodeVendor(part: Extract<UserPart, { type: 'vendor' }>, call: CallContext): JsonObject[] {
  if (part.format === FORMAT) return [part.value];
  call.warn('vendor-only', `messages[].content[].${String(part.value['type'] ?? 'vendor')}`);
  return [];
}
