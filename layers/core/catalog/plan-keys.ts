import { isDeepStrictEqual } from 'node:util';
import { GatewayError } from '../../kit/errors/gateway-error.ts';
import { generateApiKey, isPlausibleApiKey } from '../../kit/ids/api-key.ts';
import { createPrefixedId } from '../../kit/ids/prefixed-id.ts';
import type { ApiKey, IdentityStore, KeyLimits } from '../identity/store.ts';
import type { ConfigurationIssue, KeyEntry, KeyReport, SectionPlan, Step } from './configuration-types.ts';
import { findRepeats } from './repeats.ts';

export const LIMITS_DO_NOT_BIND = 'limits are stored, but they do not bind yet';

export interface KeyPlanDeps {
  identity: Pick<IdentityStore, 'findKeyByDigest' | 'listKeysOfOwner' | 'createKey' | 'updateKey' | 'deleteKey'>;
  findOwner: (name: string) => Promise<{ id: string } | null>;
  /** @param version the pepper to use; the current one when absent */
  digestKey: (secret: string, version?: string) => Promise<{ digest: string; pepperVersion: string }>;
  preview: (secret: string) => string;
  now: number;
}

export async function planKeys(
  deps: KeyPlanDeps,
  entries: readonly KeyEntry[],
): Promise<SectionPlan & { keys: KeyReport[] }> {
  const plan = {
    steps: [] as Step[],
    errors: [] as ConfigurationIssue[],
    warnings: [] as string[],
    keys: [] as KeyReport[],
  };
  const secrets = entries.map((entry, index) => entry.secret ?? `\n${index}`);
  plan.errors.push(...findRepeats('keys', 'name', entries, (entry) => `${entry.owner}\n${entry.name}`));
  plan.errors.push(...findRepeats('keys', 'secret', secrets, (secret) => secret));
  for (const [index, entry] of entries.entries()) {
    const owner = await deps.findOwner(entry.owner);
    if (!owner) {
      plan.errors.push({ path: `keys[${index}].owner`, message: `There is no user ${entry.owner}` });
      continue;
    }
    const namesakes = (await keysOf(deps, owner.id)).filter((key) => key.name === entry.name);
    const problem = entry.secret === undefined ? null : await problemOf(deps, entry.secret, namesakes);
    if (problem !== null) {
      plan.errors.push({ path: `keys[${index}].secret`, message: problem });
      continue;
    }
    const what = `keys/${entry.owner}/${entry.name}`;
    if (entry.limits && Object.keys(entry.limits).length > 0) plan.warnings.push(`${what}: ${LIMITS_DO_NOT_BIND}`);
    const { step, generated } = await planKey(deps, { what, entry, ownerId: owner.id, namesakes });
    plan.steps.push(step);
    plan.keys.push({ name: entry.name, owner: entry.owner, ...(generated === null ? {} : { secret: generated }) });
  }
  return plan;
}

async function keysOf(deps: KeyPlanDeps, ownerId: string): Promise<ApiKey[]> {
  const keys: ApiKey[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<KeyPlanDeps['identity']['listKeysOfOwner']>> = await deps.identity.listKeysOfOwner(
      ownerId,
      { limit: 100, cursor },
    );
    keys.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return keys;
}

/** What is wrong with a chosen secret; null when it may be used for a key that replaces `namesakes`. */
export async function problemOf(
  deps: Pick<KeyPlanDeps, 'identity' | 'digestKey'>,
  secret: string,
  namesakes: readonly ApiKey[],
): Promise<string | null> {
  if (!isPlausibleApiKey(secret)) {
    return 'A key that begins like a generated one must be one: its checksum is wrong';
  }
  const { digest } = await deps.digestKey(secret);
  const holder = await deps.identity.findKeyByDigest(digest);
  const taken = holder !== null && !namesakes.some((key) => key.id === holder.id);
  return taken ? 'This secret already belongs to another key' : null;
}

interface PlannedKey {
  what: string;
  entry: KeyEntry;
  ownerId: string;
  namesakes: readonly ApiKey[];
}

async function planKey(deps: KeyPlanDeps, input: PlannedKey): Promise<{ step: Step; generated: string | null }> {
  const existing = await findExisting(deps, input.entry.secret, input.namesakes);
  if (existing) return { step: planChange(deps, input, existing), generated: null };
  const generated = input.entry.secret === undefined ? generateApiKey() : null;
  const row = await newKey(deps, input, input.entry.secret ?? generated ?? '');
  const step: Step = {
    what: input.what,
    effect: input.namesakes.length > 0 ? 'updated' : 'created',
    // The new key first: should the process die between the two writes, the next import removes the old one.
    prepare: async () => async () => {
      await createKeyOrConflict(deps.identity, row);
      for (const old of input.namesakes) await deps.identity.deleteKey(old.id);
    },
  };
  return { step, generated };
}

/** The stored key that the entry means: by its secret where one is chosen, else by its name. */
async function findExisting(
  deps: KeyPlanDeps,
  secret: string | undefined,
  namesakes: readonly ApiKey[],
): Promise<ApiKey | null> {
  if (secret === undefined) return namesakes[0] ?? null;
  for (const key of namesakes) {
    const { digest } = await deps.digestKey(secret, key.pepperVersion);
    if (digest === key.digest) return key;
  }
  return null;
}

function planChange(deps: KeyPlanDeps, input: PlannedKey, existing: ApiKey): Step {
  const { entry, what } = input;
  const extra = entry.secret === undefined ? [] : input.namesakes.filter((key) => key.id !== existing.id);
  const change = {
    limits: entry.limits ?? existing.limits,
    models: entry.models ?? existing.models,
    enabled: entry.enabled ?? existing.enabled,
    expiresAt: entry.expiresAt === undefined ? existing.expiresAt : entry.expiresAt,
  };
  const { limits, models, enabled, expiresAt } = existing;
  const same = isDeepStrictEqual(withoutAbsent(change), withoutAbsent({ limits, models, enabled, expiresAt }));
  if (same && extra.length === 0) return { what, effect: 'unchanged', prepare: null };
  return {
    what,
    effect: 'updated',
    prepare: async () => async () => {
      await deps.identity.updateKey(existing.id, change);
      for (const old of extra) await deps.identity.deleteKey(old.id);
    },
  };
}

async function newKey(deps: KeyPlanDeps, input: PlannedKey, secret: string): Promise<ApiKey> {
  const { entry } = input;
  const limits: KeyLimits = entry.limits ?? {};
  return {
    id: createPrefixedId('key'),
    ownerId: input.ownerId,
    name: entry.name,
    ...(await deps.digestKey(secret)),
    preview: deps.preview(secret),
    enabled: entry.enabled ?? true,
    expiresAt: entry.expiresAt ?? null,
    models: entry.models ?? ['*'],
    limits,
    createdAt: deps.now,
    lastUsedAt: null,
  };
}

/** @throws GatewayError `conflict` when another call took the same secret meanwhile */
export async function createKeyOrConflict(identity: Pick<IdentityStore, 'createKey'>, key: ApiKey): Promise<void> {
  if ((await identity.createKey(key)) === 'secret-taken') {
    throw new GatewayError('conflict', { message: 'This secret already belongs to another key.', param: 'key' });
  }
}

/** Stored maps leave out what was never set; `undefined` members must not look like a change. */
function withoutAbsent<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
