import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import { isSameJson } from '@sluice/kit/json/same-json';
import type { Credential, SealedValue, VaultStore } from '../credentials/store.ts';
import type { CredentialEntry, SectionPlan, Step } from './configuration-types.ts';
import { findRepeats } from './repeats.ts';
import { checkProxyAddress } from './upstream-address.ts';

export interface CredentialPlanDeps {
  vault: VaultStore;
  now: number;
  /** Seals a secret to the vault, bound to its row. */
  sealSecret: (secret: string, row: Pick<Credential, 'upstream' | 'id'>) => Promise<SealedValue>;
  /** Keyed digest of a text, so that an unchanged secret is known without reading it. */
  digest: (text: string) => Promise<string>;
}

/** @param knownUpstreams names that are stored or come with the same document */
export async function planCredentials(
  deps: CredentialPlanDeps,
  entries: readonly CredentialEntry[],
  allowedNetworks: readonly string[],
  knownUpstreams: ReadonlySet<string>,
): Promise<SectionPlan> {
  const plan: SectionPlan = { steps: [], errors: [], warnings: [] };
  plan.errors.push(...findRepeats('credentials', 'name', entries, (entry) => `${entry.upstream}\n${entry.name}`));
  const stored = new Map<string, Credential[]>();
  for (const [index, entry] of entries.entries()) {
    const path = `credentials[${index}]`;
    if (!knownUpstreams.has(entry.upstream)) {
      plan.errors.push({ path: `${path}.upstream`, message: `There is no upstream ${entry.upstream}` });
      continue;
    }
    const siblings = stored.get(entry.upstream) ?? (await deps.vault.listCredentials(entry.upstream));
    stored.set(entry.upstream, siblings);
    const existing = siblings.find((credential) => credential.name === entry.name) ?? null;
    if (!existing && entry.secret === undefined) {
      plan.errors.push({ path: `${path}.secret`, message: 'A new credential needs its secret' });
      continue;
    }
    const proxy = entry.proxyUrl ? checkProxyAddress({ url: entry.proxyUrl, allowedNetworks }) : null;
    if (proxy && !proxy.ok) {
      plan.errors.push({ path: `${path}.proxyUrl`, message: proxy.message });
      continue;
    }
    const proxyUrl = proxy ? proxy.url : entry.proxyUrl;
    plan.steps.push(await planCredential(deps, { ...entry, proxyUrl }, existing));
  }
  return plan;
}

/** @param existing the row that the entry changes; null makes a new one */
async function planCredential(
  deps: CredentialPlanDeps,
  entry: CredentialEntry,
  existing: Credential | null,
): Promise<Step> {
  const what = `credentials/${entry.upstream}/${entry.name}`;
  const { secret } = entry;
  const digest = secret === undefined ? null : await deps.digest(`credential|${entry.upstream}|${secret}`);
  const fields = {
    id: existing?.id ?? createPrefixedId('crd'),
    upstream: entry.upstream,
    name: entry.name,
    kind: entry.kind,
    tier: entry.tier ?? existing?.tier ?? 'basic',
    priority: entry.priority ?? existing?.priority ?? 0,
    weight: entry.weight ?? existing?.weight ?? 1,
    enabled: entry.enabled ?? existing?.enabled ?? true,
    proxyUrl: entry.proxyUrl === undefined ? (existing?.proxyUrl ?? null) : entry.proxyUrl,
    limits: entry.limits ?? existing?.limits ?? {},
  } satisfies Partial<Credential>;
  const sameSecret = digest === null || digest === existing?.secretDigest;
  if (existing && sameSecret && sameFields(existing, fields)) return { what, effect: 'unchanged', prepare: null };
  return {
    what,
    effect: existing ? 'updated' : 'created',
    prepare: async () => {
      const sealed =
        existing && (sameSecret || secret === undefined)
          ? existing.secret
          : await deps.sealSecret(secret ?? '', fields);
      const secretDigest = digest ?? existing?.secretDigest ?? '';
      const createdAt = existing?.createdAt ?? deps.now;
      const row: Credential = { ...fields, secret: sealed, secretDigest, createdAt, updatedAt: deps.now };
      return () => deps.vault.putCredential(row);
    },
    ...(existing &&
      existing.enabled !== fields.enabled && {
        switched: { upstream: fields.upstream, id: fields.id, enabled: fields.enabled },
      }),
  };
}

function sameFields(
  existing: Credential,
  fields: Omit<Credential, 'secret' | 'secretDigest' | 'createdAt' | 'updatedAt'>,
) {
  return (
    existing.kind === fields.kind &&
    existing.tier === fields.tier &&
    existing.priority === fields.priority &&
    existing.weight === fields.weight &&
    existing.enabled === fields.enabled &&
    existing.proxyUrl === fields.proxyUrl &&
    isSameJson(existing.limits, fields.limits)
  );
}
