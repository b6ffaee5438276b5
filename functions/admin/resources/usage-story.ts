import type { UsageStory } from '@sluice/contract/usage-story';
import { roleHas } from '@sluice/core/identity/permissions';
import { decodeHold } from '@sluice/core/metering/hold-text';
import { costLines, costMicros, tierOf } from '@sluice/core/metering/price';
import type { UsageEvent, UsageParts } from '@sluice/core/metering/store';
import { ERROR_CATALOGUE } from '@sluice/kit/errors/catalogue';
import { inputTokens, outputTokens } from '@sluice/llm/formats/usage-figures';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { isoTime } from './usage-periods.ts';
import { viewParts } from './usage-scope.ts';
import { viewUsageEvent } from './view-usage-event.ts';

/** Everything that is known of one request, also while it is under way. Somebody else's is not found. */
export async function showUsageStory(
  services: AdminServices,
  { params, caller }: Call<undefined, Record<string, never>, Caller>,
): Promise<Answer> {
  const event = await services.usage.findEvent(params['id'] ?? '');
  const showsRouting = roleHas(caller.user.role, 'usage:any');
  const isGone = event?.expiresAt !== undefined && event.expiresAt <= services.clock();
  if (!event || isGone || !(showsRouting || event.userId === caller.user.id)) throw notFound('request of this id');
  const [key, user, price, held] = await Promise.all([
    services.identity.findKeyById(event.keyId),
    event.userId === caller.user.id ? caller.user : services.identity.findUserById(event.userId),
    priceOf(services, event),
    heldFor(services, event),
  ]);
  const keyName = key?.name ?? null;
  return success({
    request_id: event.requestId,
    phase: event.phase,
    started_at: isoTime(event.startedAt),
    closed_at: event.closing ? isoTime(event.closing.closedAt) : null,
    model: event.model,
    format: event.format,
    stream: event.stream,
    user: { id: event.userId, name: user?.username ?? null },
    key: { id: event.keyId, name: keyName },
    client_app: event.clientApp,
    client_request_id: event.clientRequestId,
    input_estimate: event.inputEstimate,
    limited: event.isHeld ?? false,
    held,
    row: viewUsageEvent(event, { keyName, showsRouting })[0] ?? null,
    error: errorOf(event.closing?.error ?? null),
    price,
    late: event.late
      ? {
          source: event.late.source,
          cost_micros: event.late.costMicros,
          input_tokens: inputTokens(event.late.parts),
          output_tokens: outputTokens(event.late.parts),
        }
      : null,
  } satisfies UsageStory);
}

/** By the very version that the request was charged by, however the price has changed since. */
async function priceOf(
  { catalog }: AdminServices,
  { model, priceVersion, closing }: UsageEvent,
): Promise<UsageStory['price']> {
  const version = closing?.priceVersion ?? priceVersion;
  if (closing === null || version === null) return null;
  const price = await catalog.findPrice(model, version);
  if (price === null) return null;
  const lines = costLines(closing.parts, price).map(({ part, count, rateMicros, per }) => ({
    part: part === 'request' ? part : PART_NAMES[part],
    count,
    rate_micros: rateMicros,
    per,
    micros: (count * rateMicros) / per,
  }));
  return { version, tier_above: tierOf(closing.parts, price), lines, sum_micros: costMicros(closing.parts, price) };
}

const PART_NAMES: Record<keyof UsageParts, keyof ReturnType<typeof viewParts>> = {
  input: 'input',
  cacheRead: 'cache_read',
  cacheWrite5m: 'cache_write_5m',
  cacheWrite1h: 'cache_write_1h',
  output: 'output',
  reasoning: 'reasoning',
  images: 'images',
  audio: 'audio',
  audioInput: 'audio_input',
  audioOutput: 'audio_output',
  imageInput: 'image_input',
  imageOutput: 'image_output',
  videoSeconds: 'video_seconds',
  webSearches: 'web_searches',
};

async function heldFor(
  { accounts }: AdminServices,
  { requestId, userId, isHeld }: UsageEvent,
): Promise<UsageStory['held']> {
  if (!isHeld) return null;
  const text = (await accounts.read(userId, { consistent: true }))?.holds[requestId];
  if (text === undefined) return null;
  const { amounts } = decodeHold(text);
  return { micros: amounts.micros, tokens: Math.max(amounts.softTokens, amounts.hardTokens), units: amounts.units };
}

function errorOf(code: string | null): UsageStory['error'] {
  if (code === null) return null;
  const known = Object.entries(ERROR_CATALOGUE).find(([name]) => name === code);
  return known ? { code, ...known[1] } : null;
}
