import type { FinishReason } from '../../../neutral/response.ts';

/** https://ai.google.dev/api/generate-content#FinishReason. STOP says nothing of tools: the parts do. */
const REASONS: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  LANGUAGE: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
};

/** The model failed at its own answer; another try may do better. */
const FAILURES = new Set([
  'MALFORMED_FUNCTION_CALL',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'MALFORMED_RESPONSE',
  'MISSING_THOUGHT_SIGNATURE',
  'NO_IMAGE',
]);

export function isFailure(word: string): boolean {
  return FAILURES.has(word);
}

/** Unknown words end an answer as a matter of course. */
export function readFinish(word: string, hasCalls: boolean): FinishReason {
  const reason = Object.hasOwn(REASONS, word) ? (REASONS[word] as FinishReason) : 'stop';
  return reason === 'stop' && hasCalls ? 'tool-calls' : reason;
}

const WORDS: Record<FinishReason, string> = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  'tool-calls': 'STOP',
  pause: 'STOP',
  length: 'MAX_TOKENS',
  'context-length': 'MAX_TOKENS',
  refusal: 'SAFETY',
  'content-filter': 'SAFETY',
};

export function writeFinish(reason: FinishReason): string {
  return WORDS[reason];
}
