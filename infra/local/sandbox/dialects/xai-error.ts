import type { OpenAiError } from '../openai-error.ts';

const CODES: ReadonlyMap<number, string> = new Map([
  [400, 'Client specified an invalid argument'],
  [401, 'Unauthenticated'],
  [403, 'The caller does not have permission to execute the specified operation'],
  [404, 'Some requested entity was not found'],
  [415, 'Client specified an invalid argument'],
  [429, 'Some resource has been exhausted'],
]);

/** xAI's error object: a code in words and a sentence (https://docs.x.ai/docs/key-information/debugging). */
export function xaiErrorBody({ status, message }: OpenAiError): string {
  return JSON.stringify({ code: CODES.get(status) ?? 'The service is currently unavailable', error: message });
}
