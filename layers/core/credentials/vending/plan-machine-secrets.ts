import {
  DEFAULT_REQUESTS_PER_MINUTE,
  machineText,
  rotated,
  type MachineSecret,
  type MachineSecretStore,
  type MachineValue,
} from './machine-secret.ts';

/** A row of the configuration document; absent fields keep what is stored. */
interface Entry {
  name: string;
  secret?: string | undefined;
  requestsPerMinute?: number | undefined;
  enabled?: boolean | undefined;
}

interface PlanDeps {
  store: Pick<MachineSecretStore, 'list' | 'put'>;
  digestKey: (text: string) => Promise<{ digest: string; pepperVersion: string }>;
  preview: (secret: string) => string;
  now: number;
}

interface Plan {
  steps: {
    what: string;
    effect: 'created' | 'updated' | 'unchanged';
    prepare: (() => Promise<() => Promise<void>>) | null;
  }[];
  errors: { path: string; message: string }[];
  warnings: string[];
}

/** How long the value that a document replaces stays valid, so that machines can be moved one by one. */
const OVERLAP_MS = 86_400_000;

/** What a document does to machine secrets. The value before the last rotation, imported again, does not come back. */
export async function planMachineSecrets(deps: PlanDeps, entries: readonly Entry[]): Promise<Plan> {
  const plan: Plan = { steps: [], errors: [], warnings: [] };
  if (entries.length === 0) return plan;
  const stored = new Map((await deps.store.list()).map((secret) => [secret.name, secret]));
  const takenBy = new Map([...stored.values()].flatMap(digestsOf));
  const seen = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const at = `machineSecrets[${index}]`;
    const existing = stored.get(entry.name) ?? null;
    const value = entry.secret === undefined ? null : await valueOf(deps, entry.secret);
    const fault = faultOf({ entry, existing, isRepeated: seen.has(entry.name), takenBy, value });
    seen.add(entry.name);
    if (fault !== null) {
      plan.errors.push({ path: `${at}.${fault.field}`, message: fault.message });
      continue;
    }
    if (value !== null) takenBy.set(value.digest, entry.name);
    plan.steps.push(stepOf(deps, entry, existing, value));
  }
  return plan;
}

function digestsOf({ name, current, previous }: MachineSecret): [digest: string, name: string][] {
  return [current, ...(previous === null ? [] : [previous])].map(({ digest }) => [digest, name]);
}

function faultOf(facts: {
  entry: Entry;
  existing: MachineSecret | null;
  isRepeated: boolean;
  takenBy: ReadonlyMap<string, string>;
  value: MachineValue | null;
}): { field: string; message: string } | null {
  const { entry, existing, isRepeated, takenBy, value } = facts;
  if (isRepeated) return { field: 'name', message: 'Another machine secret of the document has this name' };
  if (value === null) {
    return existing === null ? { field: 'secret', message: 'A new machine secret needs its secret' } : null;
  }
  const holder = takenBy.get(value.digest);
  if (holder === undefined || holder === entry.name) return null;
  return { field: 'secret', message: 'This secret already belongs to another machine secret' };
}

async function valueOf({ digestKey, preview, now }: PlanDeps, secret: string): Promise<MachineValue> {
  return { ...(await digestKey(machineText(secret))), preview: preview(secret), createdAt: now };
}

function stepOf(
  deps: PlanDeps,
  entry: Entry,
  existing: MachineSecret | null,
  value: MachineValue | null,
): Plan['steps'][number] {
  const what = `machineSecrets/${entry.name}`;
  const { now } = deps;
  if (existing === null) {
    // A new one without a secret was refused before.
    if (value === null) throw new Error(`${what} has no secret.`);
    const { name, enabled = true, requestsPerMinute = DEFAULT_REQUESTS_PER_MINUTE } = entry;
    const stamps = { revision: 1, createdAt: now, updatedAt: now };
    const made = { name, enabled, requestsPerMinute, current: value, previous: null, ...stamps };
    return { what, effect: 'created', prepare: async () => () => put(deps, made) };
  }
  const { enabled = existing.enabled, requestsPerMinute = existing.requestsPerMinute } = entry;
  const isKnown = value === null || digestsOf(existing).some(([digest]) => digest === value.digest);
  if (isKnown && enabled === existing.enabled && requestsPerMinute === existing.requestsPerMinute) {
    return { what, effect: 'unchanged', prepare: null };
  }
  const base = isKnown
    ? { ...existing, revision: existing.revision + 1, updatedAt: now }
    : rotated(existing, value, { now, previousUntil: now + OVERLAP_MS });
  const changed = { ...base, enabled, requestsPerMinute };
  return { what, effect: 'updated', prepare: async () => () => put(deps, changed) };
}

async function put({ store }: PlanDeps, secret: MachineSecret): Promise<void> {
  if (await store.put(secret)) return;
  throw new Error(`The machine secret ${secret.name} was changed while it was imported.`);
}
