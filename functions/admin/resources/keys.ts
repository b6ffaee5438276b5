import { pageQuery } from '@sluice/contract/envelopes';
import type { changeKeyInput, createKeyInput } from '@sluice/contract/keys';
import { buildKey, createKeyOrConflict, judgeSecret, SECRET_TAKEN } from '@sluice/core/catalog/plan-keys';
import { roleHas } from '@sluice/core/identity/permissions';
import type { ApiKey, User } from '@sluice/core/identity/store';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { generateApiKey } from '@sluice/kit/ids/api-key';
import { z } from 'zod';
import { InputRefused, notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';

export const ownerQuery = z.object({
  owner: z.string().min(1).max(320).optional().meta({ description: 'User name; administrators only.' }),
});
export const keyListQuery = ownerQuery.extend(pageQuery);

type None = Record<string, never>;

export async function listKeys(
  services: AdminServices,
  call: Call<undefined, z.infer<typeof keyListQuery>, Caller>,
): Promise<Answer> {
  const owner = await ownerOf(services, call.caller.user, call.query.owner);
  const page = await services.identity.listKeysOfOwner(owner.id, {
    limit: call.query.limit,
    cursor: call.query.cursor ?? null,
  });
  return success({ keys: page.items.map(viewKey), next_cursor: page.nextCursor });
}

/** The secret is in this answer and nowhere after it. */
export async function createKey(
  services: AdminServices,
  call: Call<z.infer<typeof createKeyInput>, z.infer<typeof ownerQuery>, Caller>,
): Promise<Answer> {
  const owner = await ownerOf(services, call.caller.user, call.query.owner);
  const { name, key: chosen, limits, models, expires_at: expiresAt } = call.body;
  await refuseTakenName(services, owner.id, name);
  if (chosen !== undefined) await checkChosen(services, call.caller.user, chosen);
  const secret = chosen ?? generateApiKey();
  const deps = { ...services, now: services.clock() };
  const key = await buildKey(deps, { ownerId: owner.id, name, secret, limits, models, expiresAt });
  await createKeyOrConflict(services.identity, key);
  return { ...success({ ...viewKey(key), key: secret, warnings: [] }), status: 201 };
}

export async function showKey(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  return success(viewKey(await reachableKey(services, call)));
}

export async function changeKey(
  services: AdminServices,
  call: Call<z.infer<typeof changeKeyInput>, None, Caller>,
): Promise<Answer> {
  const key = await reachableKey(services, call);
  const { name, is_active: enabled, expires_at: expiresAt, models, limits } = call.body;
  if (name !== undefined && name !== key.name) await refuseTakenName(services, key.ownerId, name);
  const given = { name, enabled, expiresAt, models, limits };
  const change = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const changed = await services.identity.updateKey(key.id, change);
  if (!changed) throw notFound('key of this id');
  return success(viewKey(changed), { warnings: [] });
}

export async function deleteKey(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  const key = await reachableKey(services, call);
  if (!(await services.identity.deleteKey(key.id))) throw notFound('key of this id');
  return { json: { success: true, message: 'The key is deleted.' } };
}

async function ownerOf(services: AdminServices, user: User, name: string | undefined): Promise<User> {
  if (name === undefined || name === user.username) return user;
  if (!roleHas(user.role, 'keys:any')) {
    throw new GatewayError('forbidden', { message: 'Your role reaches your own keys only.' });
  }
  const owner = await services.users.findByName(name);
  if (!owner) throw notFound(`user ${name}`);
  return owner;
}

/** Somebody else's key looks like no key to those who may not see it. */
async function reachableKey(
  services: AdminServices,
  call: { params: Record<string, string>; caller: Caller },
): Promise<ApiKey> {
  const key = await services.identity.findKeyById(call.params['id'] ?? '');
  const { user } = call.caller;
  if (!key || (key.ownerId !== user.id && !roleHas(user.role, 'keys:any'))) throw notFound('key of this id');
  return key;
}

async function refuseTakenName(services: AdminServices, ownerId: string, name: string): Promise<void> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof services.identity.listKeysOfOwner>> = await services.identity.listKeysOfOwner(
      ownerId,
      { limit: 100, cursor },
    );
    if (page.items.some((key) => key.name === name)) {
      throw new GatewayError('conflict', { message: `There is already a key named ${name}.`, param: 'name' });
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
}

async function checkChosen(services: AdminServices, user: User, secret: string): Promise<void> {
  if (!roleHas(user.role, 'keys:any')) {
    throw new GatewayError('forbidden', { message: 'Only administrators choose the text of a key.' });
  }
  const { problem, holder } = await judgeSecret(services, secret);
  if (problem !== null) throw new InputRefused([{ path: 'key', message: problem }]);
  if (holder) throw new GatewayError('conflict', { message: `${SECRET_TAKEN}.`, param: 'key' });
}

function viewKey(key: ApiKey) {
  return {
    id: key.id,
    name: key.name,
    owner_id: key.ownerId,
    preview: key.preview,
    is_active: key.enabled,
    models: key.models,
    limits: key.limits,
    expires_at: key.expiresAt === null ? null : new Date(key.expiresAt).toISOString(),
    created_at: new Date(key.createdAt).toISOString(),
    last_used_at: null,
  };
}
