import type {
  changeMachineSecretInput,
  createMachineSecretInput,
  MachineSecretView,
  rotateMachineSecretInput,
} from '@sluice/contract/machine-secrets';
import {
  DEFAULT_REQUESTS_PER_MINUTE,
  generateMachineSecret,
  machineText,
  MOST_MACHINE_SECRETS,
  rotated,
  useName,
  type MachineSecret,
  type MachineValue,
} from '@sluice/core/credentials/vending/machine-secret';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { z } from 'zod';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';

type None = Record<string, never>;

export async function listMachineSecrets(services: AdminServices): Promise<Answer> {
  const [secrets, uses] = await Promise.all([services.machineSecrets.list(), services.machineSecrets.listUses()]);
  const now = services.clock();
  return success(secrets.map((secret) => viewSecret(secret, uses, now)));
}

export async function showMachineSecret(
  services: AdminServices,
  { params }: Call<undefined, None, Caller>,
): Promise<Answer> {
  return success(await viewOne(services, await findOrRefuse(services, params)));
}

export async function createMachineSecret(
  services: AdminServices,
  { body, audit }: Call<z.infer<typeof createMachineSecretInput>, None, Caller>,
): Promise<Answer> {
  const { machineSecrets, clock } = services;
  const stored = await machineSecrets.list();
  if (stored.length >= MOST_MACHINE_SECRETS) {
    throw new GatewayError('conflict', { message: `There are ${MOST_MACHINE_SECRETS} machine secrets already.` });
  }
  const { text, value } = await makeValue(services, { given: body.secret, stored });
  const now = clock();
  const { name, enabled, requestsPerMinute = DEFAULT_REQUESTS_PER_MINUTE } = body;
  const made: MachineSecret = {
    name,
    enabled,
    requestsPerMinute,
    current: value,
    previous: null,
    revision: 1,
    createdAt: now,
    updatedAt: now,
  };
  audit.target = name;
  audit.after = noteOf(made);
  if (!(await machineSecrets.put(made))) {
    throw new GatewayError('conflict', { message: `There is a machine secret named ${name} already.`, param: 'name' });
  }
  return { ...success({ ...(await viewOne(services, made)), secret: text }), status: 201 };
}

export async function changeMachineSecret(
  services: AdminServices,
  { body, params, audit }: Call<z.infer<typeof changeMachineSecretInput>, None, Caller>,
): Promise<Answer> {
  const known = await findOrRefuse(services, params);
  const { enabled = known.enabled, requestsPerMinute = known.requestsPerMinute } = body;
  const changed = { ...known, enabled, requestsPerMinute, revision: known.revision + 1, updatedAt: services.clock() };
  audit.before = noteOf(known);
  audit.after = noteOf(changed);
  await putChanged(services, changed);
  return success(await viewOne(services, changed));
}

/** Another value; the present one stays valid for as long as asked, so that machines can be moved one by one. */
export async function rotateMachineSecret(
  services: AdminServices,
  { body, params, audit }: Call<z.infer<typeof rotateMachineSecretInput>, None, Caller>,
): Promise<Answer> {
  const known = await findOrRefuse(services, params);
  const stored = await services.machineSecrets.list();
  const { text, value } = await makeValue(services, { given: body.secret, stored });
  const now = services.clock();
  const validMs = body.previousValidForSeconds * 1000;
  const changed = rotated(known, value, { now, previousUntil: validMs === 0 ? null : now + validMs });
  audit.before = noteOf(known);
  audit.after = noteOf(changed);
  await putChanged(services, changed);
  return success({ ...(await viewOne(services, changed)), secret: text });
}

/** The value before the last rotation ends now. */
export async function endPreviousMachineSecret(
  services: AdminServices,
  { params, audit }: Call<undefined, None, Caller>,
): Promise<Answer> {
  const known = await findOrRefuse(services, params);
  const changed = { ...known, previous: null, revision: known.revision + 1, updatedAt: services.clock() };
  audit.before = noteOf(known);
  audit.after = noteOf(changed);
  await putChanged(services, changed);
  return success(await viewOne(services, changed));
}

export async function deleteMachineSecret(
  services: AdminServices,
  { params, audit }: Call<undefined, None, Caller>,
): Promise<Answer> {
  const known = await findOrRefuse(services, params);
  audit.before = noteOf(known);
  await services.machineSecrets.delete(known.name);
  return { json: { success: true, message: `The machine secret ${known.name} is deleted.` } };
}

async function findOrRefuse(services: AdminServices, params: Record<string, string>): Promise<MachineSecret> {
  const found = await services.machineSecrets.find(params['name'] ?? '');
  if (!found) throw notFound('machine secret of this name');
  return found;
}

async function putChanged({ machineSecrets }: AdminServices, changed: MachineSecret): Promise<void> {
  if (await machineSecrets.put(changed)) return;
  throw new GatewayError('conflict', { message: 'The machine secret was changed meanwhile. Please read it again.' });
}

async function makeValue(
  services: AdminServices,
  { given, stored }: { given: string | undefined; stored: readonly MachineSecret[] },
): Promise<{ text: string; value: MachineValue }> {
  const text = given ?? generateMachineSecret();
  const { digest, pepperVersion } = await services.digestKey(machineText(text));
  const isTaken = stored.some(({ current, previous }) => current.digest === digest || previous?.digest === digest);
  if (isTaken) {
    throw new GatewayError('invalid_field', { message: 'This secret is in use already.', param: 'secret' });
  }
  return { text, value: { digest, pepperVersion, preview: services.preview(text), createdAt: services.clock() } };
}

async function viewOne(services: AdminServices, secret: MachineSecret): Promise<MachineSecretView> {
  return viewSecret(secret, await services.machineSecrets.listUses(), services.clock());
}

function viewSecret(secret: MachineSecret, uses: ReadonlyMap<string, number>, now: number): MachineSecretView {
  const { name, enabled, requestsPerMinute, current, previous, updatedAt } = secret;
  const viewValue = ({ preview, createdAt, digest }: MachineValue) => {
    const usedAt = uses.get(useName(digest));
    return { preview, createdAt: isoTime(createdAt), lastUsedAt: usedAt === undefined ? null : isoTime(usedAt) };
  };
  return {
    name,
    enabled,
    requestsPerMinute,
    ...viewValue(current),
    previous:
      previous !== null && previous.validUntil > now
        ? { ...viewValue(previous), validUntil: isoTime(previous.validUntil) }
        : null,
    updatedAt: isoTime(updatedAt),
  };
}

/** For the audit log: which value, never the value. */
function noteOf({ enabled, requestsPerMinute, current, previous }: MachineSecret): Record<string, unknown> {
  const until = previous && isoTime(previous.validUntil);
  return { enabled, requestsPerMinute, valueSince: isoTime(current.createdAt), previousValidUntil: until };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
