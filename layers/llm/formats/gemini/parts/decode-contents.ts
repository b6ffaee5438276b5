import type { Json, JsonObject } from '../../../neutral/json.ts';
import type { AssistantPart, ReasoningCarrier, UserPart } from '../../../neutral/parts.ts';
import type { NeutralMessage, SystemMessage } from '../../../neutral/request.ts';
import type { ClientContext } from '../../codec.ts';
import { asObject, asString, asText, invalidField, missingField, pathOf, wrongType } from '../../reading.ts';
import { decodeFunctionResponse } from './decode-function-response.ts';
import { asList, camelOf, field, optionalField } from './fields.ts';
import { decodeFileData, decodeInlineData } from './media.ts';
import { openSignature } from './signature.ts';
import { createCallLedger, type CallLedger } from './tool-ids.ts';

/** `systemInstruction` as a text, a part, a content or a list of parts: SDKs have sent all of them. */
export function decodeSystem(body: JsonObject): SystemMessage[] {
  const path = 'systemInstruction';
  const given = field(body, path);
  if (given == null) return [];
  const texts = typeof given === 'string' ? [given] : systemTexts(given, path);
  const content = texts.filter((text) => text !== '').map((text) => ({ type: 'text' as const, text }));
  return content.length === 0 ? [] : [{ role: 'system', as: 'system', content }];
}

function systemTexts(given: Json, path: string): string[] {
  if (!Array.isArray(given) && field(asObject(given, path), 'parts') != null) {
    const parts = pathOf(path, 'parts');
    return systemTexts(field(asObject(given, path), 'parts') as Json, parts);
  }
  if (typeof given === 'string') return [given];
  return asList(given, path).map((part, index) => {
    const text = field(part, 'text');
    if (text == null) throw invalidField(pathOf(path, index), `'${pathOf(path, index)}' must be a text part.`);
    return asString(text, pathOf(pathOf(path, index), 'text'));
  });
}

interface Reading {
  client: ClientContext;
  calls: CallLedger;
  messages: NeutralMessage[];
}

export function decodeContents(body: JsonObject, client: ClientContext): NeutralMessage[] {
  const given = field(body, 'contents');
  if (given == null) throw missingField('contents');
  const contents = typeof given === 'string' ? [{ parts: [{ text: given }] }] : asList(given, 'contents');
  if (contents.length === 0) throw wrongType('contents', 'an array of at least one content');
  const reading: Reading = { client, calls: createCallLedger(), messages: [] };
  for (const [index, content] of contents.entries()) decodeContent(content, pathOf('contents', index), reading);
  return reading.messages;
}

function decodeContent(content: JsonObject, path: string, reading: Reading): void {
  const role = optionalField(content, 'role', asString, path) || 'user';
  const given = field(content, 'parts');
  const parts = given == null ? [] : asList(given, pathOf(path, 'parts'));
  switch (role) {
    case 'model':
      return decodeModelParts(parts, pathOf(path, 'parts'), reading);
    case 'user':
    // Older SDKs gave results of functions a role of their own.
    case 'function':
    case 'tool':
      return decodeUserParts(parts, pathOf(path, 'parts'), reading);
    case 'system': {
      const texts = systemTexts(parts, pathOf(path, 'parts')).filter((text) => text !== '');
      const textParts = texts.map((text) => ({ type: 'text' as const, text }));
      if (textParts.length > 0) reading.messages.push({ role: 'system', as: 'system', content: textParts });
      return;
    }
    default:
      throw invalidField(pathOf(path, 'role'), `'${pathOf(path, 'role')}' must be 'user' or 'model'.`);
  }
}

function decodeUserParts(parts: JsonObject[], path: string, { calls, client, messages }: Reading): void {
  const content: UserPart[] = [];
  for (const [index, part] of parts.entries()) {
    const at = pathOf(path, index);
    const result = field(part, 'functionResponse');
    if (result != null) content.push(decodeFunctionResponse(asObject(result, `${at}.functionResponse`), at, calls));
    else if (field(part, 'functionCall') != null) {
      throw invalidField(`${at}.functionCall`, `'${at}.functionCall' belongs into a content of role 'model'.`);
    } else content.push(...decodeCommonPart(part, at, client));
  }
  if (content.length > 0) messages.push({ role: 'user', content });
}

/** Clients keep the chunks of a stream as they came: contents of one turn, and stretches of one text in it, are joined. */
function decodeModelParts(parts: JsonObject[], path: string, { calls, client, messages }: Reading): void {
  const before = messages.at(-1);
  const content = before?.role === 'assistant' ? before.content : [];
  for (const [index, part] of parts.entries()) {
    const at = pathOf(path, index);
    const signature = optionalField(part, 'thoughtSignature', asString, at) ?? '';
    const carrier = signature === '' ? undefined : openSignature(signature, client, `${at}.thoughtSignature`);
    decodeModelPart(part, { at, carrier, content, calls, client });
  }
  if (content.length > 0 && before?.role !== 'assistant') messages.push({ role: 'assistant', content });
}

interface ModelPartReading {
  at: string;
  carrier: ReasoningCarrier | undefined;
  content: AssistantPart[];
  calls: CallLedger;
  client: ClientContext;
}

function decodeModelPart(part: JsonObject, { at, carrier, content, calls, client }: ModelPartReading): void {
  const call = field(part, 'functionCall');
  if (call != null) {
    content.push(decodeFunctionCall(asObject(call, `${at}.functionCall`), `${at}.functionCall`, { calls, carrier }));
    return;
  }
  if (field(part, 'functionResponse') != null) {
    throw invalidField(`${at}.functionResponse`, `'${at}.functionResponse' belongs into a content of role 'user'.`);
  }
  const text = optionalField(part, 'text', asString, at);
  if (text !== null && text !== '') {
    addText(content, { type: field(part, 'thought') === true ? 'reasoning' : 'text', text }, carrier);
    return;
  }
  const others = text === null ? decodeCommonPart(part, at, client) : [];
  for (const other of others) {
    if (other.type === 'video') {
      content.push({ type: 'vendor', format: 'gemini', value: part });
    } else content.push(other);
  }
  if (carrier) addCarrier(content, carrier, field(part, 'thought') === true);
}

function addText(
  content: AssistantPart[],
  part: { type: 'reasoning' | 'text'; text: string },
  carrier: ReasoningCarrier | undefined,
): void {
  const last = content.at(-1);
  if (last?.type === part.type && last.carrier === undefined) {
    last.text += part.text;
    if (carrier) last.carrier = carrier;
  } else {
    content.push(carrier ? { ...part, carrier } : part);
  }
}

/** A signature without a text of its own belongs to the text before it, if that has none. */
function addCarrier(content: AssistantPart[], carrier: ReasoningCarrier, isThought: boolean): void {
  const last = content.at(-1);
  const signs = last?.type === 'reasoning' || (last?.type === 'text' && !isThought);
  if (signs && last.carrier === undefined) last.carrier = carrier;
  else content.push({ type: 'reasoning', text: '', carrier });
}

function decodeFunctionCall(
  call: JsonObject,
  path: string,
  { calls, carrier }: { calls: CallLedger; carrier: ReasoningCarrier | undefined },
): AssistantPart {
  const name = asText(field(call, 'name'), pathOf(path, 'name'));
  const args = field(call, 'args');
  const text = args == null ? '{}' : JSON.stringify(args);
  const id = calls.call({ id: optionalField(call, 'id', asString, path) || null, name, arguments: text });
  return { type: 'tool-call', id, name, arguments: text, ...(carrier && { carrier }) };
}

/** What is said about a part and means something to Google only. */
const UNKEPT = ['videoMetadata', 'mediaResolution', 'partMetadata', 'mediaProcessing', 'speechMetadata'] as const;
/** Members that are no part themselves. */
const ABOUT: ReadonlySet<string> = new Set([...UNKEPT, 'thought', 'thoughtSignature', 'text']);

function decodeCommonPart(
  part: JsonObject,
  path: string,
  client: ClientContext,
): Exclude<UserPart, { type: 'tool-result' }>[] {
  for (const name of UNKEPT) if (field(part, name) != null) client.warn('dropped', `contents[].parts[].${name}`);
  const text = optionalField(part, 'text', asString, path);
  if (text !== null) return text === '' ? [] : [{ type: 'text', text }];
  const blob = field(part, 'inlineData');
  if (blob != null) return [decodeInlineData(asObject(blob, `${path}.inlineData`), `${path}.inlineData`)];
  const file = field(part, 'fileData');
  if (file != null) return [decodeFileData(asObject(file, `${path}.fileData`), `${path}.fileData`)];
  const isEmpty = Object.keys(part).every((key) => part[key] == null || ABOUT.has(camelOf(key)));
  if (isEmpty) return [];
  return [{ type: 'vendor', format: 'gemini', value: part }];
}
