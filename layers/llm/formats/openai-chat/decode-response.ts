import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { isJsonObject, type Json, type JsonObject } from '../../neutral/json.ts';
import type { AssistantPart, AudioPart, ImagePart, ReasoningCarrier, ToolCallPart } from '../../neutral/parts.ts';
import type { NeutralChoice, NeutralResponse } from '../../neutral/response.ts';
import type { CallContext } from '../codec.ts';
import { readDataUrl } from '../data-url.ts';
import { looseArray, looseNumber, looseObject, looseString } from '../reading.ts';
import { restoreToolName } from '../tool-names.ts';
import { decodeFinish } from './finish-reasons.ts';
import { decodeAnnotations } from './parts/annotations.ts';
import { decodeReasoning } from './parts/reasoning.ts';
import { decodeUsage } from './usage.ts';

/** https://platform.openai.com/docs/api-reference/chat/object */
export function decodeResponse(body: JsonObject, call: CallContext): NeutralResponse {
  const choices = looseArray(body['choices']).filter(isJsonObject);
  if (choices.length === 0) throw notAnAnswer(body);
  const ordered = choices.toSorted(
    (left, right) => (looseNumber(left['index']) ?? 0) - (looseNumber(right['index']) ?? 0),
  );
  return {
    id: looseString(body['id']) ?? '',
    model: looseString(body['model']) ?? '',
    choices: ordered.map((choice) => decodeChoice(choice, call)),
    usage: decodeUsage(body['usage']),
    serviceTier: looseString(body['service_tier']),
  };
}

/** An error under 200, or no answer at all. */
export function notAnAnswer(body: JsonObject): GatewayError {
  const { error, message } = body;
  const told = isJsonObject(error) ? looseString(error['message']) : (looseString(error) ?? looseString(message));
  return new GatewayError('upstream_error', {
    message: told ?? 'The upstream answered with something that is no chat completion.',
  });
}

function decodeChoice(choice: JsonObject, call: CallContext): NeutralChoice {
  // Legacy servers answer a chat with a bare text.
  const message = isJsonObject(choice['message']) ? choice['message'] : { content: choice['text'] ?? null };
  const content: AssistantPart[] = [
    ...decodeReasoning(message, (data, kind) => ownCarrier(data, kind, call)),
    ...decodeText(message),
    ...decodeCalls(message, call),
    ...decodeMedia(message),
  ];
  const shown = {
    calls: content.some(({ type }) => type === 'tool-call'),
    refusal: content.some(({ type }) => type === 'refusal'),
  };
  const decoded: NeutralChoice = { content, finish: decodeFinish(choice['finish_reason'], shown) };
  if (choice['logprobs'] != null) decoded.logprobs = choice['logprobs'];
  return decoded;
}

export function ownCarrier(data: string, kind: ReasoningCarrier['kind'], { origin }: CallContext): ReasoningCarrier {
  return { origin, kind, data };
}

function decodeText(message: JsonObject): AssistantPart[] {
  const parts: AssistantPart[] = [];
  const text = contentText(message['content']);
  const citations = decodeAnnotations(message['annotations']);
  if (text !== '') parts.push(citations.length > 0 ? { type: 'text', text, citations } : { type: 'text', text });
  const refusal = looseString(message['refusal']);
  if (refusal) parts.push({ type: 'refusal', text: refusal });
  return parts;
}

/** A string; a list of parts from some compatible servers. */
export function contentText(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  return looseArray(content)
    .map((part) => looseString(looseObject(part)['text']) ?? '')
    .join('');
}

function decodeCalls(message: JsonObject, call: CallContext): ToolCallPart[] {
  const calls = looseArray(message['tool_calls']).filter(isJsonObject);
  if (isJsonObject(message['function_call'])) calls.push({ type: 'function', function: message['function_call'] });
  return calls.map((item, index) => decodeCall(item, index, call));
}

function decodeCall(item: JsonObject, index: number, call: CallContext): ToolCallPart {
  const custom = item['type'] === 'custom' || isJsonObject(item['custom']);
  const called = looseObject(item[custom ? 'custom' : 'function']);
  const name = restoreToolName(looseString(called['name']) || UNNAMED, call);
  const id = looseString(item['id']) || madeId(index);
  if (custom) return { type: 'tool-call', id, name, arguments: looseString(called['input']) ?? '', custom: true };
  return { type: 'tool-call', id, name, arguments: argumentsText(called['arguments']) || '{}' };
}

/** A call that lacks its name: the client answers that there is no such tool, and the pair stays whole. */
export const UNNAMED = 'unnamed_tool';

export function madeId(index: number): string {
  return `call_${index}`;
}

/** Text by the documentation, an object from some compatible servers. */
export function argumentsText(value: Json | undefined): string {
  if (value == null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function decodeMedia(message: JsonObject): (AudioPart | ImagePart)[] {
  const media: (AudioPart | ImagePart)[] = [];
  const audio = message['audio'];
  if (isJsonObject(audio) && typeof audio['data'] === 'string') {
    const part: AudioPart = { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: audio['data'] } };
    const transcript = looseString(audio['transcript']);
    if (transcript) part.transcript = transcript;
    media.push(part);
  }
  for (const image of looseArray(message['images'])) {
    const part = decodeImage(image);
    if (part) media.push(part);
  }
  return media;
}

/** OpenRouter's `images`: https://openrouter.ai/docs/features/multimodal/image-generation */
export function decodeImage(image: Json): ImagePart | null {
  const url = looseString(looseObject(looseObject(image)['image_url'])['url']);
  if (!url) return null;
  try {
    return { type: 'image', source: readDataUrl(url, 'images') ?? { kind: 'url', url, mediaType: null } };
  } catch {
    return null;
  }
}
