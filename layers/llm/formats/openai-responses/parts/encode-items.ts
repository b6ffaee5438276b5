import type { JsonObject } from '../../../neutral/json.ts';
import type { AssistantPart, ReasoningPart, ToolCallPart, ToolResultPart, UserPart } from '../../../neutral/parts.ts';
import type { AssistantMessage, NeutralMessage, SystemMessage, UserMessage } from '../../../neutral/request.ts';
import { isUnderstood } from '../../carried-id.ts';
import type { CallContext } from '../../codec.ts';
import { fitCallId, sendToolName } from '../../tool-names.ts';
import { RESPONSES } from '../wire.ts';
import { encodeInputPart, encodeOutputPart, encodeResult } from './encode-content.ts';

export interface EncodedInput {
  instructions: string | null;
  input: JsonObject[];
}

interface InputState {
  call: CallContext;
  items: JsonObject[];
  /** Ids of calls of custom tools, whose results are items of their own. */
  customCalls: Set<string>;
}

/** The longest `call_id` that the API takes. */
const LONGEST_CALL_ID = 64;

/** A system prompt of one text is `instructions`; others stand where they stood. */
export function encodeInput(messages: readonly NeutralMessage[], call: CallContext): EncodedInput {
  const state: InputState = { call, items: [], customCalls: new Set() };
  const instructions = leadingInstructions(messages[0]);
  for (const message of instructions === null ? messages : messages.slice(1)) encodeMessage(state, message);
  return { instructions, input: state.items };
}

function leadingInstructions(first: NeutralMessage | undefined): string | null {
  if (first?.role !== 'system' || first.as !== 'system' || first.content.length !== 1) return null;
  return first.content[0]?.text || null;
}

function encodeMessage(state: InputState, message: NeutralMessage): void {
  if (message.role === 'system') encodeSystem(state, message);
  else if (message.role === 'user') encodeUser(state, message);
  else encodeAssistant(state, message);
}

function encodeSystem({ call, items }: InputState, { content }: SystemMessage): void {
  const parts = content.map((part) => encodeInputPart(part, call)).filter((part) => part !== null);
  if (parts.length > 0) items.push({ type: 'message', role: call.features.systemRole, content: parts });
}

function encodeUser(state: InputState, { content }: UserMessage): void {
  let parts: JsonObject[] = [];
  const flush = (): void => {
    if (parts.length > 0) state.items.push({ type: 'message', role: 'user', content: parts });
    parts = [];
  };
  for (const part of content) {
    if (part.type === 'tool-result' || part.type === 'vendor') {
      flush();
      encodeUserItem(state, part);
      continue;
    }
    const encoded = encodeInputPart(part, state.call);
    if (encoded) parts.push(encoded);
  }
  flush();
}

function encodeUserItem(state: InputState, part: Extract<UserPart, { type: 'tool-result' | 'vendor' }>): void {
  if (part.type === 'tool-result') state.items.push(resultItem(state, part));
  else if (part.format === RESPONSES) state.items.push(part.value);
  else state.call.warn('dropped', 'messages.vendor');
}

function resultItem({ call, customCalls }: InputState, part: ToolResultPart): JsonObject {
  const type = customCalls.has(part.callId) ? 'custom_tool_call_output' : 'function_call_output';
  return { type, call_id: fitCallId(part.callId, LONGEST_CALL_ID), output: encodeResult(part, call) };
}

/** Texts that follow each other are one message; all else is an item of its own, in order. */
function encodeAssistant(state: InputState, { content }: AssistantMessage): void {
  let parts: JsonObject[] = [];
  const flush = (): void => {
    if (parts.length > 0) state.items.push({ type: 'message', role: 'assistant', content: parts });
    parts = [];
  };
  for (const part of content) {
    if (part.type === 'text' || part.type === 'refusal') {
      if (part.text !== '') parts.push(encodeOutputPart(part));
      continue;
    }
    const encoded = encodeAssistantItem(state, part);
    if (encoded === null) continue;
    flush();
    state.items.push(encoded);
  }
  flush();
}

function encodeAssistantItem(
  state: InputState,
  part: Exclude<AssistantPart, { type: 'text' | 'refusal' }>,
): JsonObject | null {
  switch (part.type) {
    case 'reasoning':
      return reasoningItem(state.call, part);
    case 'tool-call':
      return callItem(state, part);
    case 'vendor':
      if (part.format === RESPONSES) return part.value;
      state.call.warn('dropped', 'messages.vendor');
      return null;
    default:
      return mediaItem(state.call, part);
  }
}

function reasoningItem(call: CallContext, { text, carrier }: ReasoningPart): JsonObject | null {
  const summary = text === '' ? [] : [{ type: 'summary_text', text }];
  if (carrier && isUnderstood(carrier, call.origin)) {
    return { type: 'reasoning', ...(carrier.id ? { id: carrier.id } : {}), summary, encrypted_content: carrier.data };
  }
  if (text !== '' && call.features.reasoning === 'field') {
    return { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text }] };
  }
  call.warn('foreign-reasoning', 'messages.reasoning');
  return null;
}

function callItem({ call, customCalls }: InputState, part: ToolCallPart): JsonObject {
  const head = { call_id: fitCallId(part.id, LONGEST_CALL_ID), name: sendToolName(part.name, call) };
  if (!part.custom) return { type: 'function_call', ...head, arguments: part.arguments };
  customCalls.add(part.id);
  return { type: 'custom_tool_call', ...head, input: part.arguments };
}

/** The API takes no media from the assistant; the user shows it what it made. */
function mediaItem(
  call: CallContext,
  part: Extract<AssistantPart, { type: 'image' | 'audio' | 'document' }>,
): JsonObject | null {
  if (part.type === 'audio' && part.transcript) {
    call.warn('approximated', 'messages.audio');
    return {
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text: part.transcript, annotations: [] }],
    };
  }
  const encoded = encodeInputPart(part, call);
  if (encoded === null) return null;
  call.warn('approximated', `messages.${part.type}`);
  return { type: 'message', role: 'user', content: [encoded] };
}
