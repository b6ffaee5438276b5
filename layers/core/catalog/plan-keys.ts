import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { generateApiKey, isPlausibleApiKey } from '@sluice/kit/ids/api-key';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import { isSameJson } from '@sluice/kit/json/same-json';
import type { ApiKey, IdentityStore, KeyChange, KeyLimits } from '../identity/store.ts';
import type { ConfigurationIssue, KeyEntry, KeyReport, SectionPlan, Step } from './configuration-types.ts';
import { findRepeats } from './repeats.ts';

export const SECRET_TAKEN = 'This secret already belongs to another key';

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
  const stored = new Map<string, ApiKey[]>();
  for (const [index, entry] of entries.entries()) {
    const owner = await deps.findOwner(entry.owner);
    if (!owner) {
      plan.errors.push({ path: `keys[${index}].owner`, message: `There is no user ${entry.owner}` });
      continue;
    }
    const ofOwner = stored.get(owner.id) ?? (await keysOf(deps, owner.id));
    stored.set(owner.id, ofOwner);
    const namesakes = ofOwner.filter((key) => key.name === entry.name);
    const secret = entry.secret === undefined ? null : await judgeSecret(deps, entry.secret);
    const holder = secret?.holder ?? null;
    const isNamesake = holder !== null && holder.ownerId === owner.id && holder.name === entry.name;
    if (secret?.problem || (holder && !isNamesake)) {
      plan.errors.push({ path: `keys[${index}].secret`, message: secret?.problem ?? SECRET_TAKEN });
      continue;
    }
    // Lists lag a moment behind; the look-up by digest does not.
    if (holder && !namesakes.some((key) => key.id === holder.id)) namesakes.push(holder);
    const what = `keys/${entry.owner}/${entry.name}`;
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

/** Whether a chosen secret may be a key's, and whose it is already. */
export async function judgeSecret(
  deps: Pick<KeyPlanDeps, 'identity' | 'digestKey'>,
  secret: string,
): Promise<{ problem: string | null; holder: ApiKey | null }> {
  if (!isPlausibleApiKey(secret)) {
    return { problem: 'A key that begins like a generated one must be one: its checksum is wrong', holder: null };
  }
  const { digest } = await deps.digestKey(secret);
  return { problem: null, holder: await deps.identity.findKeyByDigest(digest) };
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
  const row = await buildKey(deps, {
    ...input.entry,
    ownerId: input.ownerId,
    secret: input.entry.secret ?? generated ?? '',
  });
  const step: Step = {
    what: input.what,
    effect: input.namesakes.length > 0 ? 'updated' : 'created',
    // The new key first: should the process die between the two writes, the next import removes the old one.
    prepare: async () => async () => {
      await createKeyOrRefuse(deps.identity, row);
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
  const before = { ...NO_RULES, ...given(rulesOf(existing)) };
  const change = { ...before, ...given(rulesOf(entry)) };
  const same = isSameJson(change, before);
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

/** What a row has whose rules were never set. */
const NO_RULES = { allowedIps: [], channel: null, description: null, metadata: null };

function given<Rules extends object>(rules: Rules): Rules {
  return Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined)) as Rules;
}

/** What a document says of a key beside its name, owner and secret. */
function rulesOf(row: Partial<KeyRules>): Partial<KeyRules> {
  const { limits, models, enabled, expiresAt, allowedIps, channel, description, metadata } = row;
  return { limits, models, enabled, expiresAt, allowedIps, channel, description, metadata };
}

type KeyRules = { [Rule in Exclude<keyof KeyChange, 'name'>]: KeyChange[Rule] | undefined };

interface NewKey extends Omit<KeyEntry, 'owner'> {
  ownerId: string;
  secret: string;
}

/** The row of a new key; the secret itself is not in it. */
export async function buildKey(
  deps: Pick<KeyPlanDeps, 'digestKey' | 'preview' | 'now'>,
  input: NewKey,
): Promise<ApiKey> {
  const limits: KeyLimits = input.limits ?? {};
  return {
    id: createPrefixedId('key'),
    ownerId: input.ownerId,
    name: input.name,
    ...(await deps.digestKey(input.secret)),
    preview: deps.preview(input.secret),
    enabled: input.enabled ?? true,
    expiresAt: input.expiresAt ?? null,
    models: input.models ?? ['*'],
    limits,
    ...(input.allowedIps === undefined ? {} : { allowedIps: input.allowedIps }),
    ...(input.channel == null ? {} : { channel: input.channel }),
    ...(input.description == null ? {} : { description: input.description }),
    ...(input.metadata == null ? {} : { metadata: input.metadata }),
    createdAt: deps.now,
  };
}

/**
 * @param most how many keys the owner may have then; null or absent = any number
 * @throws GatewayError `conflict` when another call took the same secret meanwhile; `too_many_keys`
 */
export async function createKeyOrRefuse(
  identity: Pick<IdentityStore, 'createKey'>,
  key: ApiKey,
  most: number | null = null,
): Promise<void> {
  const outcome = await identity.createKey(key, most);
  if (outcome === 'secret-taken') throw new GatewayError('conflict', { message: `${SECRET_TAKEN}.`, param: 'key' });
  if (outcome === 'too-many') {
    throw new GatewayError('too_many_keys', { message: `A user may have at most ${most} keys. Delete one first.` });
  }
}
