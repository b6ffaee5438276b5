import type { clientIdListInput, proxyListInput, reassignInput } from '@sluice/contract/credential-records';
import { checkProxyAddress } from '@sluice/core/catalog/upstream-address';
import { planProxies, type GivenProxy, type ProxyMember } from '@sluice/core/credentials/records/lists';
import { reassignAll, type ReassignReport, type ReassignTask } from '@sluice/core/credentials/records/reassign';
import { createSealer } from '@sluice/core/credentials/sealing';
import type { z } from 'zod';
import { InputRefused, notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';

type None = Record<string, never>;

/** Less than the function's own time; what is left by then is told. */
const MOST_MS = 40_000;

export async function listProxies(services: AdminServices): Promise<Answer> {
  return success({ proxies: (await services.lists.listProxies()).map(viewProxy) });
}

/** Records get members of the list at once, as far as there is time. */
export async function putProxies(
  services: AdminServices,
  { body, audit }: Call<z.infer<typeof proxyListInput>, None, Caller>,
): Promise<Answer> {
  const stored = await services.lists.listProxies();
  const given = await readProxies(services, body.proxies, stored);
  const sealer = async () => createSealer(await services.vaultKey());
  const members = await planProxies({ sealer, digest: services.digest }, given, stored);
  audit.after = { proxies: members.map(({ url }) => url) };
  await services.lists.putProxies(members);
  const report = await reassign(services, { proxies: true, clientIdsOf: [], cursor: null });
  return success({ proxies: members.map(viewProxy) }, { reassignment: viewReport(report) });
}

/** The password of a member is shown as stars, and is kept where it comes back so. */
function viewProxy({ id, url, auth }: ProxyMember) {
  return { id, url: auth === null ? url : url.replace('://', `://${MASK}@`), hasPassword: auth !== null };
}

const MASK = '********';
const MASKED = /^([a-z0-9]+:\/\/)(?:\*{8}|%2A{8})@(.+?)\/?$/i;

/** @throws InputRefused that names each address that is none */
async function readProxies(
  services: AdminServices,
  given: z.infer<typeof proxyListInput>['proxies'],
  stored: readonly ProxyMember[],
): Promise<(GivenProxy | ProxyMember)[]> {
  const { allowedUpstreamNetworks: allowedNetworks } = await services.catalog.readSettings();
  const faults: { path: string; message: string }[] = [];
  const proxies: (GivenProxy | ProxyMember)[] = [];
  for (const [index, one] of given.entries()) {
    const path = `proxies[${index}]`;
    const { url: address, id = null } = typeof one === 'string' ? { url: one.trim() } : one;
    if (address === '') continue;
    const masked = MASKED.exec(address);
    if (masked !== null) {
      const kept = stored.filter(({ url, auth }) => auth !== null && url === `${masked[1]}${masked[2]}`);
      const member = kept.find((known) => known.id === id) ?? (kept.length === 1 ? kept[0] : undefined);
      if (member === undefined) faults.push({ path, message: 'Its password is not known; give it again' });
      else proxies.push(member);
      continue;
    }
    const checked = checkProxyAddress({ url: address, allowedNetworks });
    if (!checked.ok) faults.push({ path, message: checked.message });
    else proxies.push({ url: checked.url, auth: checked.auth });
  }
  if (faults.length > 0) throw new InputRefused(faults);
  return proxies;
}

export async function showClientIds(
  services: AdminServices,
  { params }: Call<undefined, None, Caller>,
): Promise<Answer> {
  const { name = '' } = params;
  if (!(await services.vault.findUpstream(name))) throw notFound(`upstream ${name}`);
  return success({ clientIds: await services.lists.readClientIds(name) });
}

export async function putClientIds(
  services: AdminServices,
  { body, params }: Call<z.infer<typeof clientIdListInput>, None, Caller>,
): Promise<Answer> {
  const { name = '' } = params;
  if (!(await services.vault.findUpstream(name))) throw notFound(`upstream ${name}`);
  const clientIds = [...new Set(body.clientIds.map((id) => id.trim()).filter((id) => id !== ''))];
  await services.lists.putClientIds(name, clientIds);
  const report = await reassign(services, { proxies: false, clientIdsOf: [name], cursor: null });
  return success({ clientIds }, { reassignment: viewReport(report) });
}

/** Goes on where an earlier call had no time left; or brings all records to a list once more. */
export async function goOnReassigning(
  services: AdminServices,
  { body }: Call<z.infer<typeof reassignInput>, None, Caller>,
): Promise<Answer> {
  const { proxies, clientIdsOf, cursor = null } = body;
  return success(viewReport(await reassign(services, { proxies, clientIdsOf, cursor })));
}

function reassign(services: AdminServices, task: ReassignTask): Promise<ReassignReport> {
  const endsAt = services.clock() + MOST_MS;
  const mayGoOn = (): boolean => services.clock() < endsAt;
  return reassignAll({ ...services, random: Math.random, mayGoOn }, task);
}

function viewReport({ lookedAt, changed, next }: ReassignReport) {
  return { done: next === null, looked_at: lookedAt, changed, next };
}

/** For the audit log: addresses without passwords. */
export async function readProxyList(services: AdminServices): Promise<unknown> {
  return { proxies: (await services.lists.listProxies()).map(({ url }) => url) };
}

export async function readClientIdList(services: AdminServices, params: Record<string, string>): Promise<unknown> {
  return { clientIds: await services.lists.readClientIds(params['name'] ?? '') };
}
