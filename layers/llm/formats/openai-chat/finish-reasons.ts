import type { Finish, FinishReason } from '../../neutral/response.ts';
import { looseString } from '../reading.ts';

const REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
};

/** What a choice has shown besides its reason. */
export interface Shown {
  calls: boolean;
  refusal: boolean;
}

/** Some servers say `stop` although there are calls to make; an answer that is a refusal says so in its text only. */
export function decodeFinish(reason: unknown, { calls, refusal }: Shown): Finish {
  const known = REASONS[looseString(reason) ?? ''] ?? 'stop';
  if (refusal && (known === 'stop' || known === 'content-filter')) return { reason: 'refusal', stopSequence: null };
  return { reason: known === 'stop' && calls ? 'tool-calls' : known, stopSequence: null };
}

const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'context-length': 'length',
  'tool-calls': 'tool_calls',
  refusal: 'content_filter',
  'content-filter': 'content_filter',
  pause: 'stop',
};

/** @param isLegacy the client asked with `functions` */
export function encodeFinish({ reason }: Finish, calls: boolean, isLegacy: boolean): string {
  const word = WORDS[reason === 'stop' && calls ? 'tool-calls' : reason];
  return isLegacy && word === 'tool_calls' ? 'function_call' : word;
}
