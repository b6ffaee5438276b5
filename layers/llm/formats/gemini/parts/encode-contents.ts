import type { JsonObject } from '../../../neutral/json.ts';
import type { AssistantPart, ReasoningCarrier, ToolCallPart, UserPart } from '../../../neutral/parts.ts';
import { repairPairs } from '../../../neutral/repair-pairs.ts';
import type { NeutralMessage } from '../../../neutral/request.ts';
import { isUnderstood } from '../../carried-id.ts';
import type { CallContext } from '../../codec.ts';
import { mediaNote } from '../../media-types.ts';
import { sendToolName } from '../../tool-names.ts';
import { NO_SIGNATURE } from '../wire.ts';
import { encodeFunctionResponse } from './encode-function-response.ts';
import { readArguments } from './encode-parts.ts';
import { encodeMedia, type MediaPart } from './media.ts';

interface Contents {
  systemInstruction: JsonObject | null;
  contents: JsonObject[];
}

interface Content {
  role: 'user' | 'model';
  parts: JsonObject[];
}

/** What is said where the format wants a user's turn and the client has none. */
const OPENING = 'Begin.';

/**
 * The conversation: leading instructions as `systemInstruction`, later ones in their place, turns of one role joined,
 * each result right behind its call.
 */
export function encodeContents(messages: readonly NeutralMessage[], call: CallContext): Contents {
  const { leading, rest } = splitSystem(messages);
  const contents: Content[] = [];
  for (const message of withoutPrefill(repairPairs(rest, call.warn), call)) {
    const parts = encodeMessage(message, call);
    const role = message.role === 'assistant' ? 'model' : 'user';
    const last = contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else if (parts.length > 0) contents.push({ role, parts });
  }
  if (contents[0]?.role !== 'user') {
    contents.unshift({ role: 'user', parts: [{ text: OPENING }] });
    call.warn('repaired', 'messages');
  }
  return { systemInstruction: systemOf(leading), contents: contents as unknown as JsonObject[] };
}

function systemOf(texts: string[]): JsonObject | null {
  return texts.length === 0 ? null : { parts: texts.map((text) => ({ text })) };
}

function splitSystem(messages: readonly NeutralMessage[]): { leading: string[]; rest: NeutralMessage[] } {
  const first = messages.findIndex(({ role }) => role !== 'system');
  const count = first < 0 ? messages.length : first;
  const leading = messages.slice(0, count).flatMap((message) => textsOf(message));
  return { leading, rest: messages.slice(count) };
}

function textsOf(message: NeutralMessage): string[] {
  return message.content.flatMap((part) => (part.type === 'text' && part.text.trim() !== '' ? [part.text] : []));
}

/** An answer that is begun for the model: unless it goes on with it, it would take it for its own whole answer. */
function withoutPrefill(messages: NeutralMessage[], { features, warn }: CallContext): NeutralMessage[] {
  if (features.prefill || messages.at(-1)?.role !== 'assistant') return messages;
  const end = messages.findLastIndex(({ role }) => role !== 'assistant') + 1;
  if (end === 0) return messages;
  warn('dropped', 'messages');
  return messages.slice(0, end);
}

function encodeMessage(message: NeutralMessage, call: CallContext): JsonObject[] {
  if (message.role !== 'system' && message.name !== undefined) call.warn('dropped', 'messages[].name');
  switch (message.role) {
    case 'system':
      call.warn('approximated', 'messages[].role');
      return textsOf(message).map((text) => ({ text: `<system-reminder>\n${text}\n</system-reminder>` }));
    case 'user':
      return message.content.flatMap((part) => encodeUserPart(part, call));
    case 'assistant':
      return encodeAssistantParts(message.content, call);
  }
}

function encodeUserPart(part: UserPart, call: CallContext): JsonObject[] {
  switch (part.type) {
    case 'text':
      return part.text.trim() === '' ? [] : [{ text: part.text }];
    case 'tool-result':
      return encodeFunctionResponse(part, { call, media: (media) => encodeMediaPart(media, call) });
    case 'vendor':
      return encodeVendor(part, call);
    default:
      return encodeMediaPart(part, call);
  }
}

function encodeVendor(part: { format: string; value: JsonObject }, call: CallContext): JsonObject[] {
  if (part.format === 'gemini') return [part.value];
  call.warn('vendor-only', 'messages[].content[].vendor');
  return [];
}

function encodeMediaPart(part: MediaPart, call: CallContext): JsonObject[] {
  const encoded = isReadable(part, call) ? encodeMedia(part) : null;
  if (encoded === null) {
    call.warn('dropped', `messages[].content[].${part.type}`);
    return [{ text: mediaNote(part).text }];
  }
  if (part.type === 'document' && part.name !== null) call.warn('dropped', 'messages[].content[].name');
  return [encoded];
}

function isReadable(part: MediaPart, { features }: CallContext): boolean {
  if (part.type === 'image') return features.images;
  if (part.type === 'audio') return features.audio;
  return part.type === 'video' || features.documents || part.source.kind === 'text';
}

/** Of the calls of one turn the first alone carries a signature, as the API itself does it. */
function encodeAssistantParts(content: readonly AssistantPart[], call: CallContext): JsonObject[] {
  const parts: JsonObject[] = [];
  let hasCall = false;
  for (const part of content) {
    const carrier = 'carrier' in part && part.carrier ? usable(part.carrier, call) : null;
    if (part.type === 'tool-call') {
      const signature = carrier?.data ?? (hasCall || call.features.reasoning === 'none' ? null : NO_SIGNATURE);
      parts.push({ functionCall: encodeCall(part, call), ...(signature !== null && { thoughtSignature: signature }) });
      hasCall = true;
      continue;
    }
    const isForeign = 'carrier' in part && part.carrier !== undefined && carrier === null;
    const encoded = encodeAssistantPart(part, { isForeign, call });
    parts.push(...encoded);
    if (carrier) sign(parts, encoded.length === 0, carrier);
  }
  return parts;
}

function usable(carrier: ReasoningCarrier, { origin, warn }: CallContext): ReasoningCarrier | null {
  if (isUnderstood(carrier, origin)) return carrier;
  warn('foreign-reasoning', 'messages[].reasoning');
  return null;
}

/** A signature without a text goes with the image before it, else it has an empty part of its own. */
function sign(parts: JsonObject[], isEmpty: boolean, carrier: ReasoningCarrier): void {
  const last = parts.at(-1);
  const isSignable = last !== undefined && (!isEmpty || ('inlineData' in last && !('thoughtSignature' in last)));
  if (isSignable) last['thoughtSignature'] = carrier.data;
  else parts.push({ text: '', thoughtSignature: carrier.data });
}

function encodeAssistantPart(
  part: Exclude<AssistantPart, ToolCallPart>,
  { isForeign, call }: { isForeign: boolean; call: CallContext },
): JsonObject[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text.trim() === '' ? [] : [{ text: part.text }];
    case 'reasoning':
      return part.text === '' || isForeign ? [] : [{ text: part.text, thought: true }];
    case 'vendor':
      return encodeVendor(part, call);
    default:
      return encodeMediaPart(part, call);
  }
}

function encodeCall({ id, name, arguments: text, custom }: ToolCallPart, call: CallContext): JsonObject {
  return { id, name: sendToolName(name, call), args: custom ? { input: text } : readArguments(text) };
}
