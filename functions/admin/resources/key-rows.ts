import { createKeyOrRefuse, buildKey, judgeSecret, SECRET_TAKEN } from '@sluice/core/catalog/plan-keys';
import { isInChannel } from '@sluice/core/relay/channel';
import { roleHas } from '@sluice/core/identity/permissions';
import type { ApiKey, KeyChange, User } from '@sluice/core/identity/store';
import { mostKeysOf } from '@sluice/core/metering/role-limits';
import type { ErrorCode } from '@sluice/kit/errors/catalogue';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { generateApiKey } from '@sluice/kit/ids/api-key';
import { InputRefused, notFound } from '../refusal.ts';
import type { AdminServices } from '../services.ts';

/** Keys as every contract's paths need them; what they look like is each path's own business. */

/** A key and when it was last used (milliseconds since the epoch; null = never). */
export interface UsedKey {
  key: ApiKey;
  usedAt: number | null;
}

export interface NewKeyFacts extends Partial<Omit<KeyChange, 'name'>> {
  name: string;
  /** Chosen; generated when absent. */
  secret?: string | undefined;
}

export interface MadeKey {
  key: ApiKey;
  secret: string;
  warnings: string[];
}

/**
 * @param taken the code of the refusal of a chosen secret that somebody has
 * @throws GatewayError `conflict` (or `taken`), `too_many_keys`, `forbidden`
 */
export async function makeKey(
  services: AdminServices,
  { caller, owner }: { caller: User; owner: User },
  { secret: chosen, ...facts }: NewKeyFacts,
  taken: ErrorCode = 'conflict',
): Promise<MadeKey> {
  if (chosen !== undefined) await checkChosen(services, caller, chosen, taken);
  const secret = chosen ?? generateApiKey();
  const key = await buildKey({ ...services, now: services.clock() }, { ...facts, ownerId: owner.id, secret });
  await createKeyOrRefuse(services.identity, key, mostKeysOf(await services.catalog.readSettings(), owner));
  return { key, secret, warnings: await warningsOf(services, key.channel) };
}

/** @throws GatewayError `not_found` */
export async function changeRow(services: AdminServices, key: ApiKey, change: KeyChange): Promise<ApiKey> {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const changed = await services.identity.updateKey(key.id, given);
  if (!changed) throw notFound('key of this id');
  return changed;
}

/** @throws GatewayError `not_found` */
export async function deleteRow(services: AdminServices, key: ApiKey): Promise<void> {
  if (!(await services.identity.deleteKey(key.id))) throw notFound('key of this id');
}

/** Somebody else's key looks like no key to those who may not see it. @throws GatewayError `not_found` */
export async function reachableKey(services: AdminServices, user: User, id: string): Promise<ApiKey> {
  const key = await services.identity.findKeyById(id);
  if (!key || (key.ownerId !== user.id && !roleHas(user.role, 'keys:any'))) throw notFound('key of this id');
  return key;
}

export async function withUses(services: AdminServices, keys: readonly ApiKey[]): Promise<UsedKey[]> {
  const uses = await services.keyUses.lastUses(keys.map(({ id }) => id));
  return keys.map((key) => ({ key, usedAt: uses.get(key.id) ?? null }));
}

export async function withUse(services: AdminServices, key: ApiKey): Promise<UsedKey> {
  return { key, usedAt: (await services.keyUses.lastUses([key.id])).get(key.id) ?? null };
}

/** Newest first. For paths whose contract knows no pages. */
export async function allKeysOf(services: AdminServices, ownerId: string): Promise<ApiKey[]> {
  const keys: ApiKey[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof services.identity.listKeysOfOwner>> = await services.identity.listKeysOfOwner(
      ownerId,
      { limit: 100, cursor },
    );
    keys.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return keys;
}

export async function warningsOf(services: AdminServices, channel: string | null | undefined): Promise<string[]> {
  if (!channel) return [];
  const upstreams = await services.vault.listUpstreams();
  if (upstreams.some((upstream) => isInChannel(upstream, channel))) return [];
  return [`No upstream has the vendor, format or name "${channel}" now, so this key reaches nothing.`];
}

export function isoTime(timeMs: number): string;
export function isoTime(timeMs: number | null): string | null;
export function isoTime(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}

/**
 * Names tell keys apart where we chose the shape of the call; the other contracts let two keys have one name.
 * @throws GatewayError `conflict`
 */
export async function refuseTakenName(services: AdminServices, ownerId: string, name: string): Promise<void> {
  const keys = await allKeysOf(services, ownerId);
  if (keys.some((key) => key.name === name)) {
    throw new GatewayError('conflict', { message: `There is already a key named ${name}.`, param: 'name' });
  }
}

async function checkChosen(services: AdminServices, user: User, secret: string, taken: ErrorCode): Promise<void> {
  if (!roleHas(user.role, 'keys:any')) {
    throw new GatewayError('forbidden', { message: 'Only administrators choose the text of a key.' });
  }
  const { problem, holder } = await judgeSecret(services, secret);
  if (problem !== null) throw new InputRefused([{ path: 'key', message: problem }]);
  if (holder) throw new GatewayError(taken, { message: `${SECRET_TAKEN}.`, param: 'key' });
}
