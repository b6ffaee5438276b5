import type { JsonObject } from '../../neutral/json.ts';
import type { AssistantPart, ReasoningCarrier, ToolCallPart } from '../../neutral/parts.ts';
import type { NeutralChoice, NeutralResponse } from '../../neutral/response.ts';
import { linkTo } from '../anthropic-messages/encode-response.ts';
import { sealIntoId } from '../carried-id.ts';
import type { ClientContext } from '../codec.ts';
import { encodeFinish } from './finish-reasons.ts';
import { encodeAnnotation } from './parts/annotations.ts';
import { encodeDetail } from './parts/reasoning.ts';
import { encodeUsage } from './usage.ts';

/** https://platform.openai.com/docs/api-reference/chat/object */
export function encodeResponse(response: NeutralResponse, client: ClientContext): JsonObject {
  return {
    id: completionId(response.id, client),
    object: 'chat.completion',
    created: client.nowSeconds,
    model: client.model,
    choices: response.choices.map((choice, index) => encodeChoice(choice, index, client)),
    usage: encodeUsage(response.usage),
    ...(response.serviceTier !== null && { service_tier: response.serviceTier }),
  };
}

export function completionId(id: string, { requestId }: ClientContext): string {
  return id.startsWith('chatcmpl-') ? id : `chatcmpl-${requestId}`;
}

/** The client declared `functions`, the form before `tools`, and looks for `function_call`. */
export function isLegacy({ requestBody }: ClientContext): boolean {
  return requestBody?.['functions'] != null && requestBody['tools'] == null;
}

interface MessageState {
  client: ClientContext;
  message: JsonObject;
  texts: string[];
  length: number;
  reasoning: string[];
  details: JsonObject[string][];
  annotations: JsonObject[];
  calls: JsonObject[];
  /** Of reasoning that led to the next call, whose id hides it. */
  pending: ReasoningCarrier | undefined;
}

function encodeChoice(choice: NeutralChoice, index: number, client: ClientContext): JsonObject {
  const state: MessageState = {
    client,
    message: { role: 'assistant', content: null, refusal: null },
    texts: [],
    length: 0,
    reasoning: [],
    details: [],
    annotations: [],
    calls: [],
    pending: undefined,
  };
  for (const part of choice.content) addPart(part, state);
  const { message, texts, reasoning, details, annotations, calls } = state;
  if (texts.length > 0) message['content'] = texts.join('');
  if (reasoning.length > 0) message['reasoning_content'] = reasoning.join('\n\n');
  if (details.length > 0) message['reasoning_details'] = details;
  message['annotations'] = annotations;
  const legacy = isLegacy(client);
  if (legacy && calls[0]) message['function_call'] = calls[0]['function'] as JsonObject;
  else if (calls.length > 0) message['tool_calls'] = calls;
  return {
    index,
    message,
    logprobs: choice.logprobs ?? null,
    finish_reason: encodeFinish(choice.finish, calls.length > 0, legacy),
  };
}

function addPart(part: AssistantPart, state: MessageState): void {
  switch (part.type) {
    case 'text':
      addCitations(part, state);
      addText(part.text, state);
      if (part.carrier) addDetail(part.carrier, state);
      return;
    case 'reasoning':
      if (part.text !== '') state.reasoning.push(part.text);
      if (part.carrier) addDetail(part.carrier, state);
      state.pending = part.carrier ?? state.pending;
      return;
    case 'refusal':
      state.message['refusal'] = part.text;
      return;
    case 'tool-call':
      state.calls.push(encodeCall(part, part.carrier ?? state.pending, state.client));
      state.pending = undefined;
      return;
    case 'audio':
      addAudio(part, state);
      return;
    case 'image':
    case 'document':
      addText(linkTo(part) ?? '', state);
      return;
    case 'vendor':
      return;
  }
}

function addText(text: string, state: MessageState): void {
  if (text === '') return;
  state.texts.push(text);
  state.length += text.length;
}

function addCitations({ text, citations }: Extract<AssistantPart, { type: 'text' }>, state: MessageState): void {
  for (const citation of citations ?? []) {
    const annotation = encodeAnnotation(citation, state.length, text.length);
    if (annotation) state.annotations.push(annotation);
  }
}

function addDetail(carrier: ReasoningCarrier, { details, client }: MessageState): void {
  details.push(encodeDetail(client.carriers.seal(carrier), details.length));
}

function encodeCall(part: ToolCallPart, carrier: ReasoningCarrier | undefined, client: ClientContext): JsonObject {
  const id = sealIntoId(part.id, carrier, client);
  if (part.custom) return { id, type: 'custom', custom: { name: part.name, input: part.arguments } };
  return { id, type: 'function', function: { name: part.name, arguments: part.arguments || '{}' } };
}

/** https://platform.openai.com/docs/guides/audio: sounds expire at the vendor after some time; ours are never kept there. */
function addAudio(part: Extract<AssistantPart, { type: 'audio' }>, { message, client }: MessageState): void {
  if (part.source.kind !== 'base64') return;
  message['audio'] = {
    id: `audio_${client.requestId}`,
    data: part.source.data,
    transcript: part.transcript ?? '',
    expires_at: client.nowSeconds,
  };
}
