import type { Finish, FinishReason } from '../../../neutral/response.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_MessageStopEvent.html */
const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  tool_use: 'tool-calls',
  max_tokens: 'length',
  stop_sequence: 'stop-sequence',
  guardrail_intervened: 'content-filter',
  content_filtered: 'content-filter',
  model_context_window_exceeded: 'context-length',
  refusal: 'refusal',
  pause_turn: 'pause',
};

/** The model failed at its own answer; another try may do better. */
export function isFailure(reason: string): boolean {
  return reason === 'malformed_model_output' || reason === 'malformed_tool_use';
}

/** What the reason says of tools is believed only as far as there are calls, and the other way round. */
export function decodeStop(reason: string, sequence: string | null, { hasCalls }: { hasCalls: boolean }): Finish {
  const known = REASONS[reason] ?? 'stop';
  const isAboutTools = known === 'tool-calls' || known === 'stop';
  return {
    reason: isAboutTools ? (hasCalls ? 'tool-calls' : 'stop') : known,
    stopSequence: known === 'stop-sequence' ? sequence : null,
  };
}
