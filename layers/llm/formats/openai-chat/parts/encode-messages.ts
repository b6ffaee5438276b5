import type { Json, JsonObject } from '../../../neutral/json.ts';
import type { AssistantPart, ReasoningPart, ToolCallPart, ToolResultPart } from '../../../neutral/parts.ts';
import { repairPairs } from '../../../neutral/repair-pairs.ts';
import type { AssistantMessage, NeutralMessage, SystemMessage, UserMessage } from '../../../neutral/request.ts';
import { isUnderstood } from '../../carried-id.ts';
import type { CallContext } from '../../codec.ts';
import { fitCallId, sendToolName } from '../../tool-names.ts';
import { markToolError } from '../../tool-error.ts';
import { encodeContentPart } from './encode-content.ts';
import { encodeOwnDetail } from './reasoning.ts';

const FORMAT = 'openai-chat';
/** `string too long. Expected a string with maximum length 40`. */
const LONGEST_ID = 40;

export function encodeMessages(given: readonly NeutralMessage[], call: CallContext): JsonObject[] {
  return repairPairs(given, call.warn).flatMap((message) => {
    switch (message.role) {
      case 'system':
        return encodeSystem(message, call);
      case 'user':
        return encodeUser(message, call);
      case 'assistant':
        return encodeAssistant(message, call);
    }
  });
}

function encodeSystem({ content }: SystemMessage, call: CallContext): JsonObject[] {
  const parts = content.flatMap((part) => encodeContentPart(part, call));
  return parts.length === 0 ? [] : [{ role: call.features.systemRole, content: plain(parts) }];
}

/** Results are messages of their own, one for each call; their media, which those cannot hold, and the rest follow. */
function encodeUser({ content, name }: UserMessage, call: CallContext): JsonObject[] {
  const results: JsonObject[] = [];
  const others: JsonObject[] = [];
  for (const part of content) {
    if (part.type === 'tool-result') results.push(encodeResult(part, others, call));
    else others.push(...encodeContentPart(part, call));
  }
  if (others.length === 0) return results;
  return [...results, { role: 'user', content: plain(others), ...(name !== undefined && { name }) }];
}

function encodeResult(part: ToolResultPart, others: JsonObject[], call: CallContext): JsonObject {
  const id = fitCallId(part.callId, LONGEST_ID);
  const texts: JsonObject[] = [];
  const media: JsonObject[] = [];
  for (const inner of markToolError(part)) {
    for (const encoded of encodeContentPart(inner, call)) {
      if (encoded['type'] === 'text') texts.push(encoded);
      else media.push(encoded);
    }
  }
  if (media.length > 0) {
    call.warn('approximated', 'messages[].content[].tool_result');
    others.push({ type: 'text', text: `Attached to the result of tool call ${id}:` }, ...media);
    if (texts.length === 0) texts.push({ type: 'text', text: 'The result is attached to the next message.' });
  }
  return { role: 'tool', tool_call_id: id, content: texts.length === 0 ? '' : plain(texts) };
}

function encodeAssistant({ content, name }: AssistantMessage, call: CallContext): JsonObject[] {
  const calls = content.filter((part) => part.type === 'tool-call').map((part) => encodeCall(part, call));
  const texts = content.flatMap((part) => textOf(part, call));
  const refusal = content.flatMap((part) => (part.type === 'refusal' ? [part.text] : [])).join('');
  const audio = content.find(
    (part) => part.type === 'audio' && part.source.kind === 'file' && part.source.format === FORMAT,
  );
  if (calls.length === 0 && texts.length === 0 && refusal === '' && audio === undefined) return [];
  const message: JsonObject = {
    role: 'assistant',
    content: texts.length === 0 ? null : texts.join(''),
    ...(refusal !== '' && { refusal }),
    ...encodeReasoning(content, call),
    ...(name !== undefined && { name }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  if (audio?.type === 'audio' && audio.source.kind === 'file') message['audio'] = { id: audio.source.fileId };
  return [message];
}

/** An assistant's turn is text here; compatible servers read no parts in it. */
function textOf(part: AssistantPart, call: CallContext): string[] {
  switch (part.type) {
    case 'text':
      if (part.cache) call.warn('vendor-only', 'cache_control');
      return part.text === '' ? [] : [part.text];
    case 'image':
    case 'document':
    case 'audio':
    case 'vendor':
      if (part.type === 'audio' && part.source.kind === 'file' && part.source.format === FORMAT) return [];
      return encodeContentPart(noted(part), call).flatMap(({ text }) => (typeof text === 'string' ? [text] : []));
    default:
      return [];
  }
}

/** A medium becomes a note, whatever the model reads: there is no place for it. */
function noted(part: Extract<AssistantPart, { type: 'image' | 'document' | 'audio' | 'vendor' }>): typeof part {
  if (part.type === 'vendor' || (part.type === 'document' && part.source.kind === 'text')) return part;
  return { ...part, source: { kind: 'file', fileId: '', format: '' } };
}

function encodeReasoning(content: readonly AssistantPart[], call: CallContext): JsonObject {
  const parts = content.filter((part): part is ReasoningPart => part.type === 'reasoning');
  if (parts.length === 0) return {};
  const details = parts.filter(({ carrier }) => carrier && isUnderstood(carrier, call.origin));
  const text = parts.map((part) => part.text).join('');
  if (details.length > 0) return { reasoning_details: details.map(encodeOwnDetail) };
  if (call.features.reasoning === 'field' && text !== '') return { reasoning_content: text };
  call.warn('foreign-reasoning', 'messages[].reasoning');
  return {};
}

function encodeCall(part: ToolCallPart, call: CallContext): JsonObject {
  const id = fitCallId(part.id, LONGEST_ID);
  const name = sendToolName(part.name, call);
  if (part.custom) return { id, type: 'custom', custom: { name, input: part.arguments } };
  return { id, type: 'function', function: { name, arguments: part.arguments === '' ? '{}' : part.arguments } };
}

/** A single text stands as a string, which all servers read. */
function plain(parts: JsonObject[]): Json {
  const [first] = parts;
  return parts.length === 1 && first?.['type'] === 'text' ? (first['text'] as string) : parts;
}
