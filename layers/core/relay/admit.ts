import type { RequestFacts } from '@sluice/llm/formats/wire-format';
import type { Metering } from '../metering/metering.ts';
import type { OpenUsageEvent } from '../metering/store.ts';
import type { Caller } from './authenticate.ts';
import { readClientApp, type Exchange } from './exchange.ts';
import type { Plan } from './route.ts';

/** A mean of what tokenizers make of text and code; what nobody reports or can count is charged by it. */
const BYTES_PER_TOKEN = 3;

const DAY_MS = 24 * 3600_000;

export function estimateTokens(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

/** What is known of a request before any upstream is called. */
export function describeRequest(
  exchange: Exchange,
  known: { caller: Caller; facts: RequestFacts; plan: Plan },
): OpenUsageEvent {
  const { caller, facts, plan } = known;
  return {
    requestId: exchange.requestId,
    userId: caller.user.id,
    keyId: caller.key.id,
    model: facts.model,
    format: exchange.format.name,
    stream: facts.stream,
    startedAt: exchange.startedAt,
    inputEstimate: estimateTokens(exchange.request.body.length),
    priceVersion: plan.model.price?.version ?? null,
    clientRequestId: exchange.clientRequestId,
    clientApp: readClientApp(exchange.request.headers),
    expiresAt: exchange.startedAt + plan.settings.usageLogDays * DAY_MS,
  };
}

/**
 * Lets a request in: its usage event is open before any upstream is called. The ledger account's hold is taken here
 * too, in parallel, where limits bind (architecture.md §4).
 * @throws GatewayError `store_unavailable`; the event may have been written all the same, so it is closed like others
 */
export function admit(metering: Metering, event: OpenUsageEvent): Promise<void> {
  return metering.open(event);
}
