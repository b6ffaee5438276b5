import { roleHas } from '@sluice/core/identity/permissions';
import type { User } from '@sluice/core/identity/store';
import type { Dimension } from '@sluice/core/metering/roll-up';
import { TIME_SLICE_MS, type UsageParts } from '@sluice/core/metering/store';
import type { TimeRange, UsageFilter, UsageScope } from '@sluice/core/metering/usage-log';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { notFound } from '../refusal.ts';
import type { AdminServices } from '../services.ts';

const DAY_MS = 24 * 3600_000;

interface ScopeQuery {
  scope: 'own' | 'all';
  user?: string | undefined;
  key_id?: string | undefined;
  key?: string | undefined;
  upstream?: string | undefined;
  credential?: string | undefined;
}

/** Whose usage a question is about, after it was checked that the caller may see it. */
export async function usageScopeOf(services: AdminServices, user: User, query: ScopeQuery): Promise<UsageScope> {
  const seesAll = roleHas(user.role, 'usage:any');
  if (!seesAll) refuseForeign(user, query);
  const userId = query.user === undefined || !seesAll ? null : await userIdOf(services, query.user);
  const keyId = query.key_id ?? query.key;
  if (keyId !== undefined) {
    const key = await services.identity.findKeyById(keyId);
    // The rows of a deleted key stay; they say whose they are.
    if (!seesAll && key && key.ownerId !== user.id) throw notFound('key of this id');
    return { kind: 'key', keyId, userId: seesAll ? userId : user.id };
  }
  if (userId !== null) return { kind: 'user', userId };
  if (query.scope === 'all') return { kind: 'all' };
  // Upstreams and credentials are everybody's.
  const isOfPool = query.upstream !== undefined || query.credential !== undefined;
  return isOfPool ? { kind: 'all' } : { kind: 'user', userId: user.id };
}

function refuseForeign(user: User, query: ScopeQuery): void {
  const isOwnName = query.user === undefined || [user.id, user.username, user.email].includes(query.user);
  const isOfPool = query.upstream !== undefined || query.credential !== undefined;
  if (query.scope === 'own' && isOwnName && !isOfPool) return;
  throw new GatewayError('forbidden', { message: 'Your role sees your own usage only.' });
}

/** What a user used outlives the user. */
async function userIdOf(services: AdminServices, name: string): Promise<string> {
  if (name.startsWith('usr_')) return name;
  const user = await services.identity.findUserByLogin(name);
  if (!user) throw notFound(`user ${name}`);
  return user.id;
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

interface FilterQuery extends Pick<ScopeQuery, 'upstream' | 'credential'> {
  model_name?: string | undefined;
  success?: 'true' | 'false' | undefined;
  client_app?: string | undefined;
  config_type?: string | undefined;
  status?: string | undefined;
  error?: string | undefined;
  stream?: 'true' | 'false' | undefined;
  min_duration_ms?: number | undefined;
}

/** What of the scope's requests a question is about. */
export function usageFilterOf(query: FilterQuery): Omit<UsageFilter, 'range' | 'now'> {
  return {
    model: query.model_name,
    success: flagOf(query.success),
    clientApp: query.client_app,
    format: query.config_type,
    upstream: query.upstream,
    credential: query.credential,
    status: statusesOf(query.status),
    error: query.error,
    stream: flagOf(query.stream),
    minDurationMs: query.min_duration_ms,
  };
}

function flagOf(text: 'true' | 'false' | undefined): boolean | undefined {
  return text === undefined ? undefined : text === 'true';
}

/** `429` or `4xx`. */
function statusesOf(text: string | undefined): { from: number; to: number } | undefined {
  if (text === undefined) return undefined;
  return { from: Number(text.replace('xx', '00')), to: Number(text.replace('xx', '99')) };
}

/** A date names its whole day (UTC); an instant as an end is exclusive. Nothing is asked of the future. */
export function usageRangeOf(
  query: { start_date?: string | undefined; end_date?: string | undefined },
  now: number,
): TimeRange {
  const from = query.start_date === undefined ? 0 : Math.max(0, instantOf(query.start_date));
  // Another machine's clock may be a little ahead.
  const latest = now + TIME_SLICE_MS;
  if (query.end_date === undefined) return { from, to: latest };
  const isDate = !query.end_date.includes('T');
  return { from, to: Math.min(latest, instantOf(query.end_date) + (isDate ? DAY_MS : 0)) };
}

/** What names no zone is UTC, wherever this machine stands. */
function instantOf(text: string): number {
  return Date.parse(/T.*(?:Z|[+-]\d\d:?\d\d)$|^[^T]*$/i.test(text) ? text : `${text}Z`);
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
