import { parseExact } from '@sluice/kit/json/parse-exact';
import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import type { AssistantPart, ReasoningCarrier, ToolCallPart } from '../../../neutral/parts.ts';
import type { ClientContext } from '../../codec.ts';
import { encodeMedia } from './media.ts';
import { sealSignature } from './signature.ts';

type Client = Pick<ClientContext, 'carriers' | 'warn'>;

/** A part of an answer as the client reads it; several where a signature needs a part of its own. */
export function encodeParts(part: AssistantPart, client: Client): JsonObject[] {
  switch (part.type) {
    case 'text':
      return signed(part.text === '' ? [] : [{ text: part.text }], part.carrier, client);
    case 'reasoning':
      return signed(part.text === '' ? [] : [{ text: part.text, thought: true }], part.carrier, client);
    case 'tool-call':
      return signed([{ functionCall: encodeCall(part) }], part.carrier, client);
    case 'refusal':
      return part.text === '' ? [] : [{ text: part.text }];
    case 'vendor':
      if (part.format === 'gemini') return [part.value];
      client.warn('dropped', 'answer.vendor');
      return [];
    case 'audio':
      return encodeAudio(part);
    default: {
      const encoded = encodeMedia(part);
      return encoded === null ? [] : [encoded];
    }
  }
}

function encodeAudio(part: Extract<AssistantPart, { type: 'audio' }>): JsonObject[] {
  const encoded = encodeMedia(part);
  if (encoded === null) return [];
  return [part.transcript ? { ...encoded, audioTranscription: { text: part.transcript } } : encoded];
}

function signed(parts: JsonObject[], carrier: ReasoningCarrier | undefined, client: Client): JsonObject[] {
  if (!carrier) return parts;
  const thoughtSignature = sealSignature(carrier, client);
  const last = parts.at(-1);
  if (!last) return [emptySigned(thoughtSignature)];
  last['thoughtSignature'] = thoughtSignature;
  return parts;
}

/** How Gemini itself sends a signature that belongs to nothing visible. */
export function emptySigned(thoughtSignature: string): JsonObject {
  return { text: '', thought: true, thoughtSignature };
}

/** Arguments are an object on this wire; what is none is kept as the one member of an object. */
export function encodeCall({ id, name, arguments: text }: Pick<ToolCallPart, 'id' | 'name' | 'arguments'>): JsonObject {
  return { id, name, args: readArguments(text) };
}

export function readArguments(text: string): JsonObject {
  if (text.trim() === '') return {};
  const value = parsed(text);
  return isJsonObject(value) ? value : { input: value };
}

function parsed(text: string): Json {
  try {
    return parseExact(text) as Json;
  } catch {
    return text;
  }
}
