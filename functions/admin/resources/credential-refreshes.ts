import type { batchRefreshInput, refreshAllInput } from '@sluice/contract/credential-refreshes';
import type { ManyResult } from '@sluice/core/credentials/refresh/refresh-many';
import type { Credential } from '@sluice/core/credentials/store';
import type { z } from 'zod';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';

type None = Record<string, never>;

interface Item {
  upstream: string;
  id: string;
  /** Null: there is none. */
  credential: Credential | null;
}

/** One grant each, now. What fails is told beside what succeeds. */
export async function refreshBatch(
  services: AdminServices,
  { body }: Call<z.infer<typeof batchRefreshInput>, None, Caller>,
): Promise<Answer> {
  const since = services.clock();
  const asked = new Map(body.items.map((item) => [`${item.upstream}\n${item.id}`, item]));
  const places = [...asked.values()].map(({ upstream, id }) => ({ upstream, credentialId: id }));
  const found = new Map((await services.records.findMany(places)).map((one) => [`${one.upstream}\n${one.id}`, one]));
  const items = [...asked].map(([key, item]) => ({ ...item, credential: found.get(key) ?? null }));
  return success(await refreshItems(services, items, since));
}

/** All that are enabled, page by page. */
export async function refreshAll(
  services: AdminServices,
  { body }: Call<z.infer<typeof refreshAllInput>, None, Caller>,
): Promise<Answer> {
  const since = services.clock();
  const { upstream, limit, cursor = null } = body;
  const page = await services.records.list({ kind: 'oauth', enabled: true, upstream }, { limit, cursor });
  const items = page.credentials
    .filter((one) => one.kind === 'oauth' && one.enabled && (upstream === undefined || one.upstream === upstream))
    .map((credential) => ({ upstream: credential.upstream, id: credential.id, credential }));
  return success({ ...(await refreshItems(services, items, since)), nextCursor: page.nextCursor });
}

async function refreshItems(services: AdminServices, items: readonly Item[], since: number) {
  const own = items.filter(({ credential }) => credential?.kind === 'oauth');
  const keys = own.map(({ upstream, id }) => ({ upstream, credentialId: id }));
  const outcomes = keys.length === 0 ? [] : await services.askRefreshMany(keys, since);
  const byItem = new Map(own.map((item, index) => [item, outcomes[index]]));
  const results = items.map((item) => viewResult(item, byItem.get(item)));
  const succeeded = results.filter((result) => result.success).length;
  return { total: results.length, success: succeeded, fail: results.length - succeeded, results };
}

function viewResult({ upstream, id, credential }: Item, result: ManyResult | undefined) {
  const { outcome, text } = result ?? refusalOf(credential);
  const isDone = outcome === 'refreshed' || outcome === 'current';
  return { upstream, id, name: credential?.name ?? null, success: isDone, outcome, message: text };
}

function refusalOf(credential: Credential | null): { outcome: string; text: string } {
  if (credential === null) return { outcome: 'not-found', text: 'There is no such credential.' };
  return { outcome: 'failed', text: `A credential of kind ${credential.kind} is not refreshed.` };
}
