import { microsToDollars } from '@sluice/contract/money';
import type { UsageLogRow } from '@sluice/contract/usage';
import { isSuccess } from '@sluice/core/metering/outcome';
import type { UsageEvent } from '@sluice/core/metering/store';
import { inputTokens, outputTokens, totalTokens } from '@sluice/llm/formats/usage-figures';
import { viewParts } from './usage-scope.ts';

/** What clients of a format usually call; which of its aliases it was is not kept. */
const ENDPOINTS: Readonly<Record<string, string>> = {
  'openai-chat': '/v1/chat/completions',
  'openai-completions': '/v1/completions',
  'openai-responses': '/v1/responses',
  'openai-embeddings': '/v1/embeddings',
  'openai-images': '/v1/images/generations',
  'openai-videos': '/v1/videos',
  'anthropic-messages': '/v1/messages',
  gemini: '/v1beta/models',
  'chat-session': '/api/chat',
};

/**
 * A closed request as lists show it.
 * @param known the key's name, where it is still there; whether the reader may see upstreams and credentials
 */
export function viewUsageEvent(
  event: UsageEvent,
  { keyName, showsRouting }: { keyName: string | null; showsRouting: boolean },
): UsageLogRow[] {
  const { closing } = event;
  if (!closing) return [];
  const { parts } = closing;
  return [
    {
      request_id: event.requestId,
      client_request_id: event.clientRequestId,
      source: closing.source,
      user_id: event.userId,
      key_id: event.keyId,
      key_name: keyName,
      model: event.model,
      model_name: event.model,
      served_model: closing.servedModel,
      format: event.format,
      config_type: event.format,
      method: 'POST',
      endpoint: ENDPOINTS[event.format] ?? null,
      stream: event.stream,
      status: closing.status,
      status_code: closing.status,
      success: isSuccess(event),
      error: closing.error,
      error_message: closing.error?.replaceAll('_', ' ') ?? null,
      parts: viewParts(parts),
      input_tokens: inputTokens(parts),
      output_tokens: outputTokens(parts),
      total_tokens: totalTokens(parts),
      prompt_tokens: inputTokens(parts),
      completion_tokens: outputTokens(parts),
      cost_micros: closing.costMicros,
      cost: microsToDollars(closing.costMicros),
      quota_consumed: null,
      price_version: closing.priceVersion ?? event.priceVersion,
      first_byte_ms: closing.firstByteMs,
      duration_ms: closing.durationMs,
      client_app: event.clientApp,
      warnings: closing.warnings,
      upstream: showsRouting ? closing.upstream : null,
      credential: showsRouting ? closing.credential : null,
      attempts: showsRouting ? closing.attempts.map(viewAttempt) : [],
      created_at: new Date(event.startedAt).toISOString(),
    },
  ];
}

function viewAttempt({ durationMs, ...attempt }: NonNullable<UsageEvent['closing']>['attempts'][number]) {
  return { ...attempt, duration_ms: durationMs };
}
