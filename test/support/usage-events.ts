import { createRequestId } from '../../layers/kit/ids/request-id.ts';
import { NO_USAGE, type UsageClosing, type UsageEvent } from '../../layers/core/metering/store.ts';

/** A closed event of a request that began at `startedAt`. */
export function aUsageEvent(
  startedAt: number,
  change: Partial<Omit<UsageEvent, 'closing'>> = {},
  closing: Partial<UsageClosing> = {},
): UsageEvent {
  return {
    requestId: createRequestId(startedAt),
    userId: 'usr_user',
    keyId: 'key_a',
    model: 'gpt-5',
    format: 'openai-chat',
    stream: false,
    startedAt,
    inputEstimate: 10,
    priceVersion: 1,
    clientRequestId: null,
    clientApp: 'curl',
    phase: 'closed',
    closing: {
      source: 'reported',
      servedModel: 'gpt-5.1',
      upstream: 'openai',
      credential: 'team-a',
      parts: { ...NO_USAGE, input: 10, cacheRead: 2, output: 5, reasoning: 1 },
      costMicros: 7,
      status: 200,
      error: null,
      firstByteMs: 20,
      durationMs: 100,
      attempts: [{ upstream: 'openai', credential: 'team-a', status: 200, error: null, durationMs: 90 }],
      warnings: [],
      closedAt: startedAt + 100,
      ...closing,
    },
    ...change,
  };
}
