import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import type { AssistantPart, ReasoningCarrier, ToolCallPart, ToolResultPart } from '../../../neutral/parts.ts';
import type { AssistantMessage, NeutralMessage, NeutralTool, UserMessage } from '../../../neutral/request.ts';
import { openCarrier } from '../../carried-id.ts';
import type { ClientContext } from '../../codec.ts';
import {
  asArray,
  asObject,
  asOneOf,
  asString,
  asText,
  invalidField,
  looseArray,
  looseString,
  optional,
  pathOf,
} from '../../reading.ts';
import { readToolError } from '../../tool-error.ts';
import { RESPONSES, VENDOR_CALLS, VENDOR_RESULTS } from '../wire.ts';
import { attachCarrier, readAttachment } from './attached-carriers.ts';
import { decodeAssistantContent, decodeInputContent, decodeTexts } from './decode-content.ts';
import { decodeTools } from './decode-tools.ts';
import { flatName } from './namespaces.ts';
import { imageOfCall } from './image-calls.ts';

/** What the input amounts to while it is read, item by item. */
interface InputState {
  messages: NeutralMessage[];
  /** The turn of the assistant that goes on with the next of its items; null when somebody else has spoken. */
  assistant: AssistantMessage | null;
  /** Results of tools that follow each other are one message. */
  results: UserMessage | null;
  /** Call id → name, for results. */
  names: Map<string, string>;
  /** Of `additional_tools` items. */
  tools: NeutralTool[];
  /** Carriers of calls that come after them, by call id. */
  carriers: Map<string, ReasoningCarrier>;
  client: ClientContext;
}

export interface DecodedInput {
  messages: NeutralMessage[];
  tools: NeutralTool[];
}

/** Items become messages: what the assistant reasoned, said and called in one turn is one message. */
export function decodeInput(input: Json | undefined, client: ClientContext): DecodedInput {
  const state: InputState = {
    messages: [],
    assistant: null,
    results: null,
    names: new Map(),
    tools: [],
    carriers: new Map(),
    client,
  };
  if (typeof input === 'string') {
    if (input !== '') state.messages.push({ role: 'user', content: [{ type: 'text', text: input }] });
    return state;
  }
  for (const [index, value] of asArray(input, 'input').entries()) {
    const path = pathOf('input', index);
    decodeItem(state, asObject(value, path), path);
  }
  return { messages: state.messages.filter(({ content }) => content.length > 0), tools: state.tools };
}

type ItemReader = (state: InputState, item: JsonObject, path: string) => void;

const ITEM_READERS: Readonly<Record<string, ItemReader>> = {
  message: readMessage,
  reasoning: readReasoning,
  function_call: readCall,
  custom_tool_call: readCall,
  function_call_output: readResult,
  custom_tool_call_output: readResult,
  image_generation_call: readImageCall,
  additional_tools: (state, item, path) =>
    void state.tools.push(...decodeTools(item['tools'], pathOf(path, 'tools'), state.client.warn)),
  item_reference: (_state, item, path) => {
    throw invalidField(
      path,
      `'${path}' refers to the stored item '${String(item['id'])}', which this model’s upstream cannot see. Send the item itself.`,
    );
  },
};

function decodeItem(state: InputState, item: JsonObject, path: string): void {
  const typePath = pathOf(path, 'type');
  const type = optional(item, 'type', asText, path) ?? (item['role'] == null ? 'item_reference' : 'message');
  const read = Object.hasOwn(ITEM_READERS, type) ? ITEM_READERS[type] : undefined;
  if (read) return read(state, item, path);
  if (VENDOR_CALLS.has(type)) return void speak(state).push({ type: 'vendor', format: RESPONSES, value: item });
  if (VENDOR_RESULTS.has(type)) return void answer(state).push({ type: 'vendor', format: RESPONSES, value: item });
  throw invalidField(typePath, `'${typePath}' is '${type}', which is no item that this model’s upstream understands.`);
}

/** The content of the assistant's turn that is open. */
function speak(state: InputState): AssistantPart[] {
  if (state.assistant === null) {
    state.assistant = { role: 'assistant', content: [] };
    state.messages.push(state.assistant);
  }
  state.results = null;
  return state.assistant.content;
}

/** The message that holds the results of the turn that has just ended. */
function answer(state: InputState): UserMessage['content'] {
  if (state.results === null) {
    state.results = { role: 'user', content: [] };
    state.messages.push(state.results);
  }
  state.assistant = null;
  return state.results.content;
}

const ROLES = ['user', 'assistant', 'system', 'developer'] as const;

function readMessage(state: InputState, item: JsonObject, path: string): void {
  const contentPath = pathOf(path, 'content');
  const role = asOneOf(item['role'], ROLES, pathOf(path, 'role'));
  if (role === 'assistant') {
    speak(state).push(...decodeAssistantContent(item['content'] ?? [], contentPath));
    return;
  }
  state.assistant = null;
  state.results = null;
  if (role === 'user') {
    state.messages.push({ role, content: decodeInputContent(item['content'], contentPath) });
  } else {
    state.messages.push({ role: 'system', as: role, content: decodeTexts(item['content'], contentPath) });
  }
}

/** Summaries come before what was thought in full, which says the same again. */
export function reasoningText(item: JsonObject): string {
  const summary = textsOf(item['summary']);
  return summary === '' ? textsOf(item['content']) : summary;
}

function textsOf(parts: Json | undefined): string {
  return looseArray(parts)
    .map((part) => (isJsonObject(part) ? looseString(part['text']) : null))
    .filter((text) => text !== null && text !== '')
    .join('\n\n');
}

function readReasoning(state: InputState, item: JsonObject, path: string): void {
  const content = speak(state);
  const id = optional(item, 'id', asText, path);
  const carrier = openCarrier(
    optional(item, 'encrypted_content', asString, path) ?? '',
    { origin: `native:${RESPONSES}`, kind: 'encrypted', ...(id === null ? {} : { id }) },
    { client: state.client, field: pathOf(path, 'encrypted_content') },
  );
  const text = reasoningText(item);
  const attachment = carrier && text === '' ? readAttachment(carrier) : null;
  if (attachment && attachCarrier(content, attachment)) return;
  if (attachment && attachment.callId !== null) {
    state.carriers.set(attachment.callId, attachment.carrier);
  } else if (text !== '' || carrier) {
    content.push({ type: 'reasoning', text, ...(carrier ? { carrier } : {}) });
  }
}

function readCall(state: InputState, item: JsonObject, path: string): void {
  const id = asText(item['call_id'] ?? item['id'], pathOf(path, 'call_id'));
  const ownName = asText(item['name'], pathOf(path, 'name'));
  const namespace = optional(item, 'namespace', asText, path);
  const name = namespace === null ? ownName : flatName(namespace, ownName);
  const part: ToolCallPart =
    item['type'] === 'custom_tool_call'
      ? { type: 'tool-call', id, name, arguments: asString(item['input'] ?? '', pathOf(path, 'input')), custom: true }
      : { type: 'tool-call', id, name, arguments: readArguments(item['arguments']) };
  const carrier = state.carriers.get(id);
  if (carrier) part.carrier = carrier;
  state.names.set(id, name);
  speak(state).push(part);
}

/** Some clients send back the arguments that they have parsed. */
function readArguments(value: Json | undefined): string {
  if (typeof value === 'string') return value === '' ? '{}' : value;
  return value == null ? '{}' : JSON.stringify(value);
}

function readResult(state: InputState, item: JsonObject, path: string): void {
  const callId = asText(item['call_id'], pathOf(path, 'call_id'));
  const output = item['output'] ?? '';
  const isText = typeof output === 'string' || Array.isArray(output);
  const { content, isError } = readToolError(
    isText ? decodeInputContent(output, pathOf(path, 'output')) : [{ type: 'text', text: JSON.stringify(output) }],
  );
  const name = state.names.get(callId) ?? optional(item, 'name', asText, path);
  const part: ToolResultPart = { type: 'tool-result', callId, name, content, isError };
  answer(state).push(isText ? part : { ...part, structured: output });
}

function readImageCall(state: InputState, item: JsonObject): void {
  const image = imageOfCall(item);
  speak(state).push(image ?? { type: 'vendor', format: RESPONSES, value: item });
}
