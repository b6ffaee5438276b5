import { roleHas } from '@sluice/core/identity/permissions';
import type { User } from '@sluice/core/identity/store';
import type { Dimension } from '@sluice/core/metering/roll-up';
import { TIME_SLICE_MS, type UsageParts } from '@sluice/core/metering/store';
import type { TimeRange, UsageScope } from '@sluice/core/metering/usage-log';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { notFound } from '../refusal.ts';
import type { AdminServices } from '../services.ts';

const DAY_MS = 24 * 3600_000;

/** Whose usage a question is about, after it was checked that the caller may see it. */
export async function usageScopeOf(
  services: AdminServices,
  user: User,
  query: { scope: 'own' | 'all'; key_id?: string | undefined },
): Promise<UsageScope> {
  const seesAll = roleHas(user.role, 'usage:any');
  if (query.scope === 'all' && !seesAll) {
    throw new GatewayError('forbidden', { message: 'Your role sees your own usage only.' });
  }
  if (query.key_id !== undefined) {
    const key = await services.identity.findKeyById(query.key_id);
    if (!seesAll && key?.ownerId !== user.id) throw notFound('key of this id');
    return { kind: 'key', keyId: query.key_id, userId: seesAll ? null : user.id };
  }
  return query.scope === 'own' ? { kind: 'user', userId: user.id } : { kind: 'all' };
}

/** Where the sums of a scope are found. */
export function memberOf(scope: UsageScope): { dimension: Dimension; member: string } {
  switch (scope.kind) {
    case 'user':
      return { dimension: 'user', member: scope.userId };
    case 'key':
      return { dimension: 'key', member: scope.keyId };
    case 'all':
      return { dimension: 'all', member: '' };
  }
}

/** A date names its whole day (UTC); an instant as an end is exclusive. Nothing is asked of the future. */
export function usageRangeOf(
  query: { start_date?: string | undefined; end_date?: string | undefined },
  now: number,
): TimeRange {
  const from = query.start_date === undefined ? 0 : Math.max(0, Date.parse(query.start_date));
  // Another machine's clock may be a little ahead.
  const latest = now + TIME_SLICE_MS;
  if (query.end_date === undefined) return { from, to: latest };
  const isDate = !query.end_date.includes('T');
  return { from, to: Math.min(latest, Date.parse(query.end_date) + (isDate ? DAY_MS : 0)) };
}

export function viewParts(parts: UsageParts) {
  return {
    input: parts.input,
    cache_read: parts.cacheRead,
    cache_write_5m: parts.cacheWrite5m,
    cache_write_1h: parts.cacheWrite1h,
    output: parts.output,
    reasoning: parts.reasoning,
    images: parts.images,
    audio: parts.audio,
    audio_input: parts.audioInput,
    audio_output: parts.audioOutput,
    image_input: parts.imageInput,
    image_output: parts.imageOutput,
    video_seconds: parts.videoSeconds,
    web_searches: parts.webSearches,
  };
}
