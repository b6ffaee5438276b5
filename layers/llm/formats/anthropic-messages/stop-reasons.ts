import type { Finish, FinishReason } from '../../neutral/response.ts';
import { looseString } from '../reading.ts';

/** https://docs.claude.com/en/api/handling-stop-reasons */
const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  model_context_window_exceeded: 'context-length',
  tool_use: 'tool-calls',
  refusal: 'refusal',
  pause_turn: 'pause',
};

/** @param hasCalls tool calls came in the answer: some servers forget to say so at its end */
export function decodeStop(reason: unknown, sequence: unknown, hasCalls: boolean): Finish {
  const known = REASONS[looseString(reason) ?? ''] ?? 'stop';
  return {
    reason: known === 'stop' && hasCalls ? 'tool-calls' : known,
    stopSequence: known === 'stop-sequence' ? looseString(sequence) : null,
  };
}

const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'context-length': 'model_context_window_exceeded',
  'tool-calls': 'tool_use',
  refusal: 'refusal',
  'content-filter': 'refusal',
  pause: 'pause_turn',
};

export function encodeStop({ reason }: Finish, hasCalls: boolean): string {
  return WORDS[reason === 'stop' && hasCalls ? 'tool-calls' : reason];
}
