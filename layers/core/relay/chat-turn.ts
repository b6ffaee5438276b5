import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Json, JsonObject } from '@sluice/llm/neutral/json';

/** One turn as the chat surface's clients write it: in a JSON body, or in the query of an EventSource. */
export interface ChatTurn {
  message: string;
  model: string | null;
  sessionId: string | null;
  maxTokens: number | null;
  temperature: number | null;
  systemPrompt: string | null;
  stream: boolean;
}

const SESSION_ID = /^[A-Za-z0-9_-]{1,100}$/;

/** @throws GatewayError `invalid_field` naming the field */
export function readChatTurn(given: JsonObject): ChatTurn {
  const message = given['message'];
  if (typeof message !== 'string' || message.trim() === '') throw wrong('message', 'a non-empty string');
  const sessionId = readText(given, 'sessionId');
  if (sessionId !== null && !SESSION_ID.test(sessionId)) {
    throw wrong('sessionId', 'up to 100 letters, digits, - and _');
  }
  const maxTokens = readNumber(given, 'max_tokens') ?? readNumber(given, 'maxTokens');
  if (maxTokens !== null && !(Number.isSafeInteger(maxTokens) && maxTokens > 0))
    throw wrong('max_tokens', 'a whole number above 0');
  return {
    message,
    model: readText(given, 'model'),
    sessionId,
    maxTokens,
    temperature: readNumber(given, 'temperature'),
    systemPrompt: readText(given, 'systemPrompt'),
    stream: readFlag(given['stream']),
  };
}

function readText(given: JsonObject, name: string): string | null {
  const value = given[name] ?? null;
  if (value === null || value === '') return null;
  if (typeof value !== 'string') throw wrong(name, 'a string');
  return value;
}

function readNumber(given: JsonObject, name: string): number | null {
  const value = given[name] ?? null;
  if (value === null || value === '') return null;
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw wrong(name, 'a number');
  return number;
}

function readFlag(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === 'false') return false;
  if (value === true || value === 'true') return true;
  if (value === false) return false;
  throw wrong('stream', 'a boolean');
}

function wrong(field: string, wanted: string): GatewayError {
  return new GatewayError('invalid_field', { message: `'${field}' must be ${wanted}.`, param: field });
}
