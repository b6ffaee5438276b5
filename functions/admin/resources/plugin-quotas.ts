import type {
  accountStatusInput,
  consumptionQuery,
  lowQuotasQuery,
  ModelQuota,
  preferenceInput,
} from '@sluice/contract/plugin-api';
import type { Model } from '@sluice/core/catalog/store';
import type { Credential } from '@sluice/core/credentials/store';
import { HOUR_MS, maximumOf, numberOf, quotaOf, unitsOf } from '@sluice/core/sharing/pool-rules';
import type { Remaining } from '@sluice/core/sharing/remaining';
import { modelsOf, poolOf, poolRules, remainingByClass, settle } from '@sluice/core/sharing/sharing';
import type { OwnedCredential, PoolAccount, PoolUse } from '@sluice/core/sharing/store';
import { mapLimited } from '@sluice/kit/async/map-limited';
import type { z } from 'zod';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { assertNotSilenced, findMine, type Mine } from './plugin-accounts.ts';

type None = Record<string, never>;
const AT_ONCE = 8;

export async function showAccountQuotas(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  const mine = await findMine(services, call);
  return success(await quotasOf(services, mine, await services.catalog.listModels()));
}

export async function switchModel(
  services: AdminServices,
  call: Call<z.infer<typeof accountStatusInput>, None, Caller>,
): Promise<Answer> {
  assertNotSilenced(call.caller.user);
  const mine = await findMine(services, call);
  const name = call.params['model'] ?? '';
  const models = await services.catalog.listModels();
  if (!modelsOf(models, mine.credential.upstream).some((model) => model.name === name)) {
    throw notFound('model of this name at the account');
  }
  const others = mine.owned.modelsOff.filter((model) => model !== name);
  const modelsOff = call.body.status === 1 ? others : [...others, name].toSorted();
  const pair = await settle(services, mine.owned, { modelsOff });
  if (!pair?.credential) throw notFound('account of this id');
  const quotas = await quotasOf(services, { owned: pair.owned, credential: pair.credential }, models);
  const message = `The account is ${call.body.status === 1 ? 'used' : 'not used'} for ${name}.`;
  return success(
    quotas.find((quota) => quota.model_name === name),
    { message },
  );
}

async function quotasOf(
  services: AdminServices,
  { owned, credential }: { owned: Pick<OwnedCredential, 'modelsOff'>; credential: Credential },
  models: readonly Model[],
): Promise<ModelQuota[]> {
  const remaining = await remainingByClass(services, credential);
  return modelsOf(models, credential.upstream).map((model) => {
    const { fraction, resetAt } = remaining(model.class);
    return {
      account_id: credential.id,
      model_name: model.name,
      quota: numberOf(fraction),
      reset_time: instant(resetAt),
      status: owned.modelsOff.includes(model.name) ? 0 : 1,
      exhausted: fraction === 0,
      last_fetched_at: new Date(services.clock()).toISOString(),
    };
  });
}

export async function listUserQuotas(
  services: AdminServices,
  { caller }: Call<undefined, None, Caller>,
): Promise<Answer> {
  const [account, settings] = await Promise.all([poolOf(services, caller.user.id), services.catalog.readSettings()]);
  const rules = poolRules(settings);
  const models = [...new Set([...Object.keys(account.quotas), ...Object.keys(account.shared)])].toSorted();
  return success(
    models.map((model) => {
      const pool = {
        quota: quotaOf(account.quotas, model),
        shared: quotaOf(account.shared, model),
        owed: quotaOf(account.owed, model),
      };
      return {
        user_id: account.userId,
        model_name: model,
        quota: numberOf(pool.quota),
        max_quota: numberOf(maximumOf(pool, rules)),
        shared_accounts: pool.shared,
        recovery_per_hour: numberOf(pool.shared * rules.recoveryPerHour),
        last_recovered_at: new Date(account.recoveredHour * HOUR_MS).toISOString(),
      };
    }),
  );
}

interface Lent extends Mine {
  remaining: (quotaClass: Model['class']) => Remaining;
}

export async function showSharedPool(
  services: AdminServices,
  { caller }: Call<undefined, None, Caller>,
): Promise<Answer> {
  const [models, lent, account] = await Promise.all([
    services.catalog.listModels(),
    listLent(services),
    poolOf(services, caller.user.id),
  ]);
  const now = new Date(services.clock()).toISOString();
  const quotas = models.flatMap((model) => {
    const serving = lent.filter(
      ({ owned }) => owned.counted.includes(model.name) && !owned.modelsOff.includes(model.name),
    );
    if (serving.length === 0) return [];
    const left = serving.map(({ remaining }) => remaining(model.class));
    const available = left.filter(({ fraction }) => fraction > 0).length;
    const resets = left.map(({ resetAt }) => resetAt).filter((at) => at !== null);
    return {
      model_name: model.name,
      total_quota: numberOf(left.reduce((sum, { fraction }) => sum + fraction, 0)),
      earliest_reset_time: resets.length > 0 ? instant(Math.min(...resets)) : null,
      available_cookies: available,
      available_accounts: available,
      status: available > 0 ? 1 : 0,
      last_fetched_at: now,
    };
  });
  return success({ quotas, user_consumption: viewTotals(account) });
}

/** Everything that is shared and in use, by whomever. */
async function listLent(services: AdminServices): Promise<Lent[]> {
  const lent: Lent[] = [];
  for (const { name: upstream } of await services.vault.listUpstreams()) {
    const owned = (await services.owned.listOfUpstream(upstream)).filter(({ counted }) => counted.length > 0);
    if (owned.length === 0) continue;
    const credentials = new Map((await services.vault.listCredentials(upstream)).map((one) => [one.id, one]));
    const found = await mapLimited(owned, AT_ONCE, async (one) => {
      const credential = credentials.get(one.credentialId);
      if (!credential?.enabled) return null;
      return { owned: one, credential, remaining: await remainingByClass(services, credential) };
    });
    lent.push(...found.filter((one) => one !== null));
  }
  return lent;
}

function viewTotals({ uses }: PoolAccount) {
  return {
    total_requests: uses.sharedRequests + uses.privateRequests,
    total_quota_consumed: numberOf(uses.sharedConsumed + uses.privateConsumed),
    shared_requests: uses.sharedRequests,
    shared_quota_consumed: numberOf(uses.sharedConsumed),
    private_requests: uses.privateRequests,
    private_quota_consumed: numberOf(uses.privateConsumed),
  };
}

export async function listConsumption(
  services: AdminServices,
  { caller, query }: Call<undefined, z.infer<typeof consumptionQuery>, Caller>,
): Promise<Answer> {
  const { limit, cursor = null, start_date: from, end_date: until } = query;
  const { uses, nextCursor } = await services.pools.listUses(caller.user.id, {
    limit,
    cursor,
    from: from === undefined ? null : Date.parse(from),
    until: until === undefined ? null : endOf(until),
    nowMs: services.clock(),
  });
  const pagination = { limit, next_cursor: nextCursor, has_more: nextCursor !== null };
  return success(uses.map(viewUse), { pagination });
}

/** A day is meant to its end. */
function endOf(date: string): number {
  return Date.parse(date) + (date.length === 'YYYY-MM-DD'.length ? 24 * HOUR_MS : 0);
}

function viewUse(use: PoolUse) {
  return {
    log_id: use.requestId,
    user_id: use.userId,
    account_id: use.credentialId,
    model_name: use.model,
    quota_before: numberOf(use.quotaBefore),
    quota_after: numberOf(use.quotaAfter),
    quota_consumed: numberOf(use.consumed),
    is_shared: use.isShared ? 1 : 0,
    consumed_at: new Date(use.at).toISOString(),
  };
}

export async function showPreference(
  services: AdminServices,
  { caller }: Call<undefined, None, Caller>,
): Promise<Answer> {
  return success(viewPreference(await poolOf(services, caller.user.id)));
}

export async function setPreference(
  services: AdminServices,
  { caller, body }: Call<z.infer<typeof preferenceInput>, None, Caller>,
): Promise<Answer> {
  const preferShared = body.prefer_shared === 1;
  const account = await poolOf(services, caller.user.id);
  const changed = (await services.pools.prefer(caller.user.id, preferShared)) ?? account;
  const message = `${preferShared ? 'Shared' : 'Your own exclusive'} accounts are asked first.`;
  return success(viewPreference({ ...changed, preferShared }), { message });
}

function viewPreference({ userId, preferShared, createdAt }: PoolAccount) {
  return { user_id: userId, prefer_shared: preferShared ? 1 : 0, created_at: new Date(createdAt).toISOString() };
}

/** Of all credentials, the operators' own too: what has less left than the threshold, least first. */
export async function listLowQuotas(
  services: AdminServices,
  { query }: Call<undefined, z.infer<typeof lowQuotasQuery>, Caller>,
): Promise<Answer> {
  const threshold = unitsOf(query.threshold);
  const models = await services.catalog.listModels();
  const low: (ModelQuota & { upstream: string; name: string; user_id: string | null; is_shared: 0 | 1 })[] = [];
  for (const { name: upstream } of await services.vault.listUpstreams()) {
    const [credentials, owned] = await Promise.all([
      services.vault.listCredentials(upstream),
      services.owned.listOfUpstream(upstream),
    ]);
    const marks = new Map(owned.map((one) => [one.credentialId, one]));
    const lists = await mapLimited(credentials, AT_ONCE, async (credential) => {
      const mark = marks.get(credential.id);
      const quotas = await quotasOf(services, { owned: mark ?? { modelsOff: [] }, credential }, models);
      const whose = {
        upstream,
        name: mark?.name ?? credential.name,
        user_id: mark?.ownerId ?? null,
        is_shared: mark?.sharing === 'shared' ? (1 as const) : (0 as const),
      };
      return quotas.filter(({ quota }) => unitsOf(quota) < threshold).map((quota) => ({ ...quota, ...whose }));
    });
    low.push(...lists.flat());
  }
  return success(low.toSorted((left, right) => left.quota - right.quota));
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
