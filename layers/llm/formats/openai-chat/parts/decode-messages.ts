import { isJsonObject, type JsonObject } from '../../../neutral/json.ts';
import type {
  AssistantPart,
  ReasoningCarrier,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../../neutral/parts.ts';
import type { NeutralMessage } from '../../../neutral/request.ts';
import { decodeCacheMark } from '../../anthropic-messages/parts/cache-marks.ts';
import {
  createBlockReader,
  decodeAssistantBlock,
  decodeUserBlock,
  type BlockReader,
} from '../../anthropic-messages/parts/decode-blocks.ts';
import { openCarrier } from '../../carried-id.ts';
import type { ClientContext } from '../../codec.ts';
import { asArray, asObject, asString, asText, looseString, optional, pathOf, wrongType } from '../../reading.ts';
import { readToolError } from '../../tool-error.ts';
import { decodeContentPart, decodeText, eachPart } from './decode-content.ts';
import { decodeReasoning } from './reasoning.ts';

const FORMAT = 'openai-chat';

/** https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages */
export function decodeMessages(body: JsonObject, client: ClientContext): NeutralMessage[] {
  const given = asArray(body['messages'], 'messages');
  if (given.length === 0) throw wrongType('messages', 'an array of at least one message');
  const reader = createBlockReader(client);
  const messages: NeutralMessage[] = [];
  let results: UserPart[] | null = null;
  for (const [index, item] of given.entries()) {
    const path = pathOf('messages', index);
    const message = asObject(item, path);
    const decoded = decodeMessage(message, path, reader);
    const isResult = message['role'] === 'tool' || message['role'] === 'function';
    // The results of one turn are one message.
    if (isResult && results !== null && decoded.role === 'user') {
      results.push(...decoded.content);
      continue;
    }
    results = isResult && decoded.role === 'user' ? decoded.content : null;
    messages.push(decoded);
  }
  return messages;
}

function decodeMessage(message: JsonObject, path: string, reader: BlockReader): NeutralMessage {
  const role = asString(message['role'], pathOf(path, 'role'));
  switch (role) {
    case 'system':
    case 'developer':
      return { role: 'system', as: role, content: decodeInstructions(message, path) };
    case 'user':
      return { role: 'user', content: decodeUser(message, path, reader), ...nameOf(message, path) };
    case 'assistant':
      return { role: 'assistant', content: decodeAssistant(message, path, reader), ...nameOf(message, path) };
    case 'tool':
    case 'function':
      return { role: 'user', content: [decodeToolMessage(message, path, reader)] };
    default:
      throw wrongType(pathOf(path, 'role'), "one of 'system', 'developer', 'user', 'assistant', 'tool', 'function'");
  }
}

function nameOf(message: JsonObject, path: string): { name?: string } {
  const name = optional(message, 'name', asString, path);
  return name ? { name } : {};
}

function decodeInstructions(message: JsonObject, path: string): TextPart[] {
  const parts = eachPart(message['content'], pathOf(path, 'content')).map(([part, at]) => decodeText(part, at));
  return markLast(parts, message);
}

/** A mark on the whole message stands at its end; one on a part wins. */
function markLast<Part extends { cache?: TextPart['cache'] }>(parts: Part[], message: JsonObject): Part[] {
  const cache = decodeCacheMark(message['cache_control']);
  const last = parts.at(-1);
  if (cache && last && !parts.some((part) => part.cache)) last.cache = cache;
  return parts;
}

function decodeUser(message: JsonObject, path: string, reader: BlockReader): UserPart[] {
  const contentPath = pathOf(path, 'content');
  if (message['content'] === undefined) asString(message['content'], contentPath);
  const parts = eachPart(message['content'], contentPath).flatMap(([part, at]): UserPart[] =>
    part['type'] === 'tool_result' ? decodeUserBlock(part, at, reader) : decodeContentPart(part, at),
  );
  return markLast(parts as Exclude<UserPart, { type: 'vendor' }>[], message);
}

function decodeAssistant(message: JsonObject, path: string, reader: BlockReader): AssistantPart[] {
  reader.unanswered.length = 0;
  const parts: AssistantPart[] = [...decodeOwnReasoning(message, path, reader.client)];
  for (const [part, at] of eachPart(message['content'], pathOf(path, 'content'))) {
    parts.push(...decodeAssistantContent(part, at, reader));
  }
  const refusal = optional(message, 'refusal', asString, path);
  if (refusal) parts.push({ type: 'refusal', text: refusal });
  const audioId = isJsonObject(message['audio']) ? looseString(message['audio']['id']) : null;
  if (audioId) parts.push({ type: 'audio', source: { kind: 'file', fileId: audioId, format: FORMAT } });
  markLast(
    parts.filter((part) => part.type === 'text'),
    message,
  );
  decodeCalls(message, path, { reader, parts });
  return parts;
}

function decodeAssistantContent(part: JsonObject, path: string, reader: BlockReader): AssistantPart[] {
  switch (part['type']) {
    case 'refusal':
      return [{ type: 'refusal', text: asString(part['refusal'], pathOf(path, 'refusal')) }];
    case 'tool_use':
    case 'thinking':
    case 'redacted_thinking':
      return decodeAssistantBlock(part, path, reader);
    default:
      return decodeContentPart(part, path).filter((decoded) => decoded.type !== 'video');
  }
}

function decodeOwnReasoning(message: JsonObject, path: string, client: ClientContext): ReasoningPart[] {
  const field = pathOf(path, 'reasoning_details');
  return decodeReasoning(message, (data, kind) =>
    openCarrier(data, { origin: `native:${FORMAT}`, kind }, { client, field }),
  );
}

interface CallReading {
  reader: BlockReader;
  parts: AssistantPart[];
}

function decodeCalls(message: JsonObject, path: string, reading: CallReading): void {
  const callsPath = pathOf(path, 'tool_calls');
  for (const [index, item] of (optional(message, 'tool_calls', asArray, path) ?? []).entries()) {
    const at = pathOf(callsPath, index);
    decodeCall(asObject(item, at), at, reading);
  }
  const legacy = optional(message, 'function_call', asObject, path);
  if (legacy) decodeCall({ type: 'function', function: legacy }, pathOf(path, 'function_call'), reading);
}

function decodeCall(call: JsonObject, path: string, { reader, parts }: CallReading): void {
  const given = looseString(call['id']) ?? '';
  const { id, carrier } = reader.readId(given === '' ? `call_${path.replaceAll(/[^a-z0-9]+/g, '_')}` : given);
  const custom = call['type'] === 'custom';
  const inner = pathOf(path, custom ? 'custom' : 'function');
  const called = asObject(call[custom ? 'custom' : 'function'], inner);
  const name = asText(called['name'], pathOf(inner, 'name'));
  const part: ToolCallPart = { type: 'tool-call', id, name, arguments: decodeArguments(called, custom) };
  if (custom) part.custom = true;
  reader.names.set(id, name);
  reader.unanswered.push(id);
  if (carrier) placeCarrier(parts, part, carrier);
  parts.push(part);
}

function decodeArguments(called: JsonObject, custom: boolean): string {
  const value = called[custom ? 'input' : 'arguments'];
  if (typeof value === 'string') return !custom && value.trim() === '' ? '{}' : value;
  return value == null ? (custom ? '' : '{}') : JSON.stringify(value);
}

/** Gemini signs calls; what others sign is the reasoning that led to the call. */
function placeCarrier(parts: AssistantPart[], call: ToolCallPart, carrier: ReasoningCarrier): void {
  if (carrier.origin.startsWith('gemini@')) {
    call.carrier = carrier;
    return;
  }
  const isKnown = parts.some((part) => part.type === 'reasoning' && part.carrier?.data === carrier.data);
  if (isKnown) return;
  const unsigned = parts.findLast((part) => part.type === 'reasoning' && part.carrier === undefined);
  if (unsigned?.type === 'reasoning') unsigned.carrier = carrier;
  else parts.push({ type: 'reasoning', text: '', carrier });
}

function decodeToolMessage(message: JsonObject, path: string, reader: BlockReader): ToolResultPart {
  const callId = resultOf(message, path, reader);
  const at = reader.unanswered.indexOf(callId);
  if (at >= 0) reader.unanswered.splice(at, 1);
  const content = eachPart(resultContent(message), pathOf(path, 'content')).flatMap(([part, partPath]) =>
    decodeContentPart(part, partPath).filter(isResultPart),
  );
  const part: ToolResultPart = {
    type: 'tool-result',
    callId,
    name: reader.names.get(callId) ?? looseString(message['name']),
    ...readToolError(content),
  };
  const cache = decodeCacheMark(message['cache_control']);
  if (cache) part.cache = cache;
  return part;
}

/** Objects and numbers as they come from careless clients. */
function resultContent({ content }: JsonObject): JsonObject[string] | undefined {
  if (content == null || typeof content === 'string' || Array.isArray(content)) return content;
  return JSON.stringify(content);
}

function isResultPart(part: UserPart): part is ToolResultPart['content'][number] {
  return part.type === 'text' || part.type === 'image' || part.type === 'document' || part.type === 'audio';
}

/** The call that a result answers: by its id, by its function's name, by its turn. */
function resultOf(message: JsonObject, path: string, { readId, names, unanswered }: BlockReader): string {
  const given = looseString(message['tool_call_id']);
  if (given) return readId(given).id;
  const name = looseString(message['name']);
  const byName = name === null ? undefined : unanswered.find((id) => names.get(id) === name);
  const found = byName ?? unanswered[0];
  if (found !== undefined) return found;
  return asText(message['tool_call_id'], pathOf(path, 'tool_call_id'));
}
